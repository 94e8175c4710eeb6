"""What a test needs from the machine, said by its marker, and a record of what was skipped for want of it.

A pytest plugin: `tests/conftest.py` names it, and `make test` reads the record at AMPARO_TEST_RECORD.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: Where the record of a run is written; nothing is written without it.
RECORD = "AMPARO_TEST_RECORD"
#: With 1, only tests of the data run.
DATA_ONLY = "AMPARO_TEST_DATA_ONLY"


def on_postgres() -> bool:
    """Whether this run's database is PostgreSQL."""
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


def real_data() -> Path | None:
    """The folder with the published data of real parliaments, or None."""
    named = os.environ.get("AMPARO_REAL_DATA")
    place = Path(named) if named else ROOT.parent / "shared" / "data"
    return place if (place / "uk").is_dir() else None


def has_browser() -> bool:
    """Whether `make test` found a Chromium, or one stands where Debian puts it."""
    return bool(os.environ.get("AMPARO_CHROMIUM")) or Path("/usr/bin/chromium").exists()


#: Marker, whether what it needs is missing here, and the sentence for it.
NEEDS: tuple[tuple[str, Callable[[], bool], str], ...] = (
    ("postgres", lambda: not on_postgres(), "needs PostgreSQL: point DATABASE_URL at one"),
    ("sqlite_only", on_postgres, "is about SQLite alone"),
    ("browser", lambda: not has_browser(), "needs Chromium: install it or set AMPARO_CHROMIUM"),
    (
        "real_data",
        lambda: real_data() is None,
        "needs the published data: put it at ../shared/data or set AMPARO_REAL_DATA",
    ),
)


#: Markers and fixtures of tests that depend on the database, which `make test` repeats on PostgreSQL.
OF_THE_DATA = {"django_db", "db", "transactional_db", "postgres", "fault"}


def is_of_the_data(item: pytest.Item) -> bool:
    """Whether another database may give another answer. Pages are drawn the same on both."""
    marks = {mark.name for mark in item.iter_markers()}
    touched = OF_THE_DATA & {*marks, *getattr(item, "fixturenames", ())}
    return bool(touched) and not marks & {"browser", "pages", "sqlite_only"}


#: Folders of tests that wait: for a process to start, a lease to end, a page to open. They begin first, so that a run
#: does not end with one of them alone.
LONG_ONES = ("faults", "journeys", "house", "safety", "web")


def begins(item: pytest.Item) -> int:
    """The place of its folder in the order of the run."""
    folders = item.nodeid.split("/")
    return next((at for at, name in enumerate(LONG_ONES) if name in folders), len(LONG_ONES))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run is not for, begin with what takes long, skip what this machine cannot give."""
    if os.environ.get(DATA_ONLY) == "1":
        left_out = [item for item in items if not is_of_the_data(item)]
        items[:] = [item for item in items if is_of_the_data(item)]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=begins)
    missing = [(marker, why) for marker, is_missing, why in NEEDS if is_missing()]
    for item in items:
        for marker, why in missing:
            if item.get_closest_marker(marker) is not None:
                item.add_marker(pytest.mark.skip(reason=why))


class Recorder:
    """Keeps the worst outcome of each test, and why it was skipped."""

    #: From best to worst; a test that passed and then failed in its tear-down failed.
    ORDER = ("passed", "skipped", "failed")

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test is done."""
        reason = ""
        if report.skipped:
            reason = getattr(report, "wasxfail", "") or _reason(report)
        self._keep(nodeid=report.nodeid, outcome=report.outcome, reason=reason)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file could not be read, or skipped itself as a whole."""
        if report.failed:
            self._keep(nodeid=report.nodeid, outcome="failed", reason="")
        elif report.skipped:
            self._keep(nodeid=report.nodeid, outcome="skipped", reason=_reason(report))

    def pytest_sessionfinish(self) -> None:
        """Write the record."""
        Path(os.environ[RECORD]).write_text(json.dumps(self.tests), encoding="utf-8")

    def _keep(self, *, nodeid: str, outcome: str, reason: str) -> None:
        known = self.tests.setdefault(nodeid, {"outcome": outcome, "reason": reason})
        if self.ORDER.index(outcome) > self.ORDER.index(known["outcome"]):
            known.update(outcome=outcome, reason=reason)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def pytest_configure(config: pytest.Config) -> None:
    """Keep a record where one was asked for; pytest-xdist's workers report to their controller."""
    config.addinivalue_line("markers", "sqlite_only: is about SQLite, and left out on PostgreSQL")
    if os.environ.get(RECORD) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(), "amparo-recorder")
