"""A whole site in processes of its own, to be broken and looked at from outside."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from scripts.environment import without_settings

ROOT = Path(__file__).resolve().parents[2]
#: Seconds a process may take until it is ready, on a machine that does other things too.
START_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], object], *, seconds: float, what: str, every: float = 0.05) -> None:
    """Return as soon as `holds()`; an AssertionError that names `what` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(every)


# --- Processes --------------------------------------------------------------------------------------------------


class Running:
    """A process and everything it starts, which can be killed as one."""

    def __init__(self, *command: str, env: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def children(self) -> set[int]:
        """The processes it started that still run."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return {int(pid) for pid in found.split()}

    def kill(self) -> None:
        """kill -9 of the whole tree, as a power cut would end it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        if self.is_alive():
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=20)
        self.kill()

    def said(self) -> str:
        """The end of what it printed, for a failing assertion."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]


# --- The site ---------------------------------------------------------------------------------------------------


@dataclass
class Site:
    """One installation: a state directory, a database, an address to serve at and a mail server to be."""

    folder: Path
    database_url: str
    page: str
    consent: str
    web_port: int = field(default_factory=free_port)
    mail_port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    running: list[Running] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def env(self) -> dict[str, str]:
        """What an administrator would have written into the environment."""
        return {
            **without_settings(),
            **site_settings(folder=self.folder, database_url=self.database_url),
            "BASE_URL": f"http://127.0.0.1:{self.web_port}",
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}?tls=none&timeout=5",
            **self.settings,
        }

    def start_web(self, *arguments: str) -> Running:
        """`amparo serve`, ready to answer."""
        web = self._start(
            "-m", "amparo.config.cli", "serve", "--bind", f"127.0.0.1:{self.web_port}", *arguments
        )
        wait_until(lambda: self._is_serving(web), seconds=START_SECONDS, what="the web server")
        return web

    def start_worker(self, *arguments: str, before: tuple[str, ...] = ()) -> Running:
        """A worker with a test's patience; `before` is a program that runs it, such as faketime."""
        return self._start("-m", "tests.faults.worker", *arguments, before=before)

    def start_mail(self, *arguments: str, took: Path | None = None) -> Running:
        """A mail server where SMTP_URL says, ready to listen."""
        took = took or self.mail_file
        took.touch()
        mail = self._start("-m", "tests.faults.mail_server", str(self.mail_port), str(took), *arguments)
        wait_until(lambda: listens(self.mail_port), seconds=START_SECONDS, what="the mail server")
        return mail

    @property
    def mail_file(self) -> Path:
        return self.folder / "mail.txt"

    def mails(self, word: str = "took") -> list[list[str]]:
        """What the mail server noted under this word: time, word, letter's id, recipient."""
        lines = [line.split() for line in self.mail_file.read_text(encoding="utf-8").splitlines()]
        return [line for line in lines if line[1] == word]

    def prepare(self, *words: str) -> dict[str, Any]:
        """`tests.faults.preparing` with this site's settings."""
        return run_in(self.env, "-m", "tests.faults.preparing", *words)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database itself, past all our code."""
        if self.is_sqlite:
            connection = sqlite3.connect(self.sqlite_file, timeout=30)
            try:
                return connection.execute(query).fetchall()
            finally:
                connection.close()
        with psycopg.connect(self.database_url, autocommit=True) as postgres:
            return postgres.execute(query.encode()).fetchall()

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns, in order."""
        if self.is_sqlite:
            return [row[1] for row in self.rows(f"PRAGMA table_info({table})")]
        query = f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum"
        return [row[0] for row in self.rows(query)]

    def count(self, query: str) -> int:
        """The one number that `query` asks for."""
        return int(self.rows(query)[0][0])

    def states(self) -> dict[str, int]:
        """How many letters there are in each state."""
        return dict(self.rows("SELECT state, COUNT(*) FROM actions_message GROUP BY state"))

    @property
    def sqlite_file(self) -> Path:
        return Path(self.database_url.removeprefix("sqlite:///"))

    def assert_sound(self) -> None:
        """SQLite's own check of its file; on PostgreSQL recovery has said what it had to say."""
        if self.is_sqlite:
            assert self.rows("PRAGMA integrity_check") == [("ok",)]
            assert self.rows("PRAGMA foreign_key_check") == []

    def stop(self) -> None:
        """End everything that was started here."""
        for process in self.running:
            process.stop()

    def _start(self, *command: str, before: tuple[str, ...] = ()) -> Running:
        name = command[1].rpartition(".")[2]
        process = Running(*before, sys.executable, *command, env=self.env, log=self.folder / f"{name}.log")
        self.running.append(process)
        return process

    def _is_serving(self, web: Running) -> bool:
        assert web.is_alive(), web.said()
        return listens(self.web_port)


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def site_settings(*, folder: Path, database_url: str) -> dict[str, str]:
    """The settings that do not depend on who is running."""
    return {
        "AMPARO_VAR": str(folder / "var"),
        "AMPARO_MASTER_KEY_FILE": str(folder / "master.key"),
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "amparo.config.settings",
        "AMPARO_LOG_LEVEL": "WARNING",
        # Each client of ours writes from a network of its own, as a proxy would report it.
        "AMPARO_TRUSTED_PROXIES": "1",
        "AMPARO_LETTERS_PER_TARGET_PER_HOUR": "3600",
        "PYTHONWARNINGS": "ignore",
    }


def run_in(env: dict[str, str], *command: str) -> dict[str, Any]:
    """Run a program of ours to its end; the JSON on its last line."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


# --- Making one -------------------------------------------------------------------------------------------------


@contextmanager
def a_site(*, shelf: Path, folder: Path, server: str = "") -> Iterator[Site]:
    """A fresh site in `folder`: on SQLite, or as a database of its own on the PostgreSQL `server`.

    The first one is made by running every migration and put on the `shelf`; the others are copies of it.
    """
    kept = _kept_site(shelf, server)
    shutil.copytree(kept["folder"], folder, dirs_exist_ok=True)
    name = f"{_base_of(server)}_fault_{secrets.token_hex(4)}"
    if server:
        _on_server(server, "CREATE DATABASE {} TEMPLATE {}", name, kept["database"])
        url = with_database(server, name)
    else:
        url = f"sqlite:///{folder / 'amparo.sqlite3'}"
    site = Site(folder=folder, database_url=url, page=kept["page"], consent=kept["consent"])
    try:
        yield site
    finally:
        site.stop()
        if server:
            _on_server(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def with_database(server: str, name: str) -> str:
    """The address of one database on that server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _base_of(server: str) -> str:
    """How names of databases begin, so that whoever clears up after a run finds them."""
    return urlsplit(server).path.strip("/") or "amparo"


def _kept_site(shelf: Path, server: str) -> dict[str, str]:
    """What is on the shelf, made by whoever comes first; runs beside each other share it."""
    shelf.mkdir(parents=True, exist_ok=True)
    place = shelf / (f"postgres-{urlsplit(server).port}" if server else "sqlite")
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = place / "kept.json"
        if not note.exists():
            note.write_text(json.dumps(_make_site(place, server)), encoding="utf-8")
        found: dict[str, str] = json.loads(note.read_text(encoding="utf-8"))
        return found


def _make_site(place: Path, server: str) -> dict[str, str]:
    folder = place / "site"
    (folder / "var").mkdir(parents=True)
    database = ""
    if server:
        database = f"{_base_of(server)}_shelf_{secrets.token_hex(4)}"
        _on_server(server, "CREATE DATABASE {}", database)
        url = with_database(server, database)
    else:
        url = f"sqlite:///{folder / 'amparo.sqlite3'}"
    env = {**without_settings(), **site_settings(folder=folder, database_url=url)}
    subprocess.run(
        [sys.executable, "-m", "amparo.config.cli", "keys", "create", str(folder / "master.key")],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
    )
    found = run_in(env, "-m", "tests.faults.preparing", "site")
    return {**found, "folder": str(folder), "database": database}


def clear_shelf(shelf: Path, server: str) -> None:
    """Remove the databases that copies were made of."""
    for note in shelf.glob("postgres-*/kept.json"):
        _on_server(
            server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", json.loads(note.read_text())["database"]
        )


def _on_server(server: str, statement: str, *names: str) -> None:
    with psycopg.connect(with_database(server, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
