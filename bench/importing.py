"""Bringing 500,000 people in, beside the bare COPY of the very rows that this leaves.

    python -m bench.importing                    SQLite, and PostgreSQL where one answers; 500,000 rows
    python -m bench.importing --rows 50000

The list is made once, of people who do not exist, in many scripts, with tags, and with leave to write that has to be
looked at for each of them. Amparo checks it (the dry run) and brings it in as a worker does: it opens the sealed file,
reads, checks and seals every row, looks for the address among supporters and on the suppression list, writes the
ledger, and keeps what there is to undo. The baseline puts the same rows of supporters, ledger and tags back into the
same tables with the same indexes, emptied, in one transaction: COPY on PostgreSQL, INSERT … SELECT within the engine
on SQLite.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from tests.faults import harness

DEFAULT_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
ROWS = 500_000
#: What one row of the list leaves, in the order in which rows may refer to one another.
TABLES = ("supporters_supporter", "supporters_consentrecord", "supporters_tagging")


# --- Inside the site --------------------------------------------------------------------------------------------


def bring_in(path: Path) -> dict[str, Any]:
    """Check the list and bring it in, with the clock running; called in a process with the site's settings."""
    import django

    django.setup()
    from django.utils import timezone

    from amparo.kit.work import run_line
    from amparo.organizations.models import Organization
    from amparo.supporters.importing import preparing
    from amparo.supporters.importing.answers import ConsentAnswer
    from amparo.supporters.importing.claiming import LINE

    found: dict[str, Any] = {"before": _peak()}
    started = time.perf_counter()
    with path.open("rb") as file:
        run = preparing.receive(
            iter(lambda: file.read(65_536), b""),
            organization=Organization.objects.order_by("created_at")[0],
            file_name=path.name,
            by=None,
            now=timezone.now(),
        )
    answer = ConsentAnswer("imported", (("news", "email"),), "the form on our old site", None, "its export")
    fields = {column["header"]: column["field"] for column in run.columns}
    preparing.say_columns(run=run, fields=fields, now=timezone.now())
    preparing.say_consent(run=run, answer=answer, by=None, now=timezone.now())
    preparing.ask_for_check(run=run, now=timezone.now())
    found["received"] = time.perf_counter() - started
    for name, begin in (("checked", None), ("brought_in", preparing.start)):
        if begin is not None:
            run.refresh_from_db()
            begin(run=run, by=None, now=timezone.now())
        started = time.perf_counter()
        run_line(LINE)
        found[name] = time.perf_counter() - started
        found[f"{name}_peak"] = _peak()
    run.refresh_from_db()
    if run.state != "done":
        raise SystemExit(f"The list ended as “{run.state}”: {run.trouble}")
    return found | {"new": run.counts["new"], "agreed": run.counts["agreed"]}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- The baseline -----------------------------------------------------------------------------------------------


def copy_on_postgres(site: harness.Site, folder: Path) -> float:
    """Seconds for COPY of the same rows into the same tables, indexes and foreign keys and all, to the commit."""
    with psycopg.connect(site.database_url) as connection, connection.cursor() as cursor:
        for table in TABLES:
            with (
                (folder / table).open("wb") as file,
                cursor.copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as out,
            ):
                for block in out:
                    file.write(block)
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        connection.commit()
        started = time.perf_counter()
        for table in TABLES:
            with (
                (folder / table).open("rb") as file,
                cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as into,
            ):
                while block := file.read(1 << 20):
                    into.write(block)
        connection.commit()
        return time.perf_counter() - started


def insert_on_sqlite(site: harness.Site, empty: harness.Site) -> float:
    """Seconds for INSERT … SELECT of the same rows into the same tables of an empty site."""
    with closing(sqlite3.connect(empty.sqlite_file, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000;"
        )
        connection.execute("ATTACH ? AS brought", [str(site.sqlite_file)])
        # What they refer to is not measured.
        connection.execute("PRAGMA foreign_keys=OFF")
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM brought.{table}")
        connection.execute("COMMIT")
        return time.perf_counter() - started


# --- Saying it --------------------------------------------------------------------------------------------------


def measure(kind: str, *, shelf: Path, server: str, path: Path, rows: int) -> None:
    """Both, on one kind of database."""
    print(f"\n{kind}  (load {os.getloadavg()[0]:.1f})", flush=True)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        place = Path(folder)
        with harness.a_site(shelf=shelf, folder=place / "site", server=server) as site:
            found = _in_the_site(site, path)
            if server:
                bare = copy_on_postgres(site, place)
            else:
                with harness.a_site(shelf=shelf, folder=place / "empty", server="") as empty:
                    bare = insert_on_sqlite(site, empty)
    whole = found["received"] + found["checked"] + found["brought_in"]
    print(
        f"  baseline      {bare:7.1f} s  {rows / bare:9,.0f} rows/s\n"
        f"  received      {found['received']:7.1f} s\n"
        f"  dry run       {found['checked']:7.1f} s  {rows / found['checked']:9,.0f} rows/s"
        f"  peak {found['checked_peak']:.0f} MB\n"
        f"  brought in    {found['brought_in']:7.1f} s  {rows / found['brought_in']:9,.0f} rows/s"
        f"  peak {found['brought_in_peak']:.0f} MB (before the list: {found['before']:.0f} MB)\n"
        f"  ratio         {found['brought_in'] / bare:7.1f}    with the dry run {whole / bare:.1f}\n"
        f"  {found['new']:,} new people, {found['agreed']:,} of them with leave to write",
        flush=True,
    )


def _in_the_site(site: harness.Site, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.importing", "--inside", str(path)],
        cwd=harness.ROOT,
        env=site.env,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.importing", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        print(json.dumps(bring_in(options.inside)))
        return 0
    from bench._invented_supporters import write_csv

    server = os.environ.get("AMPARO_TEST_DATABASE_URL", DEFAULT_SERVER)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-list-") as kept:
        path = Path(kept) / "list.csv"
        write_csv(path, number=options.rows)
        print(f"{options.rows:,} rows, {path.stat().st_size / 1e6:.0f} MB")
        shelf = Path(kept) / "shelf"
        if options.only != "postgres":
            measure("SQLite", shelf=shelf, server="", path=path, rows=options.rows)
        if options.only != "sqlite":
            try:
                psycopg.connect(server, connect_timeout=3).close()
            except psycopg.OperationalError as problem:
                print(f"\nPostgreSQL: not measured. {str(problem).splitlines()[0]}")
            else:
                measure("PostgreSQL", shelf=shelf, server=server, path=path, rows=options.rows)
                harness.clear_shelf(shelf, server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
