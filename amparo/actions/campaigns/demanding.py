"""What a campaign demands, and what became of it: each change with its day, a sentence and a source; none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.actions.models import CampaignDemand, DemandOutcome
from amparo.kit.claims import transition
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import date, datetime

    from amparo.accounts.models import User
    from amparo.content.models import Campaign


class InTheFuture(Refusal):
    sentence = _("This day has not come yet.")


class WithdrawnAlready(Refusal):
    sentence = _("This was withdrawn already.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a demand, as staff write it down."""

    outcome: str
    dated: date
    sentence: str
    source: str
    source_url: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)


def demand(
    *, campaign: Campaign, text: str, translations: Mapping[str, str], by: User, now: datetime
) -> CampaignDemand:
    """A new demand, after the others."""
    with transaction.atomic():
        last = CampaignDemand.objects.filter(campaign=campaign).aggregate(last=Max("position"))["last"]
        made = CampaignDemand.objects.create(
            organization=campaign.organization,
            campaign=campaign,
            position=0 if last is None else last + 1,
            text=text.strip(),
            translations=_written(translations),
        )
        _note(made, "demand", by=by, now=now)
    return made


def reword(
    *,
    demand: CampaignDemand,
    text: str,
    translations: Mapping[str, str],
    position: int,
    by: User,
    now: datetime,
) -> None:
    """Other words, or another place in the order. What came of it stays with it."""
    with transaction.atomic():
        CampaignDemand.objects.for_organization(demand.organization).filter(pk=demand.pk).update(
            text=text.strip(), translations=_written(translations), position=position
        )
        _note(demand, "reword_demand", by=by, now=now)


def withdraw(*, demand: CampaignDemand, by: User, now: datetime) -> None:
    """The campaign demands it no more: off the page, and kept on record. Raises `WithdrawnAlready`."""
    with transaction.atomic():
        standing = CampaignDemand.objects.filter(pk=demand.pk, withdrawn_at__isnull=True)
        if not transition(standing, values={"withdrawn_at": now}):
            raise WithdrawnAlready
        _note(demand, "withdraw_demand", by=by, now=now)


def record_outcome(*, demand: CampaignDemand, what: Outcome, by: User, now: datetime) -> DemandOutcome:
    """Write down what became of a demand. Raises `InTheFuture`."""
    if what.dated > now.date():
        raise InTheFuture
    with transaction.atomic():
        made = DemandOutcome.objects.create(
            organization=demand.organization,
            demand=demand,
            outcome=DemandOutcome.Outcome(what.outcome),
            dated=what.dated,
            sentence=what.sentence.strip(),
            translations=_written(what.translations),
            source=what.source.strip(),
            source_url=what.source_url,
            recorded_by=by,
            recorded_at=now,
        )
        _note(demand, "record_outcome", by=by, now=now, outcome=str(what.outcome))
    return made


def _written(translations: Mapping[str, str]) -> dict[str, str]:
    return {language: text.strip() for language, text in translations.items() if text.strip()}


def _note(demand: CampaignDemand, verb: str, *, by: User, now: datetime, **details: str) -> None:
    audit.record(verb=verb, subject=demand, by=by, organization=demand.organization, now=now, details=details)
    transaction.on_commit(note_publication)
