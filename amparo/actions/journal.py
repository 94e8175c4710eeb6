"""Every step of every letter, written in the same transaction as the step itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet

from amparo.actions.models import Message, MessageEvent

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def move_messages(
    messages: QuerySet[Message], *, to: Message.State, reason: str, now: datetime, **values: Any
) -> list[UUID]:
    """Move all of `messages`, which says the old state, to the state `to`, and note each; the ids that moved.

    State and claim are read first and are the condition of each UPDATE, so a row that another process moved meanwhile
    is neither moved nor noted. `messages` itself is no safe condition: where it looks at other tables, PostgreSQL
    answers it from before the wait for the row's lock.
    """
    with transaction.atomic():
        moved = [
            pk
            for pk, state, claimed_by in messages.values_list("pk", "state", "claimed_by")
            if Message.objects.filter(pk=pk, state=state, claimed_by=claimed_by).update(
                state=to, reason=reason[:300], **values
            )
        ]
        MessageEvent.objects.bulk_create(
            MessageEvent(message_id=pk, state=to, reason=reason[:300], recorded_at=now) for pk in moved
        )
    return moved


def move_message(
    message: Message, *, to: Message.State, reason: str = "", now: datetime, **values: Any
) -> bool:
    """Move one letter on from the state and claim in which this process holds it; False when it moved meanwhile."""
    held = Message.objects.filter(pk=message.pk, state=message.state, claimed_by=message.claimed_by)
    if not move_messages(held, to=to, reason=reason, now=now, **values):
        return False
    message.state = to
    return True
