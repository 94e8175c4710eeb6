"""Mailings by the mail server that SMTP_URL names: whole mails over connections that never wait (mail.md, 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from amparo.kit import addresses
from amparo.kit.smtp import parse_smtp_url
from amparo.mailings import compiling
from amparo.mailings.carriers.base import Carrier, Loop
from amparo.mailings.wire.sending_loop import SendingLoop
from amparo.supporters import suppression
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from amparo.mailings.models import Mailing, MailingText
    from amparo.mailings.wire.destinations import Compiled
    from amparo.mailings.wire.feed import ChunkFeed
    from amparo.mailings.wire.send_log import SendLog


class MailCarrier(Carrier):
    """What holds for e-mail, whichever way it leaves."""

    channel = Channel.EMAIL
    column = "email"

    def is_address(self, text: str) -> bool:
        return compiling.is_address(text)

    def digests_of(self, address: str) -> Sequence[str]:
        """As `suppression.digests_of`, fast for addresses that are their own canonical form, as most are."""
        try:
            parsed, canonical = addresses.read(address)
        except addresses.MalformedAddress:
            return []
        if parsed != canonical:
            return suppression.digests_of(address)
        return suppression.digests_of_canonical(canonical)


class SmtpCarrier(MailCarrier):
    def compile_text(self, text: MailingText, *, mailing: Mailing, now: datetime) -> Compiled:
        return compiling.compile_text(text, mailing=mailing, now=now)

    def open_loop(self, feed: ChunkFeed, log: SendLog, *, wake: Callable[[], None]) -> Loop:
        server = parse_smtp_url(settings.SMTP_URL)
        return SendingLoop(server, feed, log, connections=settings.AMPARO_MAILING_CONNECTIONS, wake=wake)
