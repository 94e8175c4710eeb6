"""A PostgreSQL server of a test's own, which may be restarted as rudely as the test likes.

It keeps what it promises: `fsync` and `synchronous_commit` are on.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.harness import free_port


class PrivatePostgres:
    """One server: `url` is its address, `restart` ends every connection and recovers from the log."""

    def __init__(self, *, programs: Path, place: Path) -> None:
        self._programs, self._place = programs, place
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._user = _unprivileged(place)

    def start(self) -> None:
        """Make the files and start."""
        self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C")
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._place}"
            " -c fsync=on -c synchronous_commit=on"
        )
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def restart(self) -> None:
        """As after a crash of the server: no goodbye, and back through recovery."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "-l", "log", "restart")

    def stop(self) -> None:
        """For good."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        # To a file: the server inherits what pg_ctl was given, and would hold a pipe open for ever.
        with (self._place / "pg_ctl.log").open("ab") as log:
            subprocess.run(
                [self._programs / program, *arguments],
                cwd=self._place,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
                **self._user,
            )


@contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    """A running server; skips the test where PostgreSQL is not installed."""
    programs = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
    found = programs or (Path(path).parent if (path := shutil.which("initdb")) else None)
    if found is None or not (found / "initdb").exists():
        pytest.skip("needs PostgreSQL's own programs: install postgresql (Debian's name)")
    # Not under pytest's own folder, which another user may not enter.
    place = Path(tempfile.mkdtemp(prefix="amparo-faults-"))
    server = PrivatePostgres(programs=found, place=place)
    try:
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _unprivileged(place: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then as its own user, or as nobody, who owns `place`."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    os.chown(place, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
