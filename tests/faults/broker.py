"""A queue of a test's own on RabbitMQ, reached through a door that can be shut: the broker itself serves others too."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

from kombu.connection import Connection

USUAL_PORT = 5672


class Queue:
    """`url` leads through the door to the queue called `name`."""

    def __init__(self, broker: str) -> None:
        self.name = f"amparo-test-{secrets.token_hex(4)}"
        parts = urlsplit(broker)
        self._there = (parts.hostname or "127.0.0.1", parts.port or USUAL_PORT)
        self._broker = broker
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        login = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(
            parts._replace(netloc=f"{login}@127.0.0.1:{port}" if login else f"127.0.0.1:{port}")
        )
        self._is_open = True
        self._through: set[socket.socket] = set()
        #: Connections that were cut.
        self.cut = 0
        threading.Thread(target=self._let_in, daemon=True).start()

    def close(self) -> None:
        """Cut every connection, and let nobody in."""
        self._is_open = False
        for one in list(self._through):
            self.cut += 1
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def open(self) -> None:
        self._is_open = True

    def end(self) -> None:
        """Nobody comes any more, and the queue is gone."""
        self.close()
        self._listening.close()
        with Connection(self._broker) as connection:  # type: ignore[no-untyped-call]
            connection.default_channel.queue_delete(self.name)

    def _let_in(self) -> None:
        while True:
            try:
                here, _address = self._listening.accept()
            except OSError:
                return
            if not self._is_open:
                here.close()
                continue
            try:
                there = socket.create_connection(self._there, timeout=10)
            except OSError:
                here.close()
                continue
            there.settimeout(None)
            self._through |= {here, there}
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while content := one.recv(65536):
                other.sendall(content)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
        self._through.discard(one)
        one.close()


@contextmanager
def a_queue(broker: str) -> Iterator[Queue]:
    """One that is removed afterwards."""
    queue = Queue(broker)
    try:
        yield queue
    finally:
        queue.end()
