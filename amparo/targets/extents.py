"""How far each system of coordinates reaches that outlines may be drawn in."""

from __future__ import annotations

#: (x least, y least, x most, y most) that each coordinate system has. For EPSG:27700 that is the National
#: Grid with a square to spare on the west and south, where territorial waters reach.
EXTENTS: dict[str, tuple[float, float, float, float]] = {
    "EPSG:4326": (-180.0, -90.0, 180.0, 90.0),
    "EPSG:27700": (-100_000.0, -100_000.0, 700_000.0, 1_300_000.0),
}
