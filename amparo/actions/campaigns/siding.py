"""Where those in office stand on a campaign's demands, and who spoke up: with day and source, and the latest counts.

A stance is the person's, not the post's. When somebody else holds the post, nobody is thanked for what another said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.actions.campaigns.demanding import InTheFuture, WithdrawnAlready
from amparo.actions.models import CampaignDemand, Stance, Voice
from amparo.kit.claims import transition
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal
from amparo.targets import finding

if TYPE_CHECKING:
    from datetime import date, datetime

    from amparo.accounts.models import User
    from amparo.actions.models import ActionPage
    from amparo.content.models import Campaign
    from amparo.organizations.models import Organization
    from amparo.targets.finding import Target


class NoSuchTarget(Refusal):
    sentence = _("There is no target called “%(key)s”, or nobody holds the post at the moment.")


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody in office: the key of the post, the person in it, and what both are called."""

    target_key: str
    person_code: str
    name: str
    office: str

    @classmethod
    def behind(cls, target: Target) -> Who:
        return cls(target.key, target.person.code if target.person else "", target.holder, target.label)


@dataclass(frozen=True, slots=True)
class Said:
    """One stance on one demand, as somebody writes it down."""

    who: Who
    side: str
    known_by: str
    dated: date
    source_url: str = ""


def holder_of(target_key: str, *, organization: Organization, now: datetime) -> Who:
    """Who holds the post of this key today. Raises `NoSuchTarget`."""
    target = finding.target_by_key(target_key.strip(), organization=organization, now=now)
    if target is None or not target.holder:
        raise NoSuchTarget(key=target_key.strip()[:140])
    return Who.behind(target)


# --- Stances ----------------------------------------------------------------------------------------------------------


def record(*, demands: Sequence[CampaignDemand], said: Sequence[Said], by: User, now: datetime) -> int:
    """Write down what these people said about each of these demands; how many lines. Raises `InTheFuture`.

    All of it or nothing, with one entry in the audit trail for each demand.
    """
    if any(one.dated > now.date() for one in said):
        raise InTheFuture
    with transaction.atomic():
        for demand in demands:
            Stance.objects.bulk_create(
                Stance(
                    organization=demand.organization,
                    demand=demand,
                    target_key=one.who.target_key,
                    person_code=one.who.person_code,
                    name=one.who.name,
                    office=one.who.office,
                    side=Stance.Side(one.side),
                    known_by=Stance.Known(one.known_by),
                    dated=one.dated,
                    source_url=one.source_url,
                    recorded_by=by,
                    recorded_at=now,
                )
                for one in said
            )
            audit.record(
                verb="record_stance",
                subject=demand,
                by=by,
                organization=demand.organization,
                now=now,
                details={"targets": [one.who.target_key for one in said][:100], "number": len(said)},
            )
        transaction.on_commit(note_publication)
    return len(said) * len(demands)


def present(stances: Iterable[Stance]) -> list[Stance]:
    """Of each person the latest on each demand; of two on one day the one written later. In the order they came in."""
    latest: dict[tuple[UUID, str, str], Stance] = {}
    for stance in stances:
        key = (stance.demand_id, stance.target_key, _person(stance.person_code, stance.name))
        held = latest.get(key)
        if held is None or _moment(held) < _moment(stance):
            latest[key] = stance
    return list(latest.values())


def on_demands(demands: Sequence[CampaignDemand]) -> list[Stance]:
    """Where everybody stands on these demands today, as far as anything is known."""
    if not demands:
        return []
    rows = Stance.objects.for_organization(demands[0].organization).filter(demand__in=demands)
    return [stance for stance in present(rows.order_by("name", "pk")) if stance.side != Stance.Side.UNKNOWN]


def agreed(*, page: ActionPage, targets: Sequence[Target]) -> set[str]:
    """The keys of those `targets` whose holders of today support everything that the page demands.

    A page one of whose demands is only its own is never agreed to: nobody was asked about that one.
    """
    rows = page.demands
    demands = {row.campaign_demand_id for row in rows}
    if not targets or not demands or None in demands:
        return set()
    stances = Stance.objects.for_organization(page.organization).filter(
        demand__in=demands, target_key__in=[target.key for target in targets]
    )
    supported: dict[tuple[str, str], set[UUID]] = {}
    for stance in present(stances):
        if stance.side == Stance.Side.SUPPORTS:
            who = (stance.target_key, _person(stance.person_code, stance.name))
            supported.setdefault(who, set()).add(stance.demand_id)
    return {
        target.key for target in targets if target.holder and supported.get(_names(target), set()) >= demands
    }


def _names(target: Target) -> tuple[str, str]:
    who = Who.behind(target)
    return who.target_key, _person(who.person_code, who.name)


def _person(code: str, name: str) -> str:
    """By the source's code; by name where it has none."""
    return code or " ".join(name.casefold().split())


def _moment(stance: Stance) -> tuple[date, datetime, UUID]:
    return stance.dated, stance.recorded_at, stance.pk


# --- Who spoke up ---------------------------------------------------------------------------------------------------


def raise_voice(
    *,
    campaign: Campaign,
    who: Who,
    kind: str,
    dated: date,
    source_url: str,
    agrees: bool,
    by: User,
    now: datetime,
) -> Voice:
    """Write down that somebody in office spoke up; with `agrees`, that they support every demand. Raises `InTheFuture`.

    Somebody outside the register has no key: they stand on the page, and no letter knows them.
    """
    if dated > now.date():
        raise InTheFuture
    with transaction.atomic():
        voice = Voice.objects.create(
            organization=campaign.organization,
            campaign=campaign,
            target_key=who.target_key,
            person_code=who.person_code,
            name=who.name,
            office=who.office,
            kind=Voice.Kind(kind),
            dated=dated,
            source_url=source_url,
            recorded_by=by,
            recorded_at=now,
        )
        _note(voice, "raise_voice", by=by, now=now)
        if agrees and who.target_key:
            said = Said(who, Stance.Side.SUPPORTS, Stance.Known.STATEMENT, dated, source_url)
            demands = CampaignDemand.objects.standing().filter(campaign=campaign)
            record(demands=list(demands.select_related("organization")), said=[said], by=by, now=now)
    return voice


def withdraw_voice(*, voice: Voice, by: User, now: datetime) -> None:
    """It was a mistake: off the page. What was recorded of their stance stays. Raises `WithdrawnAlready`."""
    with transaction.atomic():
        raised = Voice.objects.raised().filter(pk=voice.pk)
        if not transition(raised, values={"withdrawn_at": now}):
            raise WithdrawnAlready
        _note(voice, "withdraw_voice", by=by, now=now)


def _note(voice: Voice, verb: str, *, by: User, now: datetime) -> None:
    note = partial(audit.record, verb=verb, subject=voice, by=by, organization=voice.organization, now=now)
    note(details={"target": voice.target_key})
    transaction.on_commit(note_publication)
