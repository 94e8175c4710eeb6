"""A burst of signatures on one petition, kill -9 in the middle, and the counter, beside bare inserts of the rows.

    python -m bench.signatures                      100,000 on SQLite, and on PostgreSQL where one answers
    python -m bench.signatures --count 20000 --only sqlite

Everybody posts the form with a solved proof of work and presses the button behind the link, through the site's own
views and middleware, in several processes of several threads; only the network and the mail are not there. Twice on the
way one of those processes and the worker that counts are killed. The baseline inserts the very rows that one such
signature leaves, in one transaction each, over as many connections at the same durability, and does nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import _submitting
from bench.submissions import DEFAULT_SERVER, MOST_OF_POSTGRES, measure_baseline
from tests.faults import harness
from tests.faults.petition import Petition

#: When a process and the worker are killed: so much of all has been told "taken".
KILLS = (0.3, 0.6)
#: What one signature leaves, in the order in which it may be inserted.
TABLES = (
    "organizations_spentproof",
    "organizations_attemptcount",
    "supporters_supporter",
    "actions_confirmation",
    "actions_action",
    "actions_signature",
    "supporters_consentrecord",
    "mailings_strangerallowance",
    "mailings_mailallowance",
    "mailings_notice",
    "actions_takencount",
)


def percentile(values: list[float], part: float) -> float:
    """The value below which this part of all lies, in milliseconds."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1000


@contextmanager
def autovacuum(site: harness.Site) -> Iterator[None]:
    """What PostgreSQL does by itself once a minute, on a server where somebody switched it off.

    Tables that grow from nothing to a hundred thousand rows, and of which PostgreSQL knows nothing, are read from end
    to end for each question.
    """
    if site.is_sqlite or site.rows("SHOW autovacuum") == [("on",)]:
        yield
        return
    over = threading.Event()

    def look_after() -> None:
        with psycopg.connect(site.database_url, autocommit=True) as postgres:
            while not over.wait(60):
                postgres.execute("VACUUM (ANALYZE)")

    thread = threading.Thread(target=look_after, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def measure(
    kind: str, *, shelf: Path, server: str, count: int, processes: int, threads: int, seconds: float
) -> None:
    """The burst, what became of it, and the baseline."""
    print(f"\n{kind}: {count:,} signatures, {processes} processes of {threads} threads", flush=True)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        with harness.a_site(shelf=shelf, folder=Path(folder) / "burst", server=server) as site:
            petition = Petition(site, site.folder / "told")
            petition.open()
            with autovacuum(site):
                took = petition.sign_all(
                    count=count, processes=processes, threads=threads, kills=KILLS, seconds=6 * 3600
                )
            found = petition.check(count=count)
            rate = count / took
            print(f"  {took:.0f} s: {rate:,.0f} signatures a second, signed and confirmed", flush=True)
            for what in ("sign", "confirm"):
                lasted = [second for word, _number, second in petition.told() if word == what]
                print(
                    f"  {what:>7}: median {percentile(lasted, 0.5):.0f} ms, p99 {percentile(lasted, 0.99):.0f} ms"
                )
            print(f"  after {len(KILLS)} kill -9 of a web process and of the worker: {found}")
        with harness.a_site(shelf=shelf, folder=Path(folder) / "rows", server=server) as site:
            petition = Petition(site, site.folder / "told")
            petition.open()
            petition.sign_all(count=1, processes=1, threads=1, kills=(), seconds=300)
            rows = _submitting.rows_of_one_letter(site, tables=TABLES)
            connections = processes * threads
            if server:
                connections = min(connections, MOST_OF_POSTGRES)
            bare = measure_baseline(site, rows, connections=connections, seconds=seconds)
            print(
                f"  bare inserts of the same {len(rows)} rows, {connections} connections: {bare:,.0f} a second;"
                f" ratio {rate / bare:.2f}  (load {os.getloadavg()[0]:.1f})",
                flush=True,
            )


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.signatures", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the baseline runs")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--shelf", type=Path, help="a folder that keeps the empty site for the next run")
    options = parser.parse_args(arguments)
    server = os.environ.get("AMPARO_TEST_DATABASE_URL", DEFAULT_SERVER)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-shelf-") as kept:
        shelf = options.shelf or Path(kept)
        common = {
            "shelf": shelf,
            "count": options.count,
            "processes": options.processes,
            "threads": options.threads,
            "seconds": options.seconds,
        }
        if options.only != "postgres":
            measure("SQLite", server="", **common)
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
