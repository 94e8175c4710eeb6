"""What ends by itself: letters past the hard stop, and links nobody pressed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet

from amparo.actions.followers import following
from amparo.actions.journal import move_messages
from amparo.actions.models import Action, Confirmation, Message

if TYPE_CHECKING:
    from datetime import datetime

#: A mail server that says "later" is asked for five days (`mailings.sending`); after two weeks nothing will come.
NEVER_MAILED = timedelta(days=14)


def expire_letters(*, now: datetime) -> int:
    """Letters that can no longer leave in time; how many."""
    late = Message.objects.filter(
        state__in=[Message.State.PENDING, Message.State.QUEUED, Message.State.HELD], page__hard_stop__lte=now
    )
    return len(move_messages(late, to=Message.State.EXPIRED, reason="past the hard stop", now=now))


def links_over(*, now: datetime) -> QuerySet[Confirmation]:
    """Open links whose time is over."""
    over = Q(expires_at__lte=now) | Q(expires_at__isnull=True, opened_at__lte=now - NEVER_MAILED)
    return Confirmation.objects.filter(over, closed_at__isnull=True)


def expire_links(*, now: datetime) -> int:
    """Close links that ran out and end the actions that waited at them; how many links.

    A link whose mail never left, because the address refuses it, runs out two weeks after it was opened. The
    conditional UPDATE decides between this and a button pressed at the same moment.
    """
    closed = 0
    for pk in links_over(now=now).values_list("pk", flat=True):
        with transaction.atomic():
            if not Confirmation.objects.filter(pk=pk, closed_at__isnull=True).update(closed_at=now):
                continue
            closed += 1
            waiting = Action.objects.pending().filter(confirmation=pk)
            letters = Message.objects.filter(action__in=waiting, state=Message.State.PENDING)
            move_messages(letters, to=Message.State.EXPIRED, reason="never confirmed", now=now)
            waiting.update(state=Action.State.EXPIRED)
            following.expire_waiting(pk, now=now)
    return closed
