"""Clocks, and what is made of what they say."""

from __future__ import annotations

import time
from collections.abc import Callable

LookUp = Callable[[str], object]


def measure_speed(look_up: LookUp, typed: list[str]) -> float:
    """Look-ups per second of one core, in a plain loop: time that other programs took is not counted."""
    started = time.process_time()
    for text in typed:
        look_up(text)
    return len(typed) / (time.process_time() - started)


def measure_each(look_up: LookUp, typed: list[str]) -> list[int]:
    """Nanoseconds of each look-up by the clock on the wall, whose own 50 or so are included."""
    times = []
    clock = time.perf_counter_ns
    for text in typed:
        started = clock()
        look_up(text)
        times.append(clock() - started)
    return times


def quantiles(times: list[int]) -> tuple[float, float]:
    """Median and 99th percentile, in microseconds."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2] / 1e3, ordered[len(ordered) * 99 // 100] / 1e3
