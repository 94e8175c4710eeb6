"""Where a demonstration runs: its state directory, its addresses, and an environment of its own.

Read before there are settings, so nothing of Django is imported here.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import io
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping, Sequence

PORT = 8000
MAIL_PORT = 8025
#: Ports tried after the usual one.
MORE_PORTS = 99
#: The second organization's site. Browsers take every name under localhost to this machine (RFC 6761, section 6.3).
NEIGHBOUR = "lanterns.localhost"
#: A marker and the staff's logins: a directory without it is none of ours.
LOGINS = "demo-login.json"
MAILBOX = "demo-mailbox"

#: What settings.py reads. A demonstration must never meet a real database or a real mail server.
_SETTINGS = ("AMPARO_", "BASE_URL", "BROKER_URL", "CACHE_URL", "DATABASE_URL", "SECRET_KEY", "SMTP_URL")
_KEPT = {"AMPARO_VAR", "AMPARO_LOG_LEVEL"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `amparo demo`."""
    parser.add_argument("--port", type=int, help=f"{PORT}, or the next that is free")
    parser.add_argument("--reset", action="store_true", help="begin anew: forget what was written in it")
    parser.add_argument(
        "--check",
        action="store_true",
        help="walk through one letter by itself, in a place of its own, and end",
    )


def prepare(arguments: Sequence[str], *, environment: MutableMapping[str, str]) -> None:
    """Put the demonstration's settings into `environment`, in place of whatever stood there."""
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser)
    # What is wrong with the rest is said by the command itself, which knows how.
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            options = parser.parse_known_args(list(arguments))[0]
        except SystemExit:
            options = argparse.Namespace(port=None, check=False)
    for name in [name for name in environment if name.startswith(_SETTINGS) and name not in _KEPT]:
        del environment[name]
    if options.check:
        environment["AMPARO_VAR"] = tempfile.mkdtemp(prefix="amparo-demo-")
    environment.setdefault("AMPARO_LOG_LEVEL", "WARNING")
    port = options.port or free_port(_candidates(PORT, anew=options.check))
    mail_port = free_port(_candidates(MAIL_PORT, anew=options.check), beside=port)
    environment.update(
        AMPARO_DEMO="true",
        AMPARO_EXTRA_HOSTS=NEIGHBOUR,
        # So that whoever tries again need not wait a minute for the office's next turn.
        AMPARO_LETTERS_PER_TARGET_PER_HOUR="3600",
        BASE_URL=f"http://127.0.0.1:{port}",
        SMTP_URL=f"smtp://127.0.0.1:{mail_port}",
    )


def free_port(candidates: Iterator[int], *, beside: int = 0) -> int:
    """The first of the candidates on which nobody listens; 0 asks the system for one."""
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            if found != beside:
                return found
    raise OSError("Every port is taken; name a free one with --port.")


def _candidates(usual: int, *, anew: bool) -> Iterator[int]:
    if not anew:
        yield from range(usual, usual + MORE_PORTS + 1)
    yield 0


class AlreadyRunning(Exception):  # noqa: N818 - named as the fact
    """Another demonstration runs on the same state directory, and its links would lead here."""


@contextlib.contextmanager
def only_one_here(state: Path) -> Iterator[None]:
    """Keep the directory to ourselves while this lasts. Raises `AlreadyRunning`."""
    with (state / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"A demonstration is running on {state} already; stop it, or name another directory with AMPARO_VAR."
            ) from None
        yield


def is_ours(state: Path) -> bool:
    """Whether a state directory is empty, or holds a demonstration and not an installation."""
    return (state / LOGINS).exists() or not (state / "amparo.sqlite3").exists()
