"""What became of a mailing, in counts: no opened mail, no followed link, nobody in particular.

What is known without watching readers: what the mail server and other servers answered, who unsubscribed within a week,
and what people did after they came by a link of this mailing. The organization's own earlier mailings are the measure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from amparo.kit.packed_ids import UnpackedIds
from amparo.mailings.models import Mailing
from amparo.mailings.progress import Progress, progress
from amparo.mailings.registry import mailing_results
from amparo.supporters.models import Channel, ConsentRecord, Origin
from amparo.supporters.segmentation import segments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.utils.functional import _StrOrPromise

#: Whoever unsubscribes so long after a mailing began does it because of that one, more likely than not.
BECAUSE_OF_IT = timedelta(days=7)
#: So many earlier mailings say what is usual; with fewer than three nothing is.
EARLIER, FEWEST = 12, 3
#: Reasons shown, the most frequent first.
MOST_REASONS = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report: how many, of every thousand sent, and what is usual for the organization."""

    name: _StrOrPromise
    number: int
    per_thousand: float | None
    usual: float | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why mail was refused or came back, in the servers' words, and how often."""

    code: str
    says: str
    number: int
    is_permanent: bool


def figures(mailing: Mailing) -> list[Figure]:
    """The numbers of one mailing beside the median of the organization's earlier ones."""
    earlier: list[Mailing] = []
    if mailing.started_at is not None:
        before = (
            Mailing.objects.for_organization(mailing.organization)
            .by_hand()
            .filter(state=Mailing.State.FINISHED, started_at__lt=mailing.started_at, channel=mailing.channel)
        )
        earlier = list(before.exclude(pk=mailing.pk).order_by("-started_at")[:EARLIER])
    ours = _counted(mailing)
    theirs = [_counted(each) for each in earlier]
    found = []
    for name, (number, rate) in ours.items():
        rates = [other[name][1] for other in theirs if name in other and other[name][1] is not None]
        usual = median([each for each in rates if each is not None]) if len(rates) >= FEWEST else None
        found.append(Figure(name, number, rate, usual))
    return found


@dataclass(frozen=True, slots=True)
class Beside:
    """One rate of a report as a picture: ours and what is usual, in thousandths of the longer one."""

    figure: Figure
    ours: float
    usual: float


def beside_usual(figures: Iterable[Figure]) -> list[Beside]:
    """The rates of which something usual is known, and of which one is not nothing."""
    found = []
    for figure in figures:
        if figure.per_thousand is None or figure.usual is None:
            continue
        longer = max(figure.per_thousand, figure.usual)
        if longer:
            found.append(Beside(figure, 1000 * figure.per_thousand / longer, 1000 * figure.usual / longer))
    return found


def reasons(mailing: Mailing) -> list[Reason]:
    """What servers said, by code."""
    rows = (
        mailing.failures.order_by()
        .values("enhanced_code", "code", "is_permanent", "reason")
        .annotate(number=Count("pk"))
        .order_by("-number")[:MOST_REASONS]
    )
    return [
        Reason(
            row["enhanced_code"] or str(row["code"] or ""), row["reason"], row["number"], row["is_permanent"]
        )
        for row in rows
    ]


def unsubscribed(mailing: Mailing) -> int:
    """How many of the audience took their yes back within a week of its beginning."""
    if mailing.started_at is None:
        return 0
    chunks = mailing.chunks.order_by()
    withdrawn = ConsentRecord.objects.for_organization(mailing.organization).filter(
        granted=False,
        channel=mailing.channel,
        recorded_at__gte=mailing.started_at,
        recorded_at__lt=mailing.started_at + BECAUSE_OF_IT,
    )
    own_word = withdrawn.exclude(origin__in=[Origin.IMPORT, Origin.UNDONE, Origin.LAPSED])
    with segments.room_to_count():
        counted: int = (
            own_word.filter(Q(supporter__in=UnpackedIds(chunks.values("ids"))))
            .values("supporter")
            .distinct()
            .count()
        )
    return counted


def _counted(mailing: Mailing) -> dict[str, tuple[int, float | None]]:
    """Numbers by name, each with how many that is of a thousand sent."""
    came = progress(mailing)
    numbers: list[tuple[_StrOrPromise, int]] = [
        (_("Came back afterwards"), came.by_outcome.get("came_back", 0)),
        # Nobody has a button that calls a text junk.
        *(
            []
            if mailing.channel == Channel.SMS
            else [(_("Called junk"), came.by_outcome.get("complained", 0))]
        ),
        (_("Unsubscribed within a week"), unsubscribed(mailing)),
    ]
    numbers += [(result.name, result().count(mailing)) for _slug, result in mailing_results.items()]
    return {str(name): (number, 1000 * number / came.sent if came.sent else None) for name, number in numbers}


# --- While it goes out ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of the picture of an audience, in thousandths of its width."""

    name: str
    label: _StrOrPromise
    number: int
    left: float
    width: float


_LABELS: dict[str, _StrOrPromise] = {
    "sent": _("Sent"),
    "unknown": _("Not known: handed over, and the answer never came"),
    "failed": _("Refused"),
    "skipped": _("Left out meanwhile"),
    "queued": _("Waiting"),
}


def bars(came: Progress) -> list[Bar]:
    """The audience by what became of it, as stretches of one bar."""
    numbers = {name: getattr(came, name) for name in _LABELS}
    total, left, found = came.audience or 1, 0.0, []
    for name, number in numbers.items():
        width = 1000 * number / total
        if number:
            found.append(Bar(name, _LABELS[name], number, left, width))
        left += width
    return found


def expected_end(mailing: Mailing, came: Progress, *, now: datetime) -> datetime | None:
    """When it will be through at the pace of so far; None before that can be told."""
    settled = came.audience - came.queued
    if mailing.started_at is None or not came.queued or settled < 1:
        return None
    taken = now - mailing.started_at
    return now + taken * (came.queued / settled)


def skipped_by_reason(came: Progress, names: Iterable[tuple[str, _StrOrPromise]]) -> Counter[str]:
    """How many were left out for which reason, in words."""
    return Counter({str(label): came.by_outcome[name] for name, label in names if came.by_outcome.get(name)})
