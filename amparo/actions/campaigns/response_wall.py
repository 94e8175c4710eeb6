"""What offices answered, for readers: staff's own summaries, never who told us; and how offices answer, as a chart.

Counts below ten are not shown, as in `responsiveness`: with few writers a count would tell what one of them said.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from django.db.models import Count

from amparo.actions.campaigns import answering
from amparo.actions.campaigns.responsiveness import LEAST
from amparo.actions.models import Answer, Message, Stance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from amparo.content.models import Campaign
    from amparo.organizations.models import Organization

#: Offices in one chart: the ones that were written to most.
MOST_OFFICES = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer as readers see it; `text` only where the supporter agreed and staff chose to show it."""

    target_key: str
    name: str
    office: str
    substance: str
    substance_name: str
    dated: date
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class Office:
    """One bar of the chart. None stands for fewer than ten."""

    target_key: str
    name: str
    office: str
    delivered: int
    answered: int | None
    median_days: int | None
    #: Hundredths of the chart's width.
    delivered_width: int
    answered_width: int


def of_campaign(campaign: Campaign) -> list[Entry]:
    """Every answer about this campaign that is shown to readers, the latest first."""
    answers = Answer.objects.for_organization(campaign.organization).shown()
    return _entries(answers.filter(message__page__campaign=campaign))


def of_target(*, organization: Organization, target_key: str) -> list[Entry]:
    """The same of one office, over all campaigns."""
    answers = Answer.objects.for_organization(organization).shown()
    return _entries(answers.filter(message__target_key=target_key))


def _entries(answers: QuerySet[Answer]) -> list[Entry]:
    rows = answers.select_related("message", "organization").order_by("-recorded_at", "-pk")
    found = [
        Entry(
            target_key=answer.message.target_key,
            name=answer.message.target_name or answer.message.target_label,
            office=answer.message.target_label if answer.message.target_name else "",
            substance=answer.substance,
            substance_name=answer.get_substance_display() if answer.substance else "",
            dated=answering.day_of(answer),
            summary=answer.public_summary,
            text=(answer.text or "") if answer.shows_text else "",
        )
        for answer in rows
    ]
    return sorted(found, key=lambda entry: entry.dated, reverse=True)


def stances_of(*, organization: Organization, target_key: str) -> list[Stance]:
    """What is known of one office on demands that still stand: the latest of each, the unknown left out."""
    from amparo.actions.campaigns import siding

    rows = Stance.objects.for_organization(organization).filter(
        target_key=target_key, demand__withdrawn_at__isnull=True
    )
    present = siding.present(rows.select_related("demand"))
    return [stance for stance in present if stance.side != Stance.Side.UNKNOWN]


# --- How offices answer -----------------------------------------------------------------------------------------


def chart(
    *, organization: Organization, campaign: Campaign | None = None, target_key: str = ""
) -> list[Office]:
    """How many letters arrived at each office, how many writers say they were answered, and after how many days."""
    letters = Message.objects.for_organization(organization).filter(
        state__in=Message.ARRIVED, chases__isnull=True
    )
    if campaign is not None:
        letters = letters.filter(page__campaign=campaign)
    if target_key:
        letters = letters.filter(target_key=target_key)
    counted = letters.order_by().values("target_key").annotate(number=Count("pk")).filter(number__gte=LEAST)
    most = {row["target_key"]: row["number"] for row in counted.order_by("-number")[:MOST_OFFICES]}
    if not most:
        return []
    answered = _answered(letters.filter(target_key__in=most))
    names = _names(letters, most)
    highest = max(most.values())
    return [
        _bar(key, number, names[key], answered[key], highest=highest)
        for key, number in sorted(most.items(), key=lambda item: (-item[1], names[item[0]]))
    ]


def _bar(
    key: str, delivered: int, named: tuple[str, str], days: Sequence[int | None], *, highest: int
) -> Office:
    is_shown = len(days) == 0 or len(days) >= LEAST
    known = [one for one in days if one is not None]
    width = round(100 * delivered / highest)
    return Office(
        target_key=key,
        name=named[0],
        office=named[1],
        delivered=delivered,
        answered=len(days) if is_shown else None,
        median_days=round(median(known)) if len(known) >= LEAST else None,
        delivered_width=width,
        answered_width=round(100 * len(days) / highest) if is_shown else 0,
    )


def _answered(letters: QuerySet[Message]) -> defaultdict[str, list[int | None]]:
    """For each office, one entry for each answered letter: after how many days, where the writer said when."""
    rows: Iterable[tuple[str, date | None, date | None]] = letters.filter(
        answer__kind=Answer.Kind.YES
    ).values_list("target_key", "answer__answered_on", "sent_at__date")
    found: defaultdict[str, list[int | None]] = defaultdict(list)
    for key, answered_on, sent_on in rows:
        found[key].append(max((answered_on - sent_on).days, 0) if answered_on and sent_on else None)
    return found


def _names(letters: QuerySet[Message], keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What each office was called in the newest letter to it."""
    found = {}
    for key in keys:
        newest = letters.filter(target_key=key).order_by("-created_at", "-pk")
        name, label = newest.values_list("target_name", "target_label")[0]
        found[key] = (name or label, label if name else "")
    return found
