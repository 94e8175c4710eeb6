"""The fault tests at full size, on SQLite and on PostgreSQL, with their figures.

    python -m bench.faults                  all of them; about half an hour
    python -m bench.faults -k r3            those whose name says r3

Processes and servers are killed, disks filled and clocks turned, dozens of times each (tests/faults/). Every line that
begins with a guarantee's number, such as R3, is a figure. `AMPARO_TEST_SEED=…` repeats a run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile

import psycopg

from scripts.environment import without_settings
from tests.faults.harness import ROOT, with_database

DEFAULT_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
#: What is worth reading of pytest's words.
_FIGURES = re.compile(
    r"^\.*s*\.*(R\d+|Sockets)\b|FAILED|ERROR |AssertionError|SKIPPED|\d+ (passed|failed|skipped)"
)


def run(name: str, *, url: str, arguments: list[str]) -> int:
    """Every fault on one kind of database; pytest's exit code."""
    print(f"\n{name}  (load {os.getloadavg()[0]:.1f})", flush=True)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        env = {
            **without_settings(),
            "AMPARO_TEST_FAULTS": "full",
            "AMPARO_VAR": folder,
            "DATABASE_URL": url or f"sqlite:///{folder}/amparo.sqlite3",
        }
        if url:
            env["AMPARO_TEST_DATA_ONLY"] = "1"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-s",
            "-q",
            "-rs",
            "-p",
            "no:cacheprovider",
            "tests/faults",
        ]
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if _FIGURES.search(line):
                print(f"  {line.strip().lstrip('.')}", flush=True)
        return process.wait()


def main(arguments: list[str] | None = None) -> int:
    """Both databases; 1 when a guarantee did not hold."""
    words = sys.argv[1:] if arguments is None else arguments
    codes = [run("SQLite", url="", arguments=words)]
    server = os.environ.get("AMPARO_TEST_DATABASE_URL", DEFAULT_SERVER)
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.OperationalError as problem:
        print(f"\nPostgreSQL: not run. {str(problem).splitlines()[0]}")
    else:
        url = with_database(server, f"amparo_bench_{os.getpid()}")
        codes.append(run("PostgreSQL", url=url, arguments=words))
    # 5: nothing of that name is about this database.
    return 0 if all(code in {0, 5} for code in codes) else 1


if __name__ == "__main__":
    sys.exit(main())
