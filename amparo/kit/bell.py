"""The bell: tells workers that work was committed, so that they need not wait for their next look.

    transaction.on_commit(partial(ring, "delivery"))

A ring carries a line's name and nothing else. It may be lost: workers look by themselves every five seconds,
so a lost ring costs at most that, and never a row. Ringing therefore never raises and never blocks.

Workers in this process hear it directly; those in other processes over a UNIX datagram socket each has in
`settings.AMPARO_VAR`. The Celery engine puts its own sender in that place with `use_sender`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

#: A UNIX socket's path may have 107 bytes on Linux and 103 elsewhere; longer ones go through /proc.
LONGEST_PATH = 100
#: A line's name is short; a datagram beyond this is cut and then known to nobody.
LONGEST_NAME = 200
#: Seconds between two complaints about a bell that cannot be rung.
COMPLAIN_EVERY = 60.0


def ring(line: str) -> None:
    """Say that `line` has work. Call it on commit; it never raises, never blocks, and may be lost."""
    try:
        _sending.sender(line)
    except Exception as error:  # noqa: BLE001 - a bell that cannot be rung must not fail what was just committed
        _complain(type(error).__name__)


def use_sender(sender: Callable[[str], None] | None) -> None:
    """Ring by calling `sender(line)` from now on in this process; None goes back to sockets and threads."""
    _sending.sender = sender or ring_workers


def ring_workers(line: str) -> None:
    """The usual sender: wake the bells of this process and of every process with a socket beside ours."""
    here = _bells_here()
    for bell in here:
        bell.wake(line)
    directory = _directory()
    if directory is not None:
        own = {bell.socket_name for bell in here}
        _ring_sockets(directory, line.encode()[:LONGEST_NAME], skip=own)


class Bell:
    """What a worker waits on. Use it as a context manager; each process usually has one.

    Without a directory, or where a socket cannot be made, it hears only rings from its own process.
    """

    def __init__(self, *, directory: Path | None = None) -> None:
        self.socket_name: str | None = None
        self.pid = os.getpid()
        self._directory = directory or _directory()
        self._events: dict[str, threading.Event] = {}
        self._socket: socket.socket | None = None
        self._hearing: threading.Thread | None = None
        self._closed = False
        self._ended = False

    def __enter__(self) -> Bell:
        _bells.append(self)
        if self._directory is not None:
            try:
                self._bind(self._directory)
            except OSError as error:
                log.warning(
                    "No bell for other processes (%s): workers look every few seconds.", type(error).__name__
                )
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def wait(self, line: str, *, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a ring of `line`; whether there was one, also since the last wait."""
        event = self._event(line)
        rung = event.wait(0 if self._ended else timeout)
        event.clear()
        return rung

    def wake(self, line: str) -> None:
        """End the wait for `line`, or its next one."""
        self._event(line).set()

    def end_waits(self) -> None:
        """End every wait, and every later one at once: the worker is asked to stop."""
        self._ended = True
        for event in list(self._events.values()):
            event.set()

    def close(self) -> None:
        """Stop hearing and take the socket away. Harmless when done twice."""
        self._closed = True
        with contextlib.suppress(ValueError):
            _bells.remove(self)
        if self._socket is None or self.socket_name is None or self._directory is None:
            return
        with contextlib.suppress(OSError), _address_of(self._directory) as address:
            # So that the thread notices now and not at its next look.
            self._socket.sendto(b"", address(self.socket_name))
        if self._hearing is not None:
            self._hearing.join(timeout=5)
        self._socket.close()
        (self._directory / self.socket_name).unlink(missing_ok=True)
        self._socket = self.socket_name = None

    def _event(self, line: str) -> threading.Event:
        return self._events.setdefault(line, threading.Event())

    def _bind(self, directory: Path) -> None:
        # The random part tells apart processes with one number in two containers that share the directory.
        name = f"bell-{self.pid}-{secrets.token_hex(4)}.sock"
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            with _address_of(directory) as address:
                sock.bind(address(name))
            sock.settimeout(1.0)
        except OSError:
            sock.close()
            raise
        self._socket, self.socket_name = sock, name
        self._hearing = threading.Thread(target=self._hear, args=(sock,), name="bell", daemon=True)
        self._hearing.start()

    def _hear(self, sock: socket.socket) -> None:
        while not self._closed:
            try:
                heard = sock.recv(LONGEST_NAME)
            except TimeoutError:
                continue
            except OSError:
                return
            # A name nobody waits for wakes nobody, so that strangers' datagrams cannot fill our memory.
            event = self._events.get(heard.decode(errors="replace"))
            if event is not None:
                event.set()


class OffThread:
    """A sender that calls `send(line)` from a thread of its own, for a `send` that may block (a message broker).

    Rings of a line that are still waiting are one ring, so the queue is never longer than there are lines.
    """

    def __init__(self, send: Callable[[str], Any]) -> None:
        self._send = send
        self._waiting: dict[str, None] = {}
        self._arrived = threading.Condition()
        self._pid = 0

    def __call__(self, line: str) -> None:
        if self._pid != os.getpid():
            self._start()
        with self._arrived:
            self._waiting[line] = None
            self._arrived.notify()

    def _start(self) -> None:
        # A forked child inherits neither the thread nor a lock it can trust.
        self._pid, self._arrived, self._waiting = os.getpid(), threading.Condition(), {}
        threading.Thread(target=self._run, args=(self._arrived,), name="bell-sender", daemon=True).start()

    def _run(self, arrived: threading.Condition) -> None:
        while True:
            with arrived:
                arrived.wait_for(lambda: self._waiting)
                line = next(iter(self._waiting))
                del self._waiting[line]
            try:
                self._send(line)
            except Exception as error:  # noqa: BLE001 - as for `ring`
                _complain(type(error).__name__)


class _Sending:
    """The sender in use, and when we last complained."""

    sender: Callable[[str], None] = staticmethod(ring_workers)
    complained_at: float | None = None


_sending = _Sending()
_bells: list[Bell] = []


def _bells_here() -> list[Bell]:
    """Bells of this very process: a forked child's copies of its parent's wake nobody."""
    pid = os.getpid()
    return [bell for bell in list(_bells) if bell.pid == pid]


def _directory() -> Path | None:
    directory = getattr(settings, "AMPARO_VAR", None)
    return None if directory is None else Path(directory)


def _complain(cause: str) -> None:
    """Log that the bell is out of order, but not for every submission while it is."""
    now = time.monotonic()
    if _sending.complained_at is None or now - _sending.complained_at > COMPLAIN_EVERY:
        _sending.complained_at = now
        log.warning("The bell could not be rung (%s): workers will notice by themselves.", cause)


def _ring_sockets(directory: Path, name: bytes, *, skip: set[str | None]) -> None:
    sockets = [
        entry
        for entry in os.listdir(directory)  # noqa: PTH208 - called for every commit; names are all it needs
        if entry.startswith("bell-") and entry.endswith(".sock") and entry not in skip
    ]
    if not sockets:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, _address_of(directory) as address:
        sock.setblocking(False)
        for entry in sockets:
            try:
                sock.sendto(name, address(entry))
            except ConnectionRefusedError:
                # Its process is gone.
                (directory / entry).unlink(missing_ok=True)
            except OSError:
                # Full: it has rings enough to wake to. Or gone since we looked, or another user's.
                continue


@contextlib.contextmanager
def _address_of(directory: Path) -> Iterator[Callable[[str], str]]:
    """From a socket's name to an address that is short enough, however deep the directory lies."""
    if len(os.fsencode(directory)) + 40 <= LONGEST_PATH:
        yield lambda name: str(directory / name)
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Linux only; elsewhere this address does not exist, and workers look by themselves.
        yield lambda name: f"/proc/self/fd/{descriptor}/{name}"
    finally:
        os.close(descriptor)
