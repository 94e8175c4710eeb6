"""One connection to the mail server: smtplib, with a deadline for each reply and nothing said in clear by
mistake."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import time
from typing import TYPE_CHECKING

from django.core.mail.utils import DNS_NAME

from amparo.kit.smtp.failures import (
    DeliveryFailure,
    PermanentFailure,
    Stage,
    TemporaryFailure,
    enhanced_code_in,
    reason_in,
    retry_after_in,
)
from amparo.kit.smtp.settings import Security

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amparo.kit.smtp.settings import SmtpSettings

#: Bytes one reply may have, all its lines together; servers send a few hundred.
LONGEST_REPLY = 65_536
#: Seconds given to a question or a goodbye that no message hangs on.
HURRY = 3.0
#: Replies about our own login, wherever they come: for the administrator to mend, so the message waits.
_OUR_LOGIN = frozenset({530, 534, 535, 538})

#: What a conversation that breaks raises.
BROKEN = (OSError, smtplib.SMTPException, EOFError)


class Connection(smtplib.SMTP):
    """A greeted, encrypted (when asked for) and logged-in connection. Raises `TemporaryFailure` when it cannot be had.

    A 5xx up to here is about our server and our login, not about any message: it is temporary too.
    """

    def __init__(self, settings: SmtpSettings, *, context: ssl.SSLContext) -> None:
        self.used = 0
        self.idle_since = time.monotonic()
        self._settings = settings
        self._context = context
        self._patience = settings.timeout
        stage: Stage = "connect"
        failure: TemporaryFailure
        try:
            super().__init__(
                settings.host, settings.port, local_hostname=DNS_NAME.get_fqdn(), timeout=settings.timeout
            )
            stage = "ehlo"
            self._greet()
            if settings.security is Security.STARTTLS:
                stage = "starttls"
                self.starttls(context=context)
                stage = "ehlo"
                self._greet()
            if settings.username:
                stage = "auth"
                self.login(settings.username, settings.password)
        except (*BROKEN, UnicodeError, ValueError) as error:
            failure = _no_connection(error, stage=stage, hide=(settings.username,))
        else:
            return
        self.close()
        raise failure

    def _greet(self) -> None:
        code, reply = self.ehlo()
        if not 200 <= code <= 299 and code != 421:
            code, reply = self.helo()
        if not 200 <= code <= 299:
            raise smtplib.SMTPHeloError(code, reply)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        if self._settings.security is not Security.TLS:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """The next reply, whole, within the timeout, however slowly the server speaks."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        if self.file is None:
            self.file = _Replies(self.sock)
        self.file.begin(seconds=self._patience)
        try:
            return super().getreply()
        finally:
            # The reply's deadline left little on the socket; what is said next has all of it again.
            if self.sock is not None:
                self.sock.settimeout(self._patience)

    def is_alive(self) -> bool:
        """Whether the server still answers, and soon."""
        try:
            with self._hurrying():
                return bool(self.noop()[0] == 250)
        except BROKEN:
            return False

    def reset(self) -> None:
        """Forget the message begun, so that the connection can carry another; close it when that fails."""
        try:
            if self.rset()[0] != 250:
                self.close()
        except BROKEN:
            self.close()

    def say_goodbye(self) -> None:
        """Close, with a QUIT when the server takes one quickly."""
        if self.sock is not None:
            with contextlib.suppress(*BROKEN), self._hurrying():
                self.quit()
        self.close()

    @contextlib.contextmanager
    def _hurrying(self) -> Iterator[None]:
        usual, self._patience = self._patience, min(self._patience, HURRY)
        try:
            if self.sock is not None:
                self.sock.settimeout(self._patience)
            yield
        finally:
            self._patience = usual
            if self.sock is not None:
                self.sock.settimeout(usual)


class _Replies:
    """The reading end of a connection, in place of a file: one deadline and one size for each reply."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._read = b""
        self._deadline = 0.0
        self._left = 0

    def begin(self, *, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._left = LONGEST_REPLY

    def readline(self, _limit: int = -1) -> bytes:
        """One whole line, or nothing when the server hung up (also in the middle of a line: half a code is none)."""
        while b"\n" not in self._read:
            remaining = self._deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError("the mail server did not answer in time")
            if len(self._read) > self._left:
                raise ConnectionError("the mail server's answer has no end")
            self._sock.settimeout(remaining)
            some = self._sock.recv(4096)
            if not some:
                return b""
            self._read += some
        line, _, self._read = self._read.partition(b"\n")
        self._left -= len(line) + 1
        if self._left < 0 or len(line) >= 8000:
            # smtplib would report an overlong line as a 500, which is no answer the server gave.
            raise ConnectionError("the mail server's answer has no end")
        return line + b"\n"

    def close(self) -> None:
        """Nothing of ours to close; the socket closes itself."""


def failure_from(
    code: int, reply: bytes | str, *, stage: Stage, hide: tuple[str, ...] = ()
) -> DeliveryFailure:
    """What a refusing reply means for the message. Replies that are neither 4xx nor 5xx count as temporary."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    about_us = stage in {"connect", "ehlo", "starttls", "auth"} or code in _OUR_LOGIN
    reason = reason_in(text, hide=hide) or "the mail server gave no reason"
    if 500 <= code <= 599 and not about_us:
        return PermanentFailure(stage=stage, reason=reason, code=code, enhanced_code=enhanced_code_in(text))
    return TemporaryFailure(
        stage=stage,
        reason=reason,
        code=code if 200 <= code <= 599 else None,
        enhanced_code=enhanced_code_in(text),
        retry_after=retry_after_in(text),
    )


def reason_of(error: BaseException) -> str:
    """Why a conversation broke, in our words: an exception's own may quote what was being said."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the mail server's certificate was not accepted: {reason_in(error.verify_message or '')}"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection to the mail server: {reason_in(error.reason or 'TLS failed')}"
    if isinstance(error, TimeoutError) or (
        isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(error.__context__, TimeoutError)
    ):
        return "the mail server did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "the mail server refused the connection"
    if isinstance(error, socket.gaierror):
        return "the mail server's name was not found"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server does not offer what SMTP_URL asks for"
    if isinstance(error, (smtplib.SMTPServerDisconnected, ConnectionError, EOFError)):
        return "the mail server closed the connection"
    return f"no connection to the mail server ({type(error).__name__})"


def _no_connection(error: Exception, *, stage: Stage, hide: tuple[str, ...]) -> TemporaryFailure:
    if isinstance(error, smtplib.SMTPResponseException):
        failure = failure_from(error.smtp_code, error.smtp_error, stage=stage, hide=hide)
        if isinstance(failure, TemporaryFailure):
            return failure
    return TemporaryFailure(stage=stage, reason=reason_of(error))
