"""One message to one recipient over a connection that stands: MAIL, RCPT, DATA, body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.encoding import punycode

from amparo.kit.smtp.connection import BROKEN, failure_from, reason_of
from amparo.kit.smtp.failures import (
    BadAddress,
    PermanentFailure,
    Stage,
    TemporaryFailure,
    Uncertain,
    reason_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from amparo.kit.smtp.connection import Connection

#: RFC 5321 §4.5.3.1.3, less the two brackets.
LONGEST_ADDRESS = 254
#: What would end an address early or make two of one.
_NEVER_IN_AN_ADDRESS = frozenset(' <>,;:()"\\[]')


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the message and is responsible for it now. `reply` is its answer, without addresses."""

    reply: str
    code: int = 250


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom and to whom, as the commands say it: checked, with the domain in ASCII. An empty sender is allowed."""

    sender: str
    recipient: str

    @classmethod
    def addressed(cls, *, envelope_from: object, recipient: object) -> Envelope:
        """Raises `TypeError` for anything but one recipient, and `BadAddress` for what could break a command."""
        if not isinstance(recipient, str):
            raise TypeError("A message goes to exactly one recipient, given as one address.")
        if not isinstance(envelope_from, str):
            raise TypeError("The envelope's sender is one address.")
        return cls(sender=_checked(envelope_from) if envelope_from else "", recipient=_checked(recipient))

    @property
    def hidden(self) -> tuple[str, ...]:
        """What a server's words must not repeat to us."""
        return (self.recipient, self.sender)


def on_the_wire(message: bytes) -> bytes:
    """`message` as the body of DATA: CRLF line ends only, leading dots doubled, and the closing dot."""
    if not isinstance(message, bytes):
        raise TypeError("A message is handed over as bytes.")
    # Any lone CR or LF becomes a line end: a server that took one for a line end might see a closing dot of
    # its own.
    body = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    body = re.sub(rb"(?m)^\.", b"..", body)
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    return body + b".\r\n"


def deliver(
    connection: Connection,
    body: bytes,
    *,
    envelope: Envelope,
    before_data: Callable[[], object],
) -> Accepted:
    """Hand over `body` (from `on_the_wire`). `before_data` is called once, when sender and recipient were accepted.

    Raises `TemporaryFailure`, `PermanentFailure` or `Uncertain`; leaves the connection fit for another
    message, or closed. Up to the server's 354 nothing of the message was said, so a connection lost there is
    temporary; from the body's first byte to a whole reply it is uncertain.
    """
    _command(connection, _mail_command(connection, body, envelope=envelope), stage="mail", envelope=envelope)
    _command(connection, f"RCPT TO:<{envelope.recipient}>", stage="rcpt", envelope=envelope)
    try:
        before_data()
    except BaseException:
        connection.reset()
        raise
    _command(connection, "DATA", stage="data", envelope=envelope, expected=range(354, 355))
    return _say_body(connection, body, envelope=envelope)


def _mail_command(connection: Connection, body: bytes, *, envelope: Envelope) -> str:
    command = f"MAIL FROM:<{envelope.sender}>"
    if connection.has_extn("size"):
        command += f" SIZE={len(body)}"
    if not body.isascii() and connection.has_extn("8bitmime"):
        command += " BODY=8BITMIME"
    connection.command_encoding = "ascii"
    for address, stage in ((envelope.sender, "mail"), (envelope.recipient, "rcpt")):
        if address.isascii():
            continue
        if not connection.has_extn("smtputf8"):
            raise PermanentFailure(
                stage="mail" if stage == "mail" else "rcpt",
                reason="the mail server takes no addresses with letters beyond ASCII",
                enhanced_code="5.6.7",
            )
        connection.command_encoding = "utf-8"
    return command + (" SMTPUTF8" if connection.command_encoding == "utf-8" else "")


def _command(
    connection: Connection,
    command: str,
    *,
    stage: Stage,
    envelope: Envelope,
    expected: range = range(200, 300),
) -> None:
    """Say one command; return when it is accepted, raise what its refusal means."""
    try:
        code, reply = connection.docmd(command)
    except BROKEN as error:
        reason = reason_of(error)
    else:
        if code in expected:
            return
        failure = failure_from(code, reply, stage=stage, hide=envelope.hidden)
        if code == 421 or not 400 <= code <= 599:
            # Closing, or out of step: not to be used again.
            connection.close()
        else:
            connection.reset()
        raise failure
    connection.close()
    raise TemporaryFailure(stage=stage, reason=reason)


def _say_body(connection: Connection, body: bytes, *, envelope: Envelope) -> Accepted:
    try:
        connection.send(body)
        code, reply = connection.getreply()
    except BROKEN as error:
        reason = reason_of(error)
    else:
        if 200 <= code <= 299:
            return Accepted(
                reply=reason_in(reply.decode("utf-8", "replace"), hide=envelope.hidden), code=code
            )
        if 400 <= code <= 599:
            if code == 421:
                connection.close()
            raise failure_from(code, reply, stage="body", hide=envelope.hidden)
        reason = "the mail server's answer could not be understood"
    connection.close()
    raise Uncertain(stage="body", reason=reason)


def _checked(address: str) -> str:
    """`address` with its domain in ASCII. Raises `BadAddress` when it is not plainly one address."""
    local, at, domain = address.partition("@")
    if (
        not local
        or not at
        or not domain
        or "@" in domain
        or not address.isprintable()
        or not _NEVER_IN_AN_ADDRESS.isdisjoint(address)
    ):
        raise BadAddress
    try:
        domain = punycode(domain)
    except UnicodeError:
        raise BadAddress from None
    checked = f"{local}@{domain}"
    if len(checked.encode()) > LONGEST_ADDRESS:
        raise BadAddress
    return checked
