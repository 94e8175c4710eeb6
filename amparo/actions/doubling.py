"""One person's two actions on one page, found when two records are merged: one counts, and undoing restores the other.

The survivor's action stays. The absorbed one's is superseded and remembers the merge that did it. Its letters that wait
for the same office are held, so that nobody gets two letters of one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop, ngettext

from amparo.actions import counting
from amparo.actions.journal import move_messages
from amparo.actions.models import Action, Message
from amparo.supporters.merging_people import merging
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from amparo.supporters.models import Merge

WRITTEN_ALREADY = gettext_noop("the same person wrote to this office already")


def what_merging_does(*, survivor: Supporter, absorbed: Supporter) -> list[str]:
    """Sentences about actions for whoever decides on a merge."""
    doubled = _doubled(keeps=merging.side_of(survivor), loses=merging.side_of(absorbed)).count()
    if not doubled:
        return []
    return [
        ngettext(
            "Both acted on one page: it counts one less from then on.",
            "Both acted on %(number)d pages: each counts one less from then on.",
            doubled,
        )
        % {"number": doubled}
    ]


def supersede(*, merge: Merge, now: datetime) -> None:
    """Let the absorbed one's action count no more on each page where the survivor has one."""
    loses = merging.side_of(merge.absorbed)
    keeps = [pk for pk in merging.side_of(merge.survivor) if pk not in loses]
    doubled = _doubled(keeps=keeps, loses=loses).order_by("page_id", "pk")
    for pk, page_id in list(doubled.values_list("pk", "page_id")):
        taken_off = counting.take_off(
            page_id,
            Action.objects.confirmed().filter(pk=pk),
            state=Action.State.SUPERSEDED,
            superseded_by_merge=merge,
            now=now,
        )
        if taken_off:
            _hold_letters(pk, page_id, keeps=keeps, now=now)


def restore(*, merge: Merge, now: datetime) -> None:
    """Let exactly those actions count again that this merge superseded; the counter adds them on its next round."""
    mine = Action.objects.filter(superseded_by_merge=merge, state=Action.State.SUPERSEDED)
    again = Action.objects.confirmed().filter(page=OuterRef("page"), supporter=OuterRef("supporter"))
    for pk in list(mine.filter(~Exists(again)).values_list("pk", flat=True)):
        mine.filter(pk=pk).update(state=Action.State.CONFIRMED, superseded_by_merge=None)
        move_messages(
            Message.objects.filter(action=pk, state=Message.State.HELD, reason=WRITTEN_ALREADY),
            to=Message.State.QUEUED,
            reason="",
            now=now,
            next_attempt_at=now,
        )


def already_acted(*, page_id: int, supporter_id: UUID) -> bool:
    """Whether this person has a confirmed action on the page, by whichever of their records.

    The records first, and then what they did: asked at once, a database may look at everybody who acted on the page.
    """
    merged_into = Supporter.objects.filter(pk=supporter_id).values_list("merged_into", flat=True)
    records = Supporter.objects.of_one_person(merged_into.get() or supporter_id).values_list("pk", flat=True)
    return Action.objects.confirmed().filter(page=page_id, supporter__in=list(records)).exists()


def _doubled(*, keeps: Sequence[UUID], loses: Sequence[UUID]) -> QuerySet[Action]:
    """Confirmed actions of `loses` on pages where one of `keeps` has one too."""
    kept = Action.objects.confirmed().filter(supporter__in=keeps, page=OuterRef("page"))
    return Action.objects.confirmed().filter(Exists(kept), supporter__in=loses)


def _hold_letters(action_id: UUID, page_id: int, *, keeps: Sequence[UUID], now: datetime) -> None:
    written = Message.objects.filter(action__supporter__in=keeps, action__page=page_id)
    reached = written.filter(action__state=Action.State.CONFIRMED).exclude(
        state__in=[
            Message.State.FAILED,
            Message.State.BOUNCED,
            Message.State.WITHDRAWN,
            Message.State.EXPIRED,
        ]
    )
    move_messages(
        Message.objects.filter(
            action=action_id,
            state=Message.State.QUEUED,
            target_key__in=list(reached.values_list("target_key", flat=True)),
        ),
        to=Message.State.HELD,
        reason=WRITTEN_ALREADY,
        now=now,
    )
