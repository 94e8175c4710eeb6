"""How a bundle moves from one state to the next: only from the state, and under the claim, in which we hold it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amparo.actions.models import HandOver
from amparo.kit import retry
from amparo.kit.claims import transition
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from django.db.models import QuerySet

State = HandOver.State
#: Longer than a part of the document takes, after each of which the lease begins anew (bench/hand_over.py).
LEASE = timedelta(minutes=30)


class NotReady(Refusal):
    sentence = _("This bundle is not ready, or has been handed over already.")


class LostTheClaim(Exception):  # noqa: N818 - named as the fact
    """Another process moved this bundle on while we held it; we must not go on with it."""


def held(hand_over: HandOver) -> QuerySet[HandOver]:
    """The row, as long as nobody else has moved it since we took it."""
    return HandOver.objects.filter(pk=hand_over.pk, state=hand_over.state, claimed_by=hand_over.claimed_by)


def move(hand_over: HandOver, *, to: State, reason: str = "", **values: Any) -> bool:
    """Move a bundle on from the state in which this process holds it; False when it moved meanwhile."""
    moved = transition(
        held(hand_over),
        values={"state": to, "reason": reason[:300], "claimed_by": None, "claimed_until": None, **values},
    )
    if moved:
        hand_over.state, hand_over.claimed_by = to, None
    return moved


def still_ours(hand_over: HandOver, *, now: datetime) -> None:
    """Say that we live and still work on it. Raises `LostTheClaim`."""
    if not transition(held(hand_over), values={"claimed_until": now + LEASE}):
        raise LostTheClaim


def leave_to_staff(hand_over: HandOver, *, reason: str) -> bool:
    """It does not go by mail; our staff see why, and can bring it."""
    return move(hand_over, to=State.MADE, way=HandOver.Way.BY_HAND, reason=reason)


def try_later(hand_over: HandOver, *, reason: str, retry_after: timedelta | None, now: datetime) -> bool:
    """Back to where it was before this step, to be taken again after a while."""
    attempts = hand_over.attempts + 1
    at = retry.next_attempt(attempts, now=now, retry_after=retry_after, jitter=random.random())  # noqa: S311
    back = State.PLANNED if hand_over.state == State.MAKING else State.MADE
    return move(hand_over, to=back, reason=reason, attempts=attempts, next_attempt_at=at)
