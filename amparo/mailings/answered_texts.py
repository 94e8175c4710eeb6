"""What comes of an answer to a text message, and of a provider's report about one; the same twice changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.kit import phones
from amparo.mailings import recipient_tokens
from amparo.mailings.answers import receipts
from amparo.mailings.bounce_mailbox import Outcome
from amparo.mailings.delivery_reports import Report
from amparo.mailings.models import AudienceChunk
from amparo.mailings.texts import senders, ways_out
from amparo.supporters.models import Channel, Supporter
from amparo.supporters.own_pages import preferences

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.texts.providers import ReceivedAnswer, ReceivedReport


def take_answer(received: ReceivedAnswer, *, now: datetime) -> int:
    """STOP holds with every organization that sends under what was answered; how many people took a yes back."""
    if not (received.is_stop or ways_out.means_stop(received.words)):
        return 0
    try:
        number = phones.parse(received.number)
    except (phones.MalformedPhone, phones.CountryUnknown):
        return 0
    return sum(
        preferences.stop_texts(organization=organization, phone=number, now=now)
        for organization in senders.who_sends_under(received.to)
    )


def take_report(received: ReceivedReport, *, token: str, now: datetime) -> Outcome:
    """Note what became of one text, whose recipient has this token."""
    place = recipient_tokens.read(token)
    if place is None:
        return Outcome.UNMATCHED
    chunk = AudienceChunk.objects.select_related("mailing__organization").filter(pk=place.chunk).first()
    if chunk is None or chunk.mailing.channel != Channel.SMS or place.position >= len(chunk.people):
        return Outcome.UNMATCHED
    if received.is_stop:
        person = Supporter.objects.filter(pk=chunk.people[place.position]).first()
        if person is not None and person.phone:
            preferences.stop_texts(organization=chunk.mailing.organization, phone=person.phone, now=now)
    report = Report(
        message_id=None, fate=received.fate, status=received.code, reason=received.reason, place=place
    )
    return receipts.take_back(report=report, now=now)
