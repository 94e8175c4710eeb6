"""One connection to the mail server, over which a mailing's mails go out one round trip each.

Pipelined (RFC 2920), the end of one mail and the envelope of the next are one write. A server that does not offer
that, or that breaks off, is spoken to more slowly: the envelope in one write of its own, then one command at a time.

Whatever happens, what became of each mail is known by one of four calls: `sent`, `refused`, `returned` (it never left:
no byte of its content was written) and `unknown` (it was written, and the answer never came).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from amparo.kit.smtp.failures import reason_in

if TYPE_CHECKING:
    import ssl

    from amparo.kit.smtp.failures import Stage

#: Bytes of answers that nobody has read the end of; servers send a few hundred.
LONGEST_REPLY = 65_536
CLOSING = 421
_GO_AHEAD = 354
#: What a server says when all is well, most often in one piece: it has the mail, and takes the next one's envelope.
_ALL_WELL = re.compile(rb"(?:250 [^\n]*\n){3}354 [^\n]*\n").fullmatch


class Mode(IntEnum):
    """How much is said at once."""

    LOCK_STEP = 1
    GROUPED = 2
    OVERLAPPED = 3


class Job(Protocol):
    """One mail on its way: the envelope's commands up to DATA, and the content with the dot that ends it."""

    address: str

    @property
    def envelope(self) -> bytes: ...

    @property
    def body(self) -> bytes: ...


class Feed(Protocol):
    """Where mails come from, and who is told what became of them."""

    def next(self) -> Job | None:
        """The next mail, or None while there is none."""

    def started(self, job: Job) -> bool:
        """Its content is about to be written; False when it must not be any more."""

    def sent(self, job: Job) -> None:
        """The server has it."""

    def refused(self, job: Job, stage: Stage, code: int, words: str) -> None:
        """The server does not want it, now or at all."""

    def returned(self, job: Job) -> None:
        """It never left; somebody else may take it."""

    def unknown(self, job: Job) -> None:
        """It was written, and the answer never came."""


class _Kind(IntEnum):
    MAIL = 1
    RCPT = 2
    DATA = 3
    BODY = 4
    RSET = 5
    DOT = 6
    QUIT = 7


#: Asked for with every answer; a look into an enumeration takes longer than all the rest.
_LOCK_STEP, _OVERLAPPED = Mode.LOCK_STEP, Mode.OVERLAPPED
_MAIL, _RCPT, _DATA, _BODY, _RSET = _Kind.MAIL, _Kind.RCPT, _Kind.DATA, _Kind.BODY, _Kind.RSET
_STAGES: dict[_Kind, Stage] = {
    _Kind.MAIL: "mail",
    _Kind.RCPT: "rcpt",
    _Kind.DATA: "data",
    _Kind.BODY: "body",
    _Kind.RSET: "mail",
    _Kind.DOT: "data",
    _Kind.QUIT: "connect",
}
_ENVELOPE = (_Kind.MAIL, _Kind.RCPT, _Kind.DATA)
#: Answers to the end of one mail and the envelope of the next. With a mail under way, no other commands are as many.
_WHOLE_TURN = 1 + len(_ENVELOPE)


class Wire(asyncio.Protocol):
    """One connection (`opening_wires`); `take` begins, and it goes on by itself until `feed` is empty."""

    def __init__(self, feed: Feed, *, recycle_after: int) -> None:
        self._feed = feed
        self._left = recycle_after
        self.mode = Mode.LOCK_STEP
        self.extensions: dict[str, str] = {}
        #: Mails that the server took over this connection.
        self.done = 0
        self.is_open = False
        #: Closed by us, or by a server that said so.
        self.said_goodbye = False
        self.reason = ""
        self.busy_since: float | None = None
        self._transport: asyncio.Transport | None = None
        self._closed: asyncio.Future[None] | None = None
        self._rest = b""
        self._said: list[bytes] = []
        self._waiter: asyncio.Future[tuple[int, str]] | None = None
        self._replies: deque[tuple[int, str]] = deque()
        self._expected: deque[_Kind] = deque()
        self._commands: list[bytes] = []
        self._pending: Job | None = None
        self._sending: Job | None = None
        self._refusal: tuple[Stage, int, str] | None = None
        self._reset_first = False

    # --- The loop's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self._sending is not None and self._awaits_all(data):
            self._expected.clear()
            self._is_taken()
            self._transmit()
            return
        if self._rest:
            data = self._rest + data
        lines = data.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_REPLY or len(self._said) > LONGEST_REPLY // 64:
            self.abort("its answer has no end")
            return
        for line in lines:
            if self.is_open and not self._said and self._went_well(line[:4]):
                if self._transport is None:
                    return
                continue
            if line[3:4] == b"-":
                self._said.append(line[4:])
                continue
            code = line[:3]
            if not code.isdigit():
                self.abort("it does not speak SMTP")
                return
            words = b" ".join([*self._said, line[4:]]).decode("utf-8", "replace").strip()
            self._said.clear()
            self._answer(int(code), words)
            if self._transport is None:
                return

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, _exc: Exception | None) -> None:
        self._transport, self.is_open, self.busy_since = None, False, None
        sending, pending = self._sending, self._pending
        self._sending = self._pending = None
        self._expected.clear()
        if sending is not None:
            self._feed.unknown(sending)
        if pending is not None:
            self._feed.returned(pending)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionResetError("the server hung up"))
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    # --- Our side ---

    @property
    def is_gone(self) -> bool:
        """Whether the connection is closed."""
        return self._transport is None

    @property
    def is_idle(self) -> bool:
        """Whether it could begin a mail now."""
        return self.is_open and not self._expected

    def take(self) -> bool:
        """Begin the next mail there is; whether there was one."""
        if not self.is_idle:
            return False
        if self._left <= 0:
            self.say_goodbye()
            return False
        job = self._feed.next()
        if job is None:
            return False
        self._begin(job)
        return True

    def say_goodbye(self) -> None:
        """End it politely, once nothing is under way."""
        if self.is_idle:
            self.is_open, self.said_goodbye = False, True
            self._expected.append(_Kind.QUIT)
            self._write(b"QUIT\r\n")

    def abort(self, reason: str) -> None:
        """End it now; what was written and not answered is unknown."""
        self.reason = self.reason or reason
        transport, self.is_open = self._transport, False
        if transport is not None:
            transport.abort()

    async def closed(self) -> None:
        """Returns once the connection is gone."""
        if self._transport is not None:
            self._closed = asyncio.get_running_loop().create_future()
            await self._closed

    # --- One mail after another ---

    def _begin(self, job: Job) -> None:
        self._pending, self._refusal = job, None
        self._left -= 1
        first = b""
        if self._reset_first:
            self._reset_first = False
            self._expected.append(_Kind.RSET)
            first = b"RSET\r\n"
        if self.mode is _LOCK_STEP:
            self._commands = job.envelope.splitlines(keepends=True)[::-1]
            if first:
                self._write(first)
            else:
                self._say_next()
            return
        self._expected.extend(_ENVELOPE)
        self._write(first + job.envelope)

    def _say_next(self) -> None:
        self._expected.append(_ENVELOPE[3 - len(self._commands)])
        self._write(self._commands.pop())

    def _awaits_all(self, data: bytes) -> bool:
        """Whether `data` is the whole of the usual answer, and every part of it is waited for."""
        return (
            len(self._expected) == _WHOLE_TURN
            and self._refusal is None
            and self.is_open
            and not self._rest
            and not self._said
            and _ALL_WELL(data) is not None
        )

    def _is_taken(self) -> None:
        job, self._sending = self._sending, None
        assert job is not None
        self.done += 1
        self._feed.sent(job)

    def _went_well(self, begin: bytes) -> bool:
        """The usual answer, known by its first four bytes without a look at its words; whether that was all of it."""
        expected = self._expected
        if not expected:
            return False
        kind = expected[0]
        if begin == b"354 ":
            if kind is not _DATA or self._refusal is not None:
                return False
            expected.popleft()
            self._transmit()
            return True
        if begin != b"250 ":
            return False
        if kind is _BODY:
            expected.popleft()
            self._is_taken()
            if not expected:
                self._go_on()
            return True
        if kind is _MAIL or kind is _RCPT or kind is _RSET:
            expected.popleft()
            if self.mode is _LOCK_STEP and self._commands:
                self._say_next()
            return True
        return False

    def _answer(self, code: int, words: str) -> None:
        if not self.is_open and not self._expected:
            self._hand_to_setup(code, words)
            return
        if not self._expected:
            # A server that says something unasked says goodbye.
            self._server_closes(words)
            return
        kind = self._expected.popleft()
        if kind is _Kind.QUIT:
            if self._transport is not None:
                self._transport.close()
        elif kind is _Kind.DATA:
            self._after_data(code, words)
        elif kind is _Kind.BODY:
            self._after_body(code, words)
        elif kind is _Kind.DOT:
            self._give_up_pending()
        elif code >= 400:
            self._refusal = self._refusal or (_STAGES[kind], code, words)
            if self.mode is Mode.LOCK_STEP:
                self._commands.clear()
                self._reset_first = True
            if self.mode is Mode.LOCK_STEP or code == CLOSING:
                self._give_up_pending()
        elif self.mode is Mode.LOCK_STEP and self._commands:
            self._say_next()
        if code == CLOSING:
            self._server_closes(words)

    def _after_data(self, code: int, words: str) -> None:
        if code == _GO_AHEAD and self._refusal is None:
            self._transmit()
        elif code == _GO_AHEAD:
            # RFC 2920, 3.1: an envelope without a recipient that may go on all the same is ended by a lone dot.
            self._expected.append(_Kind.DOT)
            self._write(b".\r\n")
        else:
            self._refusal = self._refusal or ("data", code, words)
            self._reset_first = True
            self._give_up_pending()

    def _after_body(self, code: int, words: str) -> None:
        job, self._sending = self._sending, None
        assert job is not None
        if 200 <= code <= 299:
            self.done += 1
            self._feed.sent(job)
        else:
            self._feed.refused(job, "body", code, words)
        if not self._expected and code != CLOSING:
            self._go_on()

    def _transmit(self) -> None:
        job = self._pending
        assert job is not None
        if not self._feed.started(job):
            # It may not leave any more, and DATA cannot be taken back.
            self.abort("stopped")
            return
        self._sending, self._pending = job, None
        self._expected.append(_BODY)
        following = self._feed.next() if self.mode is _OVERLAPPED and self._left > 0 else None
        if following is None:
            self._write(job.body)
            return
        self._pending, self._refusal = following, None
        self._left -= 1
        self._expected.extend(_ENVELOPE)
        self._write(job.body + following.envelope)

    def _give_up_pending(self) -> None:
        """The envelope was refused; on to the next."""
        job, self._pending = self._pending, None
        if job is not None and self._refusal is not None:
            self._feed.refused(job, *self._refusal)
        if self._refusal is not None and self._refusal[1] == CLOSING:
            self._server_closes(self._refusal[2])
        elif not self._expected:
            self._go_on()

    def _go_on(self) -> None:
        self.busy_since = None
        self.take()

    def _server_closes(self, words: str) -> None:
        self.reason, self.said_goodbye = self.reason or reason_in(words) or "the server closed", True
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def _write(self, content: bytes) -> None:
        self.busy_since = time.monotonic()
        if self._transport is not None:
            self._transport.write(content)

    # --- Until it is open ---

    def _hand_to_setup(self, code: int, words: str) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result((code, words))
        else:
            self._replies.append((code, words))

    async def reply(self) -> tuple[int, str]:
        """The next answer, while the connection is being set up."""
        if self._replies:
            return self._replies.popleft()
        self._waiter = asyncio.get_running_loop().create_future()
        return await self._waiter

    async def ask(self, command: bytes) -> tuple[int, str]:
        """Say something and hear the answer, while the connection is being set up."""
        if self._transport is None:
            raise ConnectionResetError("the server hung up")
        self._transport.write(command)
        return await self.reply()

    async def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Go on in TLS; whatever was said in clear before is forgotten (RFC 3207, 4.2)."""
        if self._rest or self._replies or self._transport is None:
            raise ConnectionError("the server spoke out of turn before TLS")
        loop = asyncio.get_running_loop()
        self._transport = await loop.start_tls(self._transport, self, context, server_hostname=host)
