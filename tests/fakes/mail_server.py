"""A mail server on this machine that remembers what it was handed and says no when told to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class FakeMailServer:
    """Accepts everything unless `answer` (recipient to reply, or None) says otherwise."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, EmailMessage]] = []
        self.answer: Callable[[str], str | None] = lambda _recipient: None
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port(), decode_data=False)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        refusal = self.answer(address)
        if refusal and not refusal.startswith("DATA "):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        refusal = self.answer(envelope.rcpt_tos[0])
        if refusal and refusal.startswith("DATA "):
            return refusal.removeprefix("DATA ")
        mail = message_from_bytes(envelope.content, policy=default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos[0], mail))
        return "250 OK"

    def start(self) -> str:
        """Its address, for SMTP_URL."""
        self._controller.start()
        return f"smtp://127.0.0.1:{self._controller.port}?tls=none"

    def stop(self) -> None:
        self._controller.stop()

    def to(self, recipient: str) -> list[EmailMessage]:
        return [mail for _sender, to, mail in self.mails if to == recipient]
