"""What came back of a mailing: bounces and complaints, found by the token in the return address or in Message-ID.

Of a text message the provider reports, at an address that holds the same token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from amparo.mailings import outcomes, settling, troubles
from amparo.mailings.answers import soft_bounces
from amparo.mailings.bounce_mailbox import Outcome
from amparo.mailings.models import AudienceChunk, DeliveryFailure
from amparo.supporters import suppression
from amparo.supporters.models import Channel, Supporter, Suppression

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.delivery_reports import Fate, Report
    from amparo.mailings.models import Mailing

#: What a fate makes of the recipient; whatever is not here says nothing.
_OUTCOMES: dict[Fate, int] = {
    "gone": outcomes.CAME_BACK,
    "refused": outcomes.CAME_BACK,
    "given_up": outcomes.CAME_BACK,
    "complaint": outcomes.COMPLAINED,
}


def take_back(*, report: Report, now: datetime) -> Outcome:
    """Note what became of one mail of a mailing, in one transaction; the same report again changes nothing."""
    assert report.place is not None
    outcome = _OUTCOMES.get(report.fate)
    if outcome is None:
        return Outcome.IGNORED
    chunk = (
        AudienceChunk.objects.select_related("mailing__organization").filter(pk=report.place.chunk).first()
    )
    if chunk is None or report.place.position >= len(chunk.people):
        return Outcome.UNMATCHED
    with transaction.atomic():
        if not settling.set_one(chunk=chunk.pk, position=report.place.position, outcome=outcome):
            return Outcome.IGNORED
        DeliveryFailure.objects.create(
            mailing=chunk.mailing,
            chunk=chunk,
            position=report.place.position,
            outcome=chr(outcome),
            enhanced_code=report.status[:12],
            reason=report.reason[:300],
            is_permanent=report.fate == "gone",
            at=now,
        )
        person = Supporter.objects.filter(pk=chunk.people[report.place.position]).first()
        if person is not None and chunk.mailing.channel == Channel.SMS:
            _follow_text(person, report, mailing=chunk.mailing, now=now)
        elif person is not None and person.email:
            _follow(person, report, mailing=chunk.mailing, now=now)
    troubles.pause_if_it_does_harm(mailing=chunk.mailing, now=now)
    return Outcome.BOUNCED


def _follow(person: Supporter, report: Report, *, mailing: Mailing, now: datetime) -> None:
    """A dead address and a complaint are suppressed at once, a full mailbox after some days, and policy never."""
    organization, email = mailing.organization, person.email or ""
    if report.fate == "given_up":
        soft_bounces.note(supporter_id=person.pk, email=email, organization=organization, now=now)
    elif report.fate != "refused":
        complained = report.fate == "complaint"
        suppression.suppress(
            organization=organization,
            email=email,
            reason=Suppression.Reason.COMPLAINED if complained else Suppression.Reason.BOUNCED,
            source="a mail provider's report" if complained else "their mail server's report",
            now=now,
        )


def _follow_text(person: Supporter, report: Report, *, mailing: Mailing, now: datetime) -> None:
    """A number that gets no texts is suppressed; a telephone that is switched off is not."""
    if report.fate == "gone" and person.phone:
        suppression.suppress_phone(
            organization=mailing.organization,
            phone=person.phone,
            reason=Suppression.Reason.BOUNCED,
            source="the report of the provider of text messages",
            now=now,
        )
