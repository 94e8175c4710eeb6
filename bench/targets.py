"""From a postcode to its seat: how fast, how small, how soon, beside a dictionary and SQLite.

    python -m bench.targets                 the index and the outlines
    python -m bench.targets --postgis       and the same question put to PostGIS
    python -m bench.targets --http          and over HTTP (bench/targets_http.py)

Everything is measured in this run on this machine, from the same rows. Look-ups take text as people type it,
normalizing included, and are counted per second of one core; everything else is by the clock on the wall, so a
busy machine shows. Ratios above 1 are in favor of the index. The exit code is 1 when a goal is missed on the real
table.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import math
import multiprocessing
import os
import pickle
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from amparo.targets.index import PostcodeIndex, build
from amparo.targets.postcodes import FORMATS
from bench import _kingdom, _points, _postgis
from bench._timing import LookUp, measure_each, measure_speed, quantiles

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5


@dataclass
class Figures:
    """What was measured of one way to look postcodes up."""

    name: str
    per_second: float = 0
    p50: float = 0
    p99: float = 0
    one_by_one: float = 0
    megabytes: float = 0
    open_ms: float = 0
    private_megabytes: float = 0
    rebuild_seconds: float = 0


# Three ways to keep the table: make it in a file, and open that for looking up.


def make_index(path: Path) -> None:
    """Amparo's own: what activating a dataset does, from the compressed table to a synced file."""
    seats = read_seats()
    areas = {seat: ((seat, None),) for seat in seats} | {"": ()}
    rows = ((code, areas[seat]) for code, seat in _kingdom.read_rows())
    build(path, country_format="uk", rows=rows, area_codes=seats, version="bench")


@cache
def read_seats() -> list[str]:
    """The codes of the area set, which a loader has at hand when it builds the index."""
    return sorted({seat for _code, seat in _kingdom.read_rows()} - {""})


def open_index(path: Path) -> LookUp:
    """One look-up is two calls, as everybody who uses the index makes them."""
    find, normalize = PostcodeIndex.open(path).find, FORMATS["uk"].normalize
    return lambda text: find(normalize(text))


def make_dict(path: Path) -> None:
    """The plainest thing that works, kept as a pickle."""
    with path.open("wb") as file:
        pickle.dump(dict(_kingdom.read_rows()), file, protocol=pickle.HIGHEST_PROTOCOL)


def open_dict(path: Path) -> LookUp:
    """A copy for every process."""
    with path.open("rb") as file:
        get = pickle.load(file).get
    normalize = FORMATS["uk"].normalize
    return lambda text: get(normalize(text))


def make_sqlite(path: Path) -> None:
    """A text key WITHOUT ROWID."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE postcode (code TEXT PRIMARY KEY, seat TEXT NOT NULL) WITHOUT ROWID")
        connection.executemany("INSERT INTO postcode VALUES (?, ?)", _kingdom.read_rows())
    connection.close()


def open_sqlite(path: Path) -> LookUp:
    """Read-only, one prepared statement."""
    execute = sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute
    normalize = FORMATS["uk"].normalize
    query = "SELECT seat FROM postcode WHERE code = ?"
    return lambda text: execute(query, (normalize(text),)).fetchone()


WAYS: dict[str, tuple[Callable[[Path], None], Callable[[Path], LookUp]]] = {
    "index": (make_index, open_index),
    "dict": (make_dict, open_dict),
    "SQLite": (make_sqlite, open_sqlite),
}


# Measuring


def measure_ways(folder: Path, typed: list[str]) -> list[Figures]:
    """Build, open and question each way; rounds are interleaved so that a busy machine is busy for all."""
    read_seats()
    every = [Figures(name) for name in WAYS]
    look_ups = {}
    for figures in every:
        make, open_it = WAYS[figures.name]
        path = folder / figures.name
        started = time.perf_counter()
        make(path)
        figures.rebuild_seconds = time.perf_counter() - started
        figures.megabytes = path.stat().st_size / 1e6
        figures.open_ms, figures.private_megabytes = measure_fresh_process(figures.name, path, typed)
        look_ups[figures.name] = open_it(path)
    speeds: dict[str, list[float]] = {name: [] for name in WAYS}
    for _round in range(ROUNDS):
        for name, look_up in look_ups.items():
            speeds[name].append(measure_speed(look_up, typed))
    for figures in every:
        figures.per_second = statistics.median(speeds[figures.name])
        times = measure_each(look_ups[figures.name], typed)
        figures.p50, figures.p99 = quantiles(times)
        figures.one_by_one = 1e9 * len(times) / sum(times)
    return every


def measure_fresh_process(name: str, path: Path, typed: list[str]) -> tuple[float, float]:
    """Milliseconds to open (the least of five), and megabytes that a worker then has for itself."""
    context = multiprocessing.get_context("spawn")
    results = []
    for _worker in range(5):
        with context.Pool(1) as pool:
            results.append(pool.apply(_be_a_worker, (name, path, typed[:20_000])))
    opens, memories = zip(*results, strict=True)
    return min(opens), statistics.median(memories)


def _be_a_worker(name: str, path: Path, typed: list[str]) -> tuple[float, float]:
    before = _private_bytes()
    started = time.perf_counter()
    look_up = WAYS[name][1](path)
    opened = time.perf_counter() - started
    for text in typed:
        look_up(text)
    return opened * 1e3, (_private_bytes() - before) / 1e6


def _private_bytes() -> int:
    """Memory of this process that no file backs; 0 where the system does not say."""
    rollup = Path("/proc/self/smaps_rollup")
    lines = rollup.read_text().splitlines() if rollup.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous:"))


def measure_other_questions(path: Path, codes: list[str], number: int) -> None:
    """What is asked less often: postcodes nobody has, the neighbour rule, slips of the pen."""
    index, uk = PostcodeIndex.open(path), FORMATS["uk"]
    known = set(codes)
    drawn = random.Random(5).choices(codes, k=number)
    unknown = [code for code in (f"{code[:-2]}ZZ" for code in drawn) if code not in known]
    untidy = [
        f"\u00a0{code[:-3]}-{code[-3].replace('0', 'O').replace('1', 'I')}{code[-2:]}" for code in drawn
    ]
    print("\nOther questions to the index, per second:")
    for name, look_up, texts in (
        ("a postcode nobody has", lambda text: index.find(uk.normalize(text)), unknown),
        ("neighbours, left out one at a time", index.neighbours, drawn),
        ("no-break space, hyphen, O for 0, I for 1", lambda text: index.find(uk.normalize(text)), untidy),
    ):
        print(f"  {name:<42}{measure_speed(look_up, texts):>12,.0f}")


# Saying it


def print_table(every: list[Figures]) -> None:
    """Figures of each way, and under each baseline how many times better the index is."""
    heads = ("", "look-ups/s", "p50 us", "p99 us", "file MB", "own MB/worker", "open ms", "rebuild s")
    print("".join(f"{head:>15}" for head in heads))
    for one in every:
        own = f"{one.private_megabytes:.1f}"
        figures = (f"{one.per_second:,.0f}", f"{one.p50:.2f}", f"{one.p99:.2f}", f"{one.megabytes:.2f}", own)
        figures += (f"{one.open_ms:.2f}", f"{one.rebuild_seconds:.2f}")
        print("".join(f"{figure:>15}" for figure in (one.name, *figures)))
    index = every[0]
    for other in every[1:]:
        less_is_better = ("p50", "p99", "megabytes", "private_megabytes", "open_ms", "rebuild_seconds")
        ratios = [index.per_second / other.per_second]
        ratios += [getattr(other, name) / (getattr(index, name) or math.nan) for name in less_is_better]
        print("".join(f"{text:>15}" for text in (f"beside {other.name}", *(f"{r:.2f}x" for r in ratios))))


def judge(index: Figures, *, real: bool) -> bool:
    """Say of each goal whether it holds; true when all do."""
    goals = (
        (
            "at least 400,000 look-ups a second on one core",
            index.per_second >= 400_000,
            f"{index.per_second:,.0f}",
        ),
        ("99 of 100 look-ups under 20 us", index.p99 < 20, f"{index.p99:.2f} us"),
        ("at most 15 MB shared", index.megabytes <= 15, f"{index.megabytes:.2f} MB"),
        ("opened in under 10 ms", index.open_ms < 10, f"{index.open_ms:.2f} ms"),
        (
            "rebuilt in under 10 s from the compressed table",
            index.rebuild_seconds < 10,
            f"{index.rebuild_seconds:.2f} s",
        ),
    )
    print(
        "\nGoals" + ("" if real else " (not judged: this table is invented and smaller than Great Britain's)")
    )
    for goal, holds, figure in goals:
        print(f"  {'holds ' if holds else 'MISSED'}  {goal}: {figure}")
    return all(holds for _goal, holds, _figure in goals)


def compare_with_postgis(index: Figures, typed: list[str]) -> None:
    """The same look-ups as one joined query each, on a connection kept open."""
    try:
        look_ups, round_trips = _postgis.measure(typed)
    except _postgis.Unavailable as reason:
        print(f"\nPostGIS: not measured. {reason}")
        return
    p50, p99 = quantiles(look_ups)
    per_second = 1e9 * len(look_ups) / sum(look_ups)
    print(
        f"\nPostGIS, one ST_Covers join a look-up: {per_second:,.0f} look-ups/s, p50 {p50:.0f} us, "
        f"p99 {p99:.0f} us (an empty round trip: {1e9 * len(round_trips) / sum(round_trips):,.0f}/s).\n"
        f"The index, timed the same way, answers {index.one_by_one / per_second:,.0f} times as many; "
        f"its p99 is {p99 / index.p99:,.0f} times shorter."
    )


def compare_over_http() -> None:
    """Hand over to bench/targets_http.py, which asks through the web server, once it is there."""
    if importlib.util.find_spec("bench.targets_http") is None:
        print("\nOver HTTP: not measured, there is no bench/targets_http.py.")
        return
    importlib.import_module("bench.targets_http").main([])


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.targets", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--look-ups", type=int, default=200_000, help="how many in each round (default 200,000)"
    )
    parser.add_argument("--postgis", action="store_true", help="ask PostGIS the same, if it is installed")
    parser.add_argument("--http", action="store_true", help="ask over HTTP too")
    options = parser.parse_args(arguments)
    real = _kingdom.real_folder() is not None
    codes = [code for code, _seat in _kingdom.read_rows()]
    typed = _kingdom.type_postcodes(codes, number=options.look_ups)
    table = "postcodes of Great Britain" if real else "invented postcodes"
    print(f"{len(codes):,} {table}, {len(typed):,} look-ups as typed, median of {ROUNDS} rounds")
    print(f"Load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as name:
        every = measure_ways(Path(name), typed)
        print_table(every)
        holds = judge(every[0], real=real)
        measure_other_questions(Path(name) / "index", codes, options.look_ups // 4)
        _points.measure_outlines(Path(name), options.look_ups // 10)
    if options.postgis:
        compare_with_postgis(every[0], typed[: options.look_ups // 10])
    if options.http:
        compare_over_http()
    return 0 if holds or not real else 1


if __name__ == "__main__":
    sys.exit(main())
