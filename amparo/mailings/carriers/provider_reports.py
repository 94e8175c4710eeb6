"""What a provider reports of a mail, after django-anymail has read it: a bounce, a complaint, somebody who wants out.

Reports name their recipient by the opaque token that went with the mail, and by nothing else: what they say of
addresses is not looked at. Deliveries, openings and clicks are not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anymail.signals import EventType, RejectReason

from amparo.kit import tokens
from amparo.kit.smtp.failures import reason_in
from amparo.mailings import recipient_tokens
from amparo.mailings.answers import receipts
from amparo.mailings.bounce_mailbox import Outcome
from amparo.mailings.carriers.provider_texts import TOKEN
from amparo.mailings.delivery_reports import Report, read_reply
from amparo.mailings.models import AudienceChunk
from amparo.supporters import linking
from amparo.supporters.own_pages import preferences

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.carriers.known_providers import Provider
    from amparo.mailings.delivery_reports import Fate
    from amparo.mailings.recipient_tokens import Place


def take(event: Any, *, provider: Provider, now: datetime) -> Outcome:
    """Follow one report; the same again changes nothing."""
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    place = recipient_tokens.read(str(metadata.get(TOKEN, "")))
    if place is None:
        return Outcome.UNMATCHED
    if event.event_type == EventType.UNSUBSCRIBED:
        return _unsubscribe(place, now=now)
    found = _fate_of(event, provider=provider)
    if found is None:
        return Outcome.IGNORED
    fate, status = found
    words = " ".join(str(event.mta_response or event.description or "").split())
    reason = (
        reason_in(words, hide=(str(event.recipient or ""),)) or f"{provider.title} says: {event.event_type}"
    )
    return receipts.take_back(report=Report(None, fate, status, reason, place), now=now)


def _fate_of(event: Any, *, provider: Provider) -> tuple[Fate, str] | None:
    if event.event_type == EventType.COMPLAINED:
        return "complaint", ""
    if event.event_type in {EventType.REJECTED, EventType.FAILED}:
        return ("gone" if event.reject_reason == RejectReason.INVALID else "refused"), ""
    if event.event_type != EventType.BOUNCED:
        return None
    replied = read_reply(str(event.mta_response or ""))
    if replied is not None:
        return replied
    report = event.esp_event if isinstance(event.esp_event, dict) else {}
    return ("gone" if provider.is_dead(report) else "given_up"), ""


def _unsubscribe(place: Place, *, now: datetime) -> Outcome:
    """As if they had pressed the button of their mail program."""
    chunk = AudienceChunk.objects.filter(pk=place.chunk).first()
    if chunk is None or place.position >= len(chunk.people):
        return Outcome.UNMATCHED
    link = tokens.make(linking.UNSUBSCRIBE, chunk.people[place.position])
    try:
        person = linking.person_behind(token=link, purpose=linking.UNSUBSCRIBE)
    except linking.LinkUnknown:
        return Outcome.UNMATCHED
    preferences.unsubscribe(supporter=person, now=now)
    return Outcome.IGNORED
