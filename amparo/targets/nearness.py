"""Which areas a point may belong to, when the outlines are thinner than the truth."""

from __future__ import annotations

from math import cos, radians, sin
from typing import TYPE_CHECKING

from amparo.targets.extents import EXTENTS

if TYPE_CHECKING:
    from amparo.targets.outlines import Outlines

#: How far from a drawn line the true one may run, in the units of the coordinate system. Of 100,000 British postcodes
#: that outlines at 500 m misplace, all lie within 500 m of a line; the outlines in degrees that are in circulation are
#: drawn at 1:20,000,000, where one tenth of a millimeter is 2 km, and 0.02 degrees are 2.2 km.
DOUBT = {"EPSG:27700": 500.0, "EPSG:4326": 0.02}

_COMPASS = tuple((cos(radians(angle)), sin(radians(angle))) for angle in range(0, 360, 45))


def areas_near(outlines: Outlines, x: float, y: float) -> list[str]:
    """The area at the point first, then those that begin within the doubt of the outlines. Raises `OutsideExtent`."""
    found = dict.fromkeys(outlines.locate(x, y))
    doubt = DOUBT[outlines.crs]
    if found and outlines.distance_to_border(x, y) > doubt:
        return list(found)
    left, bottom, right, top = EXTENTS[outlines.crs]
    for reach in (doubt / 2, doubt):
        for east, north in _COMPASS:
            near_x, near_y = x + east * reach, y + north * reach
            if left <= near_x <= right and bottom <= near_y <= top:
                found |= dict.fromkeys(outlines.locate(near_x, near_y))
    return list(found)
