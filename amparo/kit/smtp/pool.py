"""A few connections to the mail server, kept and shared by the threads of this process."""

from __future__ import annotations

import contextlib
import os
import ssl
import threading
import time
from typing import TYPE_CHECKING

from amparo.kit.smtp.connection import Connection
from amparo.kit.smtp.delivery import Accepted, Envelope, deliver, on_the_wire
from amparo.kit.smtp.failures import TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from amparo.kit.smtp.settings import SmtpSettings

#: Seconds without use after which a connection is asked whether it still stands before a message is begun on
#: it.
ASK_AFTER = 5.0
#: Seconds without use after which a connection is closed rather than kept from the server's other clients.
CLOSE_AFTER = 60.0


class SmtpPool:
    """Delivers over at most `size` connections at once, each used for `recycle_after` messages at most.

    `context` replaces the check of certificates against the system's authorities, for an organization with
    its own. Safe to share between threads; a forked child begins with no connections.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        size: int = 4,
        recycle_after: int = 100,
        ask_after: float = ASK_AFTER,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.settings = settings
        self._size = size
        self._recycle_after = recycle_after
        self._ask_after = ask_after
        self._context = context
        self._begin()

    def __enter__(self) -> SmtpPool:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def send(
        self,
        message: bytes,
        *,
        envelope_from: str,
        recipient: str,
        before_data: Callable[[], object],
    ) -> Accepted:
        """Deliver one finished MIME message to one recipient.

        `before_data` is called once, when the server has accepted sender and recipient and before it is
        offered the message: commit there what must be known if the process dies now. What it raises is passed
        on, and nothing was sent. Raises `TypeError` or `BadAddress` for anything but one address, and
        otherwise `TemporaryFailure`, `PermanentFailure` or `Uncertain`.
        """
        envelope = Envelope.addressed(envelope_from=envelope_from, recipient=recipient)
        body = on_the_wire(message)
        if self._pid != os.getpid():
            self._begin()
        with self._turn():
            kept = self._kept()
            if kept is not None:
                try:
                    return self._deliver(kept, body, envelope=envelope, before_data=before_data)
                except TemporaryFailure as failure:
                    # The server hung up since the last message (restarted, or tired of waiting): not this
                    # one's fault.
                    if failure.stage != "mail" or failure.code not in {None, 421}:
                        raise
            fresh = Connection(self.settings, context=self._ssl_context())
            return self._deliver(fresh, body, envelope=envelope, before_data=before_data)

    def close(self) -> None:
        """Say goodbye on every connection not in use."""
        with self._lock:
            idle = list(self._idle)
            self._idle.clear()
        for connection in idle:
            connection.say_goodbye()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(self._size)
        self._idle: list[Connection] = []

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self.settings.timeout):
            raise TemporaryFailure(stage="connect", reason="all connections to the mail server are in use")
        try:
            yield
        finally:
            self._turns.release()

    def _deliver(
        self, connection: Connection, body: bytes, *, envelope: Envelope, before_data: Callable[[], object]
    ) -> Accepted:
        connection.used += 1
        finished = False
        try:
            accepted = deliver(connection, body, envelope=envelope, before_data=before_data)
            finished = True
            return accepted
        except Exception:
            # Refused: `deliver` left the connection fit for another message, or closed it.
            finished = True
            raise
        finally:
            if not finished:
                connection.close()
            self._keep(connection)

    def _kept(self) -> Connection | None:
        """A connection that stands, the one used last first; None when there is none."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if time.monotonic() - connection.idle_since < self._ask_after or connection.is_alive():
                return connection
            connection.close()

    def _keep(self, connection: Connection) -> None:
        if connection.sock is None:
            return
        if connection.used >= self._recycle_after:
            connection.say_goodbye()
            return
        connection.idle_since = time.monotonic()
        with self._lock:
            self._idle.append(connection)
            tired = [kept for kept in self._idle if connection.idle_since - kept.idle_since > CLOSE_AFTER]
            for kept in tired:
                self._idle.remove(kept)
        for kept in tired:
            kept.say_goodbye()

    def _ssl_context(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context
