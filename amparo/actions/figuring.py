"""What staff see of a page in numbers: who took part, what they said came of it, and by which means they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from amparo.actions import attribution
from amparo.actions.models import Action, Report, SelfReported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amparo.actions.models import ActionPage

Line = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers alone: no line of them leads to a person."""

    confirmed: int
    awaiting: int
    #: People who left no address, and said that they did something; None where a page does not ask.
    without_address: int | None
    #: What was said, office by office where there are several: how it went, and how often.
    said: Sequence[Line]
    #: By which means those came who took part.
    came_by: Sequence[Line]
    #: By which means others were asked.
    asked_by: Sequence[Line]


def figures_of(page: ActionPage) -> Figures:
    """Everything about one page; `page` is of its own kind."""
    taken = Action.objects.for_organization(page.organization).filter(page=page.pk, is_test=False)
    reports = Report.objects.for_organization(page.organization).filter(page=page.pk)
    counted = reports.filter(action__isnull=True) | reports.filter(action__state=Action.State.CONFIRMED)
    said = dict(counted.order_by().values_list("said").annotate(Count("pk")))
    return Figures(
        confirmed=taken.confirmed().count(),
        awaiting=taken.pending().values("supporter").distinct().count(),
        without_address=(
            reports.without_address().counting().people() if isinstance(page, SelfReported) else None
        ),
        said=[(str(each.label), said[each.value]) for each in Report.Said if said.get(each.value)],
        came_by=_by_means(dict(taken.confirmed().order_by().values_list("via").annotate(Count("pk")))),
        asked_by=_by_means(
            dict(counted.filter(said="shared").order_by().values_list("channel").annotate(Count("pk")))
        ),
    )


def _by_means(counts: dict[str, int]) -> list[Line]:
    """In the order of the channels; what came by none of our links is left out."""
    return [
        (str(channel.name), counts[channel.code])
        for channel in attribution.CHANNELS
        if counts.get(channel.code)
    ]
