"""What staff make of an answer: what it comes to, what readers may know of it, the stance that follows; in one step.

Readers see a summary that staff wrote, and the office's own words only where the supporter agreed to that and staff
chose to show them. Who told us is shown to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.actions.campaigns import siding
from amparo.actions.models import Answer, CampaignDemand, Stance
from amparo.kit.claims import transition
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal
from amparo.targets import finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization


class SummaryMissing(Refusal):
    sentence = _("Sum the answer up for readers before you show it.")


class NotAgreedTo(Refusal):
    sentence = _("Whoever told us did not agree that the text be shown.")


class SaidMeanwhile(Refusal):
    sentence = _("Whoever told us has just said something else. Please read it again.")


class SomebodyElseNow(Refusal):
    sentence = _(
        "Somebody else holds this post now, or nobody does. Record the stance of the one who answered by hand."
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """What staff make of one answer; `sides` is what it says about demands, by their key."""

    substance: str
    public_summary: str = ""
    is_shown: bool = False
    shows_text: bool = False
    sides: Mapping[CampaignDemand, str] = field(default_factory=dict)


def to_read(organizations: Sequence[Organization]) -> QuerySet[Answer]:
    """Real answers that supporters told us of: not "not yet", and not a machine's."""
    answers = Answer.objects.filter(organization__in=organizations, kind=Answer.Kind.YES)
    return answers.filter(message__action__supporter__anonymized_at__isnull=True) | answers.filter(
        Q(looked_at__isnull=False)
    )


def settle(*, answer: Answer, reading: Reading, by: User, now: datetime) -> None:
    """Keep what staff make of the answer, and record the stances that follow from it.

    Raises `SummaryMissing`, `NotAgreedTo`, `SaidMeanwhile`, and `SomebodyElseNow` where a stance was chosen and the
    post has another holder than when the letter went.
    """
    summary = " ".join(reading.public_summary.split())
    if reading.is_shown and not summary:
        raise SummaryMissing
    if reading.shows_text and not (answer.agreed_at and answer.text):
        raise NotAgreedTo
    sides = {demand: side for demand, side in reading.sides.items() if side}
    who = _who_answered(answer, now=now) if sides else None
    with transaction.atomic():
        as_read = Answer.objects.for_organization(answer.organization).filter(
            pk=answer.pk, recorded_at=answer.recorded_at, agreed_at=answer.agreed_at
        )
        values = {
            "substance": Answer.Substance(reading.substance),
            "public_summary": summary,
            "is_shown": reading.is_shown,
            "shows_text": reading.shows_text and reading.is_shown,
            "looked_at": now,
            "looked_at_by": by,
        }
        if not transition(as_read, values=values):
            raise SaidMeanwhile
        audit.record(
            verb="settle_answer",
            subject=answer,
            by=by,
            organization=answer.organization,
            now=now,
            details={"substance": reading.substance, "shown": reading.is_shown, "text": reading.shows_text},
        )
        for demand, side in sides.items():
            assert who is not None
            said = siding.Said(who, side, Stance.Known.ANSWER, day_of(answer))
            siding.record(demands=[demand], said=[said], by=by, now=now)
        transaction.on_commit(note_publication)


def demands_about(answer: Answer) -> list[CampaignDemand]:
    """What the letter's page demands, as far as it is the campaign's; where the page names none, all of its demands."""
    page = answer.message.page
    own = [row.campaign_demand for row in page.demands if row.campaign_demand is not None]
    if own:
        return own
    return list(CampaignDemand.objects.standing().filter(campaign=page.campaign))


def day_of(answer: Answer) -> date:
    """When the office answered, as far as it is known: else the day on which we were told."""
    return answer.answered_on or answer.recorded_at.date()


def _who_answered(answer: Answer, *, now: datetime) -> siding.Who:
    message = answer.message
    target = finding.target_by_key(message.target_key, organization=answer.organization, now=now)
    if target is None or target.holder != message.target_name:
        raise SomebodyElseNow
    return siding.Who.behind(target)
