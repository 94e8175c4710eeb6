"""Accepted letters per second, beside the bare inserts of the same rows through the database's own driver.

    python -m bench.submissions                 SQLite, and PostgreSQL where one answers; 16 and 300 connections
    python -m bench.submissions --seconds 20

Amparo runs as `amparo serve` runs it, at full durability, with a solved proof of work in each letter; only answers 2xx
with the page that says "taken" count. The baseline inserts the very rows that one such letter leaves, in one
transaction a letter, over as many connections to the same kind of database with the same durability, and does nothing
else: no HTTP, no form, no looking up of the target, no sealing, no page.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench import _load, _submitting
from tests.faults import harness
from tests.faults.writers import TAKEN

DEFAULT_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
#: PostgreSQL takes 100 connections as it comes; some are the site's and some are others'.
MOST_OF_POSTGRES = 60


def measure_amparo(site: harness.Site, *, connections: int, seconds: float, expected: int) -> _load.Outcome:
    """Letters per second through the whole of Amparo."""
    requests = _submitting.make_requests(
        site, number=int(expected * (seconds + 2)), start=connections * 100_000
    )
    return _load.load(
        port=site.web_port, requests=requests, connections=connections, seconds=seconds, expect=TAKEN
    )


# --- The baseline -----------------------------------------------------------------------------------------------


def open_sqlite(site: harness.Site) -> Any:
    """As the settings open it: write-ahead log, FULL, and patience while others write."""
    connection = sqlite3.connect(site.sqlite_file, timeout=5, isolation_level=None, check_same_thread=False)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
    return connection


def open_postgres(site: harness.Site) -> Any:
    """As the server is set: its own fsync and synchronous_commit, which are printed."""
    return psycopg.connect(site.database_url, autocommit=True)


def insert_until(
    stop: threading.Event, connection: Any, copies: _submitting.Copies, begin: str, stored: list[float]
) -> None:
    """One transaction a letter, for as long as there is time. SQLite may say "locked" to one of many: try again."""
    while not stop.is_set():
        rows = copies.another()
        try:
            connection.execute(begin)
        except sqlite3.OperationalError:
            continue
        for statement, values in rows:
            connection.execute(statement, values)
        connection.execute("COMMIT")
        stored.append(time.perf_counter())


def measure_baseline(
    site: harness.Site, rows: list[_submitting.Row], *, connections: int, seconds: float
) -> float:
    """The rows of one letter per second through sqlite3 or psycopg, a thread a connection."""
    if site.is_sqlite:
        opener: Callable[[harness.Site], Any] = open_sqlite
        copies, begin = _submitting.Copies(rows, placeholder="?"), "BEGIN IMMEDIATE"
    else:
        opener, begin = open_postgres, "BEGIN"
        copies = _submitting.Copies(_as_psycopg_takes(rows), placeholder="%s")
    stop, stored = threading.Event(), list[float]()
    opened = [opener(site) for _number in range(connections)]
    threads = [
        threading.Thread(target=insert_until, args=(stop, connection, copies, begin, stored))
        for connection in opened
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    for connection in opened:
        connection.close()
    return sum(at < started + seconds for at in stored) / seconds


def _as_psycopg_takes(rows: list[_submitting.Row]) -> list[_submitting.Row]:
    from psycopg.types.json import Jsonb

    return [
        (table, columns, [Jsonb(value) if isinstance(value, dict) else value for value in values])
        for table, columns, values in rows
    ]


# --- Saying it --------------------------------------------------------------------------------------------------


def measure(
    kind: str, *, shelf: Path, server: str, seconds: float, numbers: list[int], expected: int
) -> None:
    """Both, on one kind of database, for each number of connections."""
    print(f"\n{kind}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder,
        harness.a_site(shelf=shelf, folder=Path(folder) / "one", server=server) as site,
    ):
        if server:
            print(f"  durability: {dict(_durability(site))}")
        web = site.start_web()
        one = _submitting.make_requests(site, number=1)
        _load.load(port=site.web_port, requests=one, connections=1, seconds=0.5, expect=TAKEN)
        web.stop()
        rows = _submitting.rows_of_one_letter(site)
        if not server:
            alone = measure_baseline(site, rows, connections=1, seconds=seconds / 2)
            print(f"    1 connection:  baseline {alone:,.0f}/s, when nobody waits for anybody", flush=True)
        for connections in numbers:
            _measure_both(site, rows, shelf, Path(folder), server, connections, seconds, expected)


def _measure_both(
    pattern: harness.Site,
    rows: list[_submitting.Row],
    shelf: Path,
    folder: Path,
    server: str,
    connections: int,
    seconds: float,
    expected: int,
) -> None:
    with harness.a_site(shelf=shelf, folder=folder / f"amparo-{connections}", server=server) as site:
        web = site.start_web()
        outcome = measure_amparo(site, connections=connections, seconds=seconds, expected=expected)
        web.stop()
        stored = site.count("SELECT COUNT(*) FROM actions_action")
        if stored < outcome.good:
            raise SystemExit(f"{outcome.good} letters were taken and {stored} are stored: have more ready.")
    for_baseline = connections if not server else min(connections, MOST_OF_POSTGRES)
    baseline = measure_baseline(pattern, rows, connections=for_baseline, seconds=seconds)
    fewer = f" ({for_baseline} connections, the most this server takes)" if for_baseline < connections else ""
    print(
        f"  {connections:>3} connections: Amparo {outcome}\n"
        f"                   baseline {baseline:,.0f}/s{fewer}; ratio {outcome.per_second / baseline:.2f}"
        f"  (load {os.getloadavg()[0]:.1f})",
        flush=True,
    )


def _durability(site: harness.Site) -> list[tuple[str, str]]:
    return [(name, site.rows(f"SHOW {name}")[0][0]) for name in ("fsync", "synchronous_commit")]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.submissions", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", default="16,300")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--expected", type=int, default=1500, help="letters a second to have ready")
    parser.add_argument("--shelf", type=Path, help="a folder that keeps the empty site for the next run")
    options = parser.parse_args(arguments)
    numbers = [int(number) for number in options.connections.split(",")]
    server = os.environ.get("AMPARO_TEST_DATABASE_URL", DEFAULT_SERVER)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-shelf-") as kept:
        shelf = options.shelf or Path(kept)
        common = {
            "shelf": shelf,
            "seconds": options.seconds,
            "numbers": numbers,
            "expected": options.expected,
        }
        if options.only != "postgres":
            measure("SQLite, one process, group commit", server="", **common)
        if options.only != "sqlite":
            try:
                psycopg.connect(server, connect_timeout=3).close()
            except psycopg.OperationalError as problem:
                print(f"\nPostgreSQL: not measured. {str(problem).splitlines()[0]}")
            else:
                measure("PostgreSQL", server=server, **common)
                if options.shelf is None:
                    harness.clear_shelf(shelf, server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
