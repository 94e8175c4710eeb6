"""Letters in a bundle: out of the queue and into it, and with it to the office, or back.

A letter in a bundle is `bundled` and can be neither sent by itself nor put into another; it follows its bundle to
`handed_over` when that arrived. When there is one is said in `planning_bundles`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from amparo.actions import telling
from amparo.actions.hand_over import bundling, planning_bundles
from amparo.actions.journal import move_messages
from amparo.actions.models import HandOver, Message

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from amparo.actions.hand_over.addressees import Addressee
    from amparo.actions.hand_over.bundle_contents import Beat, Drawn, Write

State = Message.State
#: Letters moved in one transaction.
STEP = 200
_FOLLOWED = (State.HANDED_OVER, State.UNCERTAIN)


def gather(hand_over: HandOver, *, now: datetime) -> None:
    """From the queue into the bundle, a few at a time; one that a worker is sending stays where it is."""
    while chosen := list(
        planning_bundles.waiting_for(hand_over.page, hand_over.target_key).values_list("pk", flat=True)[:STEP]
    ):
        move_messages(
            Message.objects.filter(pk__in=chosen, state=State.QUEUED),
            to=State.BUNDLED,
            reason="put into the bundle for its target",
            now=now,
            hand_over=hand_over,
        )
    gone = _bundled(hand_over).filter(erased_at__isnull=False)
    move_messages(gone, to=State.WITHDRAWN, reason="its writer was erased", now=now)


def standing(hand_over: HandOver) -> int:
    """How many letters with a text are in it."""
    return _bundled(hand_over).filter(erased_at__isnull=True).count()


def draw(hand_over: HandOver, *, addressee: Addressee, write: Write, beat: Beat, now: datetime) -> Drawn:
    """A cover letter and every letter whole."""
    return bundling.draw(hand_over, addressee=addressee, write=write, beat=beat, now=now)


def beside(hand_over: HandOver, *, now: datetime) -> None:
    """Letters have no other file."""


def follow(hand_over: HandOver, *, now: datetime) -> None:
    """Let the letters follow their bundle, and tell their writers; goes on where a dead worker stopped."""
    arrived = hand_over.state != HandOver.State.UNCERTAIN
    waiting = [State.BUNDLED, State.UNCERTAIN] if arrived else [State.BUNDLED]
    letters = Message.objects.filter(hand_over=hand_over, state__in=waiting)
    to = State.HANDED_OVER if arrived else State.UNCERTAIN
    while chosen := list(letters.values_list("pk", flat=True)[:STEP]):
        with transaction.atomic():
            moved = move_messages(
                Message.objects.filter(pk__in=chosen, state__in=waiting),
                to=to,
                reason="",
                now=now,
                sent_at=hand_over.sent_at,
            )
            for letter in _with_their_people(moved) if arrived else []:
                telling.tell_sent(message=letter, now=now)


def give_back(hand_over: HandOver, *, reason: str, now: datetime) -> None:
    """The letters wait for their turn again."""
    move_messages(
        _bundled(hand_over), to=State.QUEUED, reason=reason, now=now, hand_over=None, next_attempt_at=now
    )


def lapse(hand_over: HandOver, *, now: datetime) -> None:
    """The letters came too late. Writers who were told otherwise are told."""
    returned = move_messages(
        _bundled(hand_over).filter(sent_at__isnull=False),
        to=State.BOUNCED,
        reason="the bundle came back",
        now=now,
    )
    for letter in _with_their_people(returned):
        telling.tell_bounced(message=letter, now=now)
    move_messages(_bundled(hand_over), to=State.EXPIRED, reason="past the hard stop", now=now)


def come_back(hand_over: HandOver, *, now: datetime) -> None:
    """The letters are with us again."""
    followed = Message.objects.filter(hand_over=hand_over, state__in=_FOLLOWED)
    move_messages(followed, to=State.BUNDLED, reason="the bundle came back", now=now)


def _bundled(hand_over: HandOver) -> QuerySet[Message]:
    return Message.objects.filter(hand_over=hand_over, state=State.BUNDLED)


def _with_their_people(ids: Sequence[UUID]) -> list[Message]:
    return list(Message.objects.select_related("organization", "action__supporter").filter(pk__in=ids))
