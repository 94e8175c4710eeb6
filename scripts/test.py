"""Runs the tests: all of them on SQLite, then those of the data again on PostgreSQL.

Arguments go to pytest. The last line is `N passed, N failed, N skipped`, over both runs; a test that only one
of them skipped is not called skipped. With AMPARO_REQUIRE_SERVICES=1 a test that neither ran is an error.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from scripts import browser, environment, services

ROOT = Path(__file__).resolve().parent.parent
#: Insist on servers, browser and data; set by .ci/run.
REQUIRE = "AMPARO_REQUIRE_SERVICES"
#: pytest's answer when no test was selected.
NOTHING_SELECTED = 5


@dataclass
class Run:
    """One run of pytest and what became of each test."""

    name: str
    code: int
    seconds: float
    tests: dict[str, dict[str, str]] = field(default_factory=dict)

    def stopped_early(self) -> bool:
        """pytest ended badly without naming a test: a wrong argument, an error of its own, a signal."""
        failed = any(test["outcome"] == "failed" for test in self.tests.values())
        return self.code not in {0, NOTHING_SELECTED} and not failed


def main() -> int:
    """Find what the tests need, run them, and say what happened."""
    # Ended from outside, we still stop the servers we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    required = os.environ.get(REQUIRE) == "1"
    with ExitStack() as stack:
        env, database = _prepare(stack=stack, required=required)
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="amparo-test-")))
        sqlite = {**env, "DATABASE_URL": f"sqlite:///{place / 'amparo.sqlite3'}"}
        runs = [_run(name="SQLite", env=sqlite, place=place)]
        if database:
            name = f"amparo_{os.getpid()}"
            url = _with_database(url=database, name=name)
            stack.callback(_drop_databases, url=database, name=name)
            postgres = {**env, "DATABASE_URL": url, "AMPARO_TEST_DATA_ONLY": "1"}
            runs.append(_run(name="PostgreSQL", env=postgres, place=place))
    return report(runs=runs, required=required)


def _prepare(*, stack: ExitStack, required: bool) -> tuple[dict[str, str], str]:
    """The environment for both runs, and the address of PostgreSQL or nothing."""
    env = environment.without_settings()
    database = ""
    for service in services.find(stack=stack):
        env.pop(service.variable, None)
        if service:
            env[service.variable] = service.url
        if service.variable == "AMPARO_TEST_DATABASE_URL":
            database = service.url
        print(f"{service.name}: {service.note}")
    chromium = browser.find_or_install(insist=required)
    env.pop(browser.VARIABLE, None)
    if chromium:
        env[browser.VARIABLE] = str(chromium)
    print(f"Chromium: {chromium or browser.MISSING}", flush=True)
    return env, database


def _run(*, name: str, env: dict[str, str], place: Path) -> Run:
    """One run of pytest, with the arguments we were given, on two cores."""
    record = place / f"{name}.json"
    print(f"\n=== Tests on {name} ===", flush=True)
    # In the order of `tests.skips`, which begins with what takes long.
    order = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", "-p", "tests.skips", *order]
    started = time.monotonic()
    state = place / f"{name}-state"
    state.mkdir()
    env = {**env, "AMPARO_VAR": str(state), "AMPARO_TEST_RECORD": str(record)}
    answer = subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, env=env, check=False)
    tests = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    return Run(name=name, code=answer.returncode, seconds=time.monotonic() - started, tests=tests)


def report(*, runs: list[Run], required: bool) -> int:
    """Print what was skipped and why, what failed, and the closing line; the exit code."""
    counts: Counter[str] = Counter()
    ran = {nodeid for run in runs for nodeid, test in run.tests.items() if test["outcome"] != "skipped"}
    skipped = {
        nodeid: test["reason"]
        for run in runs
        for nodeid, test in run.tests.items()
        if test["outcome"] == "skipped" and nodeid not in ran
    }
    problems = []
    for run in runs:
        counts.update(test["outcome"] for test in run.tests.values() if test["outcome"] != "skipped")
        if run.stopped_early():
            counts["failed"] += 1
            problems.append(f"pytest on {run.name} stopped early, with exit code {run.code}.")
    if not ran and not problems:
        problems.append("No test ran.")
    if skipped:
        print("\n=== Skipped ===")
        for reason, count in Counter(skipped.values()).most_common():
            print(f"{count:5} {'test' if count == 1 else 'tests'}: {reason}")
        if required:
            problems.append(
                f"{REQUIRE}=1 asks for everything, and {len(skipped)} of the tests could not run here."
            )
    print()
    for run in runs:
        print(f"{run.name}: {run.seconds:.0f} s")
    for problem in problems:
        print(problem)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {len(skipped)} skipped", flush=True)
    return 1 if counts["failed"] or problems else 0


def _with_database(*, url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def _drop_databases(*, url: str, name: str) -> None:
    """What an interrupted run leaves behind; a run that ends by itself has dropped them."""
    import psycopg
    from psycopg import sql

    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"%{name}%"])
            for (left,) in rows.fetchall():
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(left)))
    except psycopg.Error as error:
        print(f"The test databases of this run could not be removed: {error}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
