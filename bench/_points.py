"""From a point to its seat, beside trying every bounding box in turn."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape

from amparo.targets import outlines
from bench import _kingdom

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def measure_outlines(folder: Path, number: int) -> None:
    """Points to seats, beside trying every bounding box and then the prepared outline."""
    features = _kingdom.read_outlines()
    if not features:
        print("\nPoints to seats: not measured, the published outlines are not here.")
        return
    started = time.perf_counter()
    outlines.build(folder / "outlines", features, crs="EPSG:27700")
    built = time.perf_counter() - started
    started = time.perf_counter()
    kingdom = outlines.Outlines.load(folder / "outlines")
    loaded = time.perf_counter() - started
    places = [row for row in _kingdom.read_points() if row.seat]
    drawn = random.Random(3).choices(places, k=number)
    points: list[Any] = [row.point for row in drawn]
    linear = _make_linear(features)
    speeds = [_time_points(locate, points) for locate in (kingdom.locate, linear, kingdom.distance_to_border)]
    agreed = sum(kingdom.locate(*row.point) == [row.seat] for row in drawn if row.point) / len(drawn)
    size = (folder / "outlines").stat().st_size / 1e6
    print(
        f"\nPoints to seats, {len(kingdom.codes)} outlines, {size:.2f} MB, built in {built:.2f} s, "
        f"loaded in {loaded * 1e3:.1f} ms; {agreed:.2%} agree with the table:\n"
        f"  tree {speeds[0]:,.0f} a second, every box in turn {speeds[1]:,.0f} "
        f"({speeds[0] / speeds[1]:.1f}x), distance to a border {speeds[2]:,.0f}"
    )


def _make_linear(features: list[tuple[str, Any]]) -> Callable[[float, float], list[str]]:
    seats = [(code, polygon, polygon.bounds) for code, feature in features for polygon in [shape(feature)]]
    shapely.prepare([polygon for _code, polygon, _bounds in seats])

    def locate(x: float, y: float) -> list[str]:
        near = [
            (code, polygon) for code, polygon, box in seats if box[0] <= x <= box[2] and box[1] <= y <= box[3]
        ]
        return [code for code, polygon in near if shapely.intersects_xy(polygon, x, y)]

    return locate


def _time_points(ask: Callable[[float, float], object], points: list[tuple[int, int]]) -> float:
    ask(*points[0])
    started = time.process_time()
    for x, y in points:
        ask(x, y)
    return len(points) / (time.process_time() - started)
