"""A mail server that does what a test tells it to, on a free port of this machine."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field

#: In place of a reply: hang up, or say nothing until the test is over.
DROP, HANG = object(), object()


class Cut(bytes):
    """A reply that is broken off: sent as it is, and then nothing but a closed connection."""


_USUAL = {
    "GREETING": "220 post-office.test ready",
    "MAIL": "250 2.1.0 sender fine",
    "RCPT": "250 2.1.5 recipient fine",
    "DATA": "354 go on",
    "BODY": "250 2.0.0 queued as 7A11",
    "NOOP": "250 still here",
    "RSET": "250 forgotten",
    "QUIT": "221 goodbye",
    "AUTH": "235 2.7.0 welcome",
    "STARTTLS": "220 go ahead",
}


@dataclass
class Heard:
    """What one connection said: its commands, whether each was said in clear, and the bodies it handed over."""

    commands: list[str] = field(default_factory=list)
    in_clear: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    #: Whether a message was begun and neither ended nor forgotten.
    begun: bool = False

    @property
    def verbs(self):
        return [command.partition(" ")[0].upper() for command in self.commands]


class PostOffice:
    """Answers each verb as usual, or as `replies` says: a string, bytes (sent as they are), Cut, DROP, HANG,
    or
    a list of those, one for each time. `GREETING` and `BODY` stand for the two replies that answer no verb,
    `READING` for what happens at the first bytes of a body.
    """

    def __init__(
        self, *, offers=("SIZE 1000000", "8BITMIME"), tls=None, tls_at_once=False, port=0, **replies
    ):
        self.sessions: list[Heard] = []
        self._offers = offers
        self._tls = tls
        self._tls_at_once = tls_at_once
        self._replies = {
            verb: list(reply) if isinstance(reply, list) else reply for verb, reply in replies.items()
        }
        self._over = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()

    @property
    def delivered(self):
        """The bodies that were answered with a 250."""
        return [body for heard in self.sessions for body in heard.bodies]

    @property
    def commands(self):
        return [command for heard in self.sessions for command in heard.commands]

    def close(self):
        """Hang up on everyone and stop listening."""
        self._over.set()
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(timeout=20)

    def _start(self, target, *args):
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(connection)
            heard = Heard()
            self.sessions.append(heard)
            self._start(self._serve, connection, heard)

    def _serve(self, connection, heard):
        with contextlib.suppress(OSError, ConnectionError):
            self._converse(connection, heard)
        with contextlib.suppress(OSError):
            connection.close()

    def _converse(self, connection, heard):
        if self._tls_at_once:
            connection = self._secure(connection)
        secure = self._tls_at_once
        self._say(connection, "GREETING")
        while connection is not None:
            connection, secure = self._until_secured(connection, heard, secure=secure)

    def _until_secured(self, connection, heard, *, secure):
        """Converse to the end, or until STARTTLS; the connection to go on with."""
        with connection.makefile("rb") as lines:
            while line := lines.readline():
                verb, reply = self._answer(connection, line, heard, secure=secure)
                if verb == "STARTTLS" and reply.startswith("220") and self._tls is not None:
                    break
                if verb == "DATA" and reply.startswith("354"):
                    self._take_body(connection, lines, heard)
                if verb == "QUIT":
                    return None, secure
            else:
                return None, secure
        return self._secure(connection), True

    def _answer(self, connection, line, heard, *, secure):
        command = line.decode("utf-8", "replace").rstrip("\r\n")
        verb = command.partition(" ")[0].upper()
        heard.commands.append(command)
        if not secure:
            heard.in_clear.append(command)
        if verb == "MAIL" and heard.begun:
            return verb, self._give(connection, "503 5.5.1 one sender at a time")
        reply = self._say(connection, verb)
        if reply.startswith("2"):
            heard.begun = {"MAIL": True, "RSET": False}.get(verb, heard.begun)
        return verb, reply

    def _take_body(self, connection, lines, heard):
        body = b""
        while (line := lines.readline()) != b".\r\n":
            if not line:
                return
            if not body and self._replies.get("READING"):
                self._say(connection, "READING")
            body += line
        heard.begun = False
        reply = self._reply_to("BODY")
        if isinstance(reply, str) and reply.startswith("2"):
            # Before it is said, so that a test which has the answer sees the letter.
            heard.bodies.append(body)
        self._give(connection, reply)

    def _say(self, connection, verb):
        return self._give(connection, self._reply_to(verb))

    def _give(self, connection, reply):
        if reply is DROP:
            connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionError
        if reply is HANG:
            self._over.wait(timeout=60)
            raise ConnectionError
        if isinstance(reply, bytes):
            connection.sendall(reply)
            if isinstance(reply, Cut):
                connection.shutdown(socket.SHUT_RDWR)
                raise ConnectionError
            return reply.decode("latin-1")
        connection.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionError
        return reply

    def _reply_to(self, verb):
        scripted = self._replies.get(verb)
        if isinstance(scripted, list):
            scripted = scripted.pop(0) if scripted else None
        if scripted is not None:
            return scripted
        if verb == "EHLO":
            lines = ["post-office.test", *self._offers]
            return "\r\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines)
        return _USUAL.get(verb, "502 5.5.2 not understood")

    def _secure(self, connection):
        secured = self._tls.wrap_socket(connection, server_side=True)
        self._sockets.append(secured)
        return secured
