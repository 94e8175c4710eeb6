"""`amparo demo`: a whole demonstration in one terminal, and `--check`, which walks through it by itself."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from amparo.kit.master_keys import create_master_key_file
from amparo.web import overview, readiness, static_files
from amparo.web.demo import journey, loading, logins, places
from amparo.web.demo.supervising import Ended, Household

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.management.base import CommandParser

#: What a demonstration keeps in its state directory, and --reset removes.
KEPT = (
    "amparo.sqlite3", "amparo.sqlite3-wal", "amparo.sqlite3-shm", "engine.json", "published", "targets", "media",
    places.MAILBOX, places.LOGINS,
)  # fmt: skip
_TRY = """
Try:
  1. Open the case, write to the deputy of 41110 under any name, and send it.
  2. Open the mailbox, follow the link in the confirmation, press the button, and watch the letter arrive.
  3. Try 41170 (two constituencies), 42210 (a vacant seat), 41310 (asks for an address) and 49000 (nobody).
"""


class Command(BaseCommand):
    help = "Serve a demonstration with invented people, its own mailbox and a staff login. Nothing leaves the machine."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        places.add_options(parser)

    def handle(self, *_args: Any, reset: bool, check: bool, port: int | None, **_options: Any) -> None:
        self.port_was_named = port is not None
        state = Path(settings.AMPARO_VAR)
        if not settings.AMPARO_DEMO or not places.is_ours(state):
            raise CommandError(
                f"{state} holds an installation, not a demonstration; name another directory with AMPARO_VAR."
            )
        try:
            with places.only_one_here(state):
                self._run(state, reset=reset, check=check)
        except (Ended, journey.Astray, places.AlreadyRunning) as problem:
            raise CommandError(str(problem)) from None
        finally:
            if check:
                shutil.rmtree(state, ignore_errors=True)
        self.stdout.write(
            "The demonstration works." if check else "\nStopped. It goes on where it was next time."
        )

    def _run(self, state: Path, *, reset: bool, check: bool) -> None:
        if reset:
            _forget(state)
        self._prepare(state)
        with Household() as household, household.until_signalled():
            self._start(household, state)
            if check:
                journey.walk(site=settings.BASE_URL, tell=self.stdout.write)
            else:
                self._explain()
                household.watch()

    def _prepare(self, state: Path) -> None:
        """Keys, database, pages, styles: whatever is missing."""
        logins.read_or_make()
        if not Path(settings.AMPARO_MASTER_KEY_FILE).exists():
            create_master_key_file(Path(settings.AMPARO_MASTER_KEY_FILE))
        # Compressing lets go of the interpreter, so both processors are busy while the database is made.
        with ThreadPoolExecutor(max_workers=1) as beside:
            gathered = beside.submit(static_files.gather_when_stale)
            if waiting := len(readiness.pending_migrations()):
                self._migrate(waiting)
            self._step("Setting up the Republic of Vardania", lambda: loading.load(now=timezone.now()))
            self._step("Gathering styles and scripts", gathered.result)
        (state / places.MAILBOX).mkdir(exist_ok=True, mode=0o700)
        connections.close_all()

    def _migrate(self, waiting: int) -> None:
        meter = _Meter(self, title="Making the database", total=waiting)
        call_command("migrate", interactive=False, verbosity=1, stdout=meter, no_color=True, skip_checks=True)
        meter.close()

    def _step(self, title: str, deed: Callable[[], Any]) -> None:
        self.stdout.write(f"{title} ... ", ending="")
        self.stdout.flush()
        began = time.monotonic()
        deed()
        self.stdout.write(f"{time.monotonic() - began:.0f} s")

    def _start(self, household: Household, state: Path) -> None:
        """Mail catcher, worker and web server; returns when all three answer."""
        site, mail = urlsplit(settings.BASE_URL), urlsplit(settings.SMTP_URL)
        amparo = [sys.executable, "-W", "ignore", "-m", "amparo.config.cli"]
        catcher = [sys.executable, "-m", "amparo.web.demo.catching"]
        began = timezone.now()
        household.start(
            "mail catcher", [*catcher, "--port", str(mail.port), "--directory", str(state / places.MAILBOX)]
        )
        household.start("worker", [*amparo, "worker"])
        household.start("web server", [*amparo, "serve", "--bind", f"127.0.0.1:{site.port}"])

        def worker_lives() -> bool:
            seen = overview.engine_state(now=timezone.now()).seen_at
            return seen is not None and seen >= began

        def wait() -> None:
            household.wait_for("mail catcher", lambda: _listens(mail.port))
            household.wait_for("web server", lambda: _listens(site.port))
            household.wait_for("worker", worker_lives)

        self._step("Starting web server, worker and mail catcher", wait)

    def _explain(self) -> None:
        known, site = logins.read_or_make(), settings.BASE_URL
        if urlsplit(site).port != places.PORT and not self.port_was_named:
            self.stdout.write(f"Port {places.PORT} is taken, so it is another one this time.")
        staff = "\n".join(f"    {member.email:26} {member.role.label}" for member in logins.STAFF)
        self.stdout.write(
            f"\n  The site          {site}/\n"
            f"  Its mailbox       {site}/demo/mailbox/\n"
            f"  What to try       {site}/demo/\n"
            f"  Staff screens     {site}/staff/\n{staff}\n"
            f"    Password {known.password}   one-time code now {known.code}; the next ones on {site}/demo/,\n"
            f"    or in an app of yours with the secret {known.secret}\n"
            f"{_TRY}\nCtrl-C stops it."
        )
        self.stdout.flush()


class _Meter:
    """Takes the output of `migrate` and shows how far it is, in one line."""

    def __init__(self, command: BaseCommand, *, title: str, total: int) -> None:
        self._out, self._title, self._total, self._done = command.stdout, title, total, 0
        self._moves = command.stdout.isatty()
        self._began = time.monotonic()
        self._show()

    def write(self, text: str) -> None:
        """One piece of output; each migration ends in OK."""
        self._done += text.count(" OK")
        if self._moves and " OK" in text:
            self._out.write("\r", ending="")
            self._show()

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """No: this is not a terminal."""
        return False

    def close(self) -> None:
        """End the line."""
        end = f" {time.monotonic() - self._began:.0f} s"
        self._out.write(
            end if not self._moves else f"\r{self._title}: {self._done} of {self._total} steps,{end}"
        )

    def _show(self) -> None:
        line = f"{self._title}: {self._done} of {self._total} steps" if self._moves else f"{self._title} ..."
        self._out.write(line, ending="")
        self._out.flush()


def _forget(state: Path) -> None:
    """What was written in the demonstration, and nothing else that lies there."""
    if not (state / places.LOGINS).exists():
        return
    for name in KEPT:
        path = state / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _listens(port: int | None) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port or 0)) == 0
