"""How an office answers, as far as its writers say: counts only, and none so small that it tells who said what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from amparo.actions.models import Answer, Message

if TYPE_CHECKING:
    from amparo.organizations.models import Organization

#: Smaller counts are not shown: with few writers, a count would tell what one of them said.
LEAST = 10


@dataclass(frozen=True, slots=True)
class Responsiveness:
    """What one organization's supporters say of one target; None stands for fewer than ten."""

    arrived: int | None
    said: int | None
    answered: int | None
    not_answered: int | None
    automatic: int | None


def of_target(*, organization: Organization, target_key: str) -> Responsiveness:
    """The counts for one target, over all of this organization's pages."""
    letters = Message.objects.for_organization(organization).filter(target_key=target_key)
    arrived = letters.filter(state__in=Message.ARRIVED, chases__isnull=True).count()
    kinds = dict(
        Answer.objects.for_organization(organization)
        .filter(message__target_key=target_key)
        .order_by()
        .values_list("kind")
        .annotate(Count("pk"))
    )
    yes, no, automatic = (
        kinds.get(kind, 0) for kind in (Answer.Kind.YES, Answer.Kind.NO, Answer.Kind.AUTOMATIC)
    )
    # One hidden cell could be worked out from the others and the sum, so then the sum is hidden too.
    hidden = any(0 < count < LEAST for count in (yes, no, automatic))
    return Responsiveness(
        arrived=_shown(arrived),
        said=None if hidden else _shown(yes + no + automatic),
        answered=_shown(yes),
        not_answered=_shown(no),
        automatic=_shown(automatic),
    )


def _shown(count: int) -> int | None:
    return count if count == 0 or count >= LEAST else None
