"""Questions about half a million supporters: how long a count takes on SQLite and on PostgreSQL.

    python -m bench.segments                       both databases, 500,000 supporters
    python -m bench.segments --number 50000        fewer
    python -m bench.segments --only sqlite         one of them

Every question is counted as a screen counts it: how many match, how many may be written to, why not the others. The
middle of five runs by the clock on the wall stands beside its multiple of the baseline, a bare `SELECT count(country)`
over the same table of supporters in the same run, so that a busy machine shows. (`count(*)`, printed too, is answered
by SQLite without looking at a row.) Goals: 300 ms on PostgreSQL, 1 s on SQLite. The exit code is 1 when a goal is
missed at full size.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from scripts import services
from scripts.environment import without_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench._population import Population

ROOT = Path(__file__).resolve().parent.parent
FULL_SIZE = 500_000
ROUNDS = 5
GOALS = {"sqlite": 1.0, "postgresql": 0.3}


def main() -> int:
    """Fill a database of each kind in a process of its own, and measure there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--number", type=int, default=FULL_SIZE)
    parser.add_argument("--only", choices=sorted(GOALS))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return measure(options.number)
    codes = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="amparo-bench-")))
        for kind in sorted(GOALS, reverse=True):
            if options.only in {None, kind}:
                url = _sqlite(folder) if kind == "sqlite" else _postgresql(stack)
                codes.append(_inside(folder / kind, url, options.number) if url else 0)
    return max(codes, default=0)


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'segments.sqlite3'}"


def _postgresql(stack: ExitStack) -> str:
    """A database of our own on a server that runs here, dropped afterwards; nothing where there is none."""
    import psycopg
    from psycopg import sql

    found = [service for service in services.find(stack=stack) if service.name == "PostgreSQL"]
    if not found or not found[0].url:
        print("There is no PostgreSQL here; only SQLite is measured.")
        return ""
    url, name = found[0].url, f"amparo_bench_{os.getpid()}"

    def run(statement: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))  # type: ignore[arg-type]

    run("CREATE DATABASE {}")
    stack.callback(run, "DROP DATABASE IF EXISTS {} WITH (FORCE)")
    return f"{url.rpartition('/')[0]}/{name}"


def _inside(state: Path, url: str, number: int) -> int:
    state.mkdir()
    env = {
        **without_settings(),
        "DATABASE_URL": url,
        "AMPARO_VAR": str(state),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "bench.segments", "--inside", "--number", str(number)]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def measure(number: int) -> int:
    """Fill the database that the environment names, ask, and print."""
    warnings.simplefilter("ignore")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from bench import _population

    started = time.monotonic()

    def say(what: str) -> None:
        print(f"  {what} ({time.monotonic() - started:.0f} s)", flush=True)

    print(f"{connection.vendor}:", flush=True)
    call_command("migrate", verbosity=0)
    say("migrated")
    population = _population.build(number, say=say)
    missed = report(population, goal=GOALS[connection.vendor])
    return 1 if missed and number >= FULL_SIZE else 0


def report(population: Population, *, goal: float) -> list[str]:
    """Ask everything and print; what took longer than the goal."""
    baseline = _time(lambda: _bare_count("country"))
    bare = _time(lambda: _bare_count("*"))
    print(
        f"  baseline: SELECT count(country), {baseline * 1000:.0f} ms; SELECT count(*), {bare * 1000:.0f} ms"
    )
    missed = []
    for label, question in questions_about(population):
        seconds, matching = _ask(population, question)
        sampled = _time(lambda question=question: _sample(population, question))  # type: ignore[misc]
        print(
            f"  {label:52} {seconds * 1000:6.0f} ms {seconds / baseline:6.1f} × baseline"
            f" {matching:9,} match; ten of them {sampled * 1000:6.0f} ms",
            flush=True,
        )
        if seconds > goal:
            missed.append(label)
    if missed:
        print(f"  slower than {goal * 1000:.0f} ms: {'; '.join(missed)}")
    return missed


def questions_about(population: Population) -> list[tuple[str, dict[str, Any]]]:
    """What campaigners ask, from everybody to the crooked."""
    first, second = (str(page.pk) for page in population.pages[:2])
    donor = str(population.tags["donor"].pk)
    britain = {"filter": "country", "countries": ["GB"]}
    agreed = {"filter": "consent", "purpose": "news", "channel": "email", "answer": "yes"}
    took, did_not = (
        {"filter": "acted-on", "pages": [first]},
        {"not": {"filter": "acted-on", "pages": [second]}},
    )
    lately, tagged = {"filter": "joined", "days": 90}, {"filter": "tag", "tags": [donor]}
    answered = {"filter": "custom-field", "how": "is"}
    return [
        ("everybody", {"all": []}),
        ("country and consent", {"all": [britain, agreed]}),
        ("took part in A, not in B, joined within 90 days, tag", {"all": [took, did_not, lately, tagged]}),
        ("took part in A, not in B", {"all": [took, did_not]}),
        ("took part in A, or has the tag", {"any": [took, tagged]}),
        ("custom field, ordinary", {**answered, "field": str(population.level.pk), "answer": "patron"}),
        ("custom field, sealed", {**answered, "field": str(population.union.pk), "answer": "Local 7"}),
        ("acted within 30 days", {"filter": "acted", "days": 30}),
        ("did not act within a year", {"not": {"filter": "acted", "days": 365}}),
        ("acted at least twice within a year", {"filter": "acted", "days": 365, "times": 2}),
        ("was never asked for consent", {**agreed, "answer": "never"}),
    ]


def _ask(population: Population, question: dict[str, Any]) -> tuple[float, int]:
    from amparo.supporters.models import Channel, Purpose
    from amparo.supporters.segmentation import segments
    from bench._invented_supporters import NOW

    matching = 0

    def ask() -> None:
        nonlocal matching
        found = segments.ask(question, organization=population.organization, now=NOW)
        matching = segments.count_of(found, purpose=Purpose.NEWS, channel=Channel.EMAIL, now=NOW).matching

    return _time(ask), matching


def _sample(population: Population, question: dict[str, Any]) -> None:
    from amparo.supporters.segmentation import segments
    from bench._invented_supporters import NOW

    segments.sample(segments.ask(question, organization=population.organization, now=NOW))


def _bare_count(of: str) -> None:
    from django.db import connection

    from amparo.supporters.models import Supporter

    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count({of}) FROM "{Supporter._meta.db_table}"')
        cursor.fetchone()


def _time(work: Callable[[], None]) -> float:
    """The middle of five, after one to warm up."""
    work()
    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return median(times)


if __name__ == "__main__":
    sys.exit(main())
