"""Mailings as text messages, by the provider that AMPARO_SMS_PROVIDER names: one request a text, some at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from amparo.mailings.carriers.base import Carrier, Loop
from amparo.mailings.carriers.batch_loop import BatchLoop, hearing_of
from amparo.mailings.texts import filling, senders
from amparo.mailings.texts.providers import OneText, provider
from amparo.supporters import suppression
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from amparo.mailings.models import Mailing, MailingText
    from amparo.mailings.texts.providers import TextProvider
    from amparo.mailings.wire.destinations import Compiled
    from amparo.mailings.wire.feed import ChunkFeed, Mail
    from amparo.mailings.wire.send_log import SendLog
    from amparo.mailings.wire.smtp_replies import Verdict

#: E.164: at most fifteen digits, of which the first is none.
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class SmsCarrier(Carrier):
    channel = Channel.SMS
    column = "phone"

    def is_address(self, text: str) -> bool:
        return _NUMBER.fullmatch(text) is not None

    def digests_of(self, address: str) -> Sequence[str]:
        return [suppression.digest_of_phone(address)]

    def compile_text(self, text: MailingText, *, mailing: Mailing, now: datetime) -> Compiled:  # noqa: ARG002
        return filling.compile_text(text, mailing=mailing)

    def open_loop(self, feed: ChunkFeed, log: SendLog, *, wake: Callable[[], None]) -> Loop:
        return BatchLoop(
            _Delivery(provider()),
            feed,
            log,
            at_once=1,
            requests=settings.AMPARO_SMS_REQUESTS,
            hearing=hearing_of(settings.AMPARO_SMS_PROVIDER),
            wake=wake,
        )


class _Delivery:
    """Hands texts to a provider, in threads that ask the database nothing."""

    def __init__(self, to: TextProvider) -> None:
        self._provider = to
        blank = "z" * 32
        before, _token, after = (settings.BASE_URL + reverse("text_report", args=[blank])).partition(blank)
        # A provider on the Internet finds no site that has no name there.
        self._report_to = (before, after) if settings.BASE_URL.startswith("https://") else None

    def __call__(self, batch: Sequence[Mail]) -> Sequence[Verdict]:
        return [self._one(mail) for mail in batch]

    def _one(self, mail: Mail) -> Verdict:
        sender = senders.sender_of(mail.held.mailing.organization)
        assert sender is not None, "its text was compiled for a sender"
        letter: filling.TextLetter = mail.letter
        report_to = letter.token.join(self._report_to) if self._report_to else ""
        return self._provider.hand_over(
            OneText(to=mail.address, sender=sender.name, words=letter.words, report_to=report_to)
        )
