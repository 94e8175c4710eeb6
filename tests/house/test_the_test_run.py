"""`make test` counts honestly, and says what was skipped and why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import test as test_run

ROOT = Path(__file__).resolve().parent.parent.parent


def run(name: str, code: int = 0, **outcomes: str) -> test_run.Run:
    """A finished run; an outcome is `passed`, `failed` or the reason for a skip."""
    tests = {
        test: {"outcome": said if said in {"passed", "failed"} else "skipped", "reason": said}
        for test, said in outcomes.items()
    }
    return test_run.Run(name=name, code=code, seconds=1.0, tests=tests)


def closing_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_both_runs_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        test_run.report(
            runs=[run("SQLite", a="passed", b="passed"), run("PostgreSQL", a="passed")], required=True
        )
        == 0
    )
    assert closing_line(capsys) == "3 passed, 0 failed, 0 skipped"


def test_a_failure_in_either_run_fails_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        test_run.report(runs=[run("SQLite", a="passed"), run("PostgreSQL", 1, a="failed")], required=False)
        == 1
    )
    assert closing_line(capsys) == "1 passed, 1 failed, 0 skipped"


def test_what_one_run_skips_and_the_other_runs_is_not_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [run("SQLite", a="needs PostgreSQL", b="passed"), run("PostgreSQL", a="passed")]
    assert test_run.report(runs=runs, required=True) == 0
    assert closing_line(capsys) == "2 passed, 0 failed, 0 skipped"


def test_a_skip_is_listed_and_is_an_error_only_where_everything_is_required(
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = [run("SQLite", a="needs Chromium", b="passed")]
    assert test_run.report(runs=runs, required=False) == 0
    printed = capsys.readouterr().out
    assert "1 test: needs Chromium" in printed
    assert printed.splitlines()[-1] == "1 passed, 0 failed, 1 skipped"
    assert test_run.report(runs=runs, required=True) == 1


def test_a_run_that_stops_early_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert test_run.report(runs=[run("SQLite", 3, a="passed")], required=False) == 1
    assert closing_line(capsys) == "1 passed, 1 failed, 0 skipped"


def test_a_selection_that_selects_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert test_run.report(runs=[run("SQLite", 5), run("PostgreSQL", 5)], required=False) == 1
    assert "No test ran." in capsys.readouterr().out


def test_a_selection_without_data_tests_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert test_run.report(runs=[run("SQLite", a="passed"), run("PostgreSQL", 5)], required=True) == 0
    assert closing_line(capsys) == "1 passed, 0 failed, 0 skipped"


SAMPLE = """
import pytest

def test_passes(): pass
def test_fails(): assert False
@pytest.fixture
def broken():
    yield
    raise RuntimeError
def test_passes_and_breaks_afterwards(broken): pass
def test_skips_itself(): pytest.skip("no moon tonight")
@pytest.mark.real_data
def test_needs_data(): pass
@pytest.mark.sqlite_only
def test_of_sqlite(): pass
@pytest.mark.postgres
def test_of_postgres(): pass
@pytest.fixture
def db(): pass
def test_of_the_data(db): pass
@pytest.mark.browser
def test_of_a_page(db): pass
@pytest.mark.pages
def test_of_whole_pages(db): pass
"""


def record(place: Path, database: str, workers: int = 0, **more: str) -> dict[str, dict[str, str]]:
    """What tests/skips.py writes about the sample, run by so many processes."""
    (place / "test_sample.py").write_text(SAMPLE)
    env = {
        **os.environ,
        "AMPARO_TEST_RECORD": str(place / "record.json"),
        "AMPARO_REAL_DATA": str(place / "nothing"),
        "DATABASE_URL": database,
        "PYTHONPATH": str(ROOT),
        "AMPARO_CHROMIUM": "chromium",
        **more,
    }
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(place), "-p", "no:django"]
    command += [
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.skips",
        "-n",
        str(workers),
        str(place / "test_sample.py"),
    ]
    answer = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode in {0, 1}, answer.stdout + answer.stderr
    found: dict[str, dict[str, str]] = json.loads((place / "record.json").read_text())
    return {name.partition("::")[2]: test for name, test in found.items()}


def test_the_record_holds_the_worst_of_each_test_and_the_reason_of_each_skip(tmp_path: Path) -> None:
    on_sqlite = record(tmp_path, "sqlite:///amparo.sqlite3", workers=2)
    assert {name: test["outcome"] for name, test in on_sqlite.items()} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_passes_and_breaks_afterwards": "failed",
        "test_skips_itself": "skipped",
        "test_needs_data": "skipped",
        "test_of_sqlite": "passed",
        "test_of_postgres": "skipped",
        "test_of_the_data": "passed",
        "test_of_a_page": "passed",
        "test_of_whole_pages": "passed",
    }
    assert on_sqlite["test_skips_itself"]["reason"] == "no moon tonight"
    assert "published data" in on_sqlite["test_needs_data"]["reason"]

    on_postgres = record(tmp_path, "postgres://postgres@127.0.0.1/amparo")
    assert on_postgres["test_of_sqlite"]["outcome"] == "skipped"
    assert on_postgres["test_of_postgres"]["outcome"] == "passed"


def test_the_second_run_is_for_the_data_alone(tmp_path: Path) -> None:
    ran = record(tmp_path, "postgres://postgres@127.0.0.1/amparo", AMPARO_TEST_DATA_ONLY="1")
    assert set(ran) == {"test_of_postgres", "test_of_the_data"}
