"""What ends by itself: letters past the hard stop, and links nobody pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from amparo.actions.journal import move_messages
from amparo.actions.models import Action, Confirmation, Message

if TYPE_CHECKING:
    from datetime import datetime


def expire_letters(*, now: datetime) -> int:
    """Letters that can no longer leave in time; how many."""
    late = Message.objects.filter(
        state__in=[Message.State.PENDING, Message.State.QUEUED, Message.State.HELD], page__hard_stop__lte=now
    )
    return len(move_messages(late, to=Message.State.EXPIRED, reason="past the hard stop", now=now))


def expire_links(*, now: datetime) -> int:
    """Close links that ran out and end the actions that waited at them; how many links.

    The conditional UPDATE decides between this and a button pressed at the same moment.
    """
    closed = 0
    for pk in Confirmation.objects.filter(closed_at__isnull=True, expires_at__lte=now).values_list(
        "pk", flat=True
    ):
        with transaction.atomic():
            if not Confirmation.objects.filter(pk=pk, closed_at__isnull=True).update(closed_at=now):
                continue
            closed += 1
            waiting = Action.objects.pending().filter(confirmation=pk)
            letters = Message.objects.filter(action__in=waiting, state=Message.State.PENDING)
            move_messages(letters, to=Message.State.EXPIRED, reason="never confirmed", now=now)
            waiting.update(state=Action.State.EXPIRED)
    return closed
