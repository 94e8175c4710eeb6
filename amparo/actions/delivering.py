"""Deliver letters: paced per target, never after the hard stop, never twice, never silently not at all."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from django.db import transaction
from django.db.models import Exists, Min, OuterRef
from django.utils.translation import gettext_noop

from amparo.actions import telling
from amparo.actions.confirming import DELIVERY
from amparo.actions.journal import move_message, move_messages
from amparo.actions.models import Message, TargetPace
from amparo.actions.pacing import take_turn
from amparo.actions.writing import greeting, write_mail
from amparo.kit import retry
from amparo.kit.claims import claim_rows
from amparo.kit.smtp import PermanentFailure, TemporaryFailure, Uncertain
from amparo.kit.work import DATABASE_AWAY, Result, one_by_one, place_of
from amparo.mailings.transport import mail_server
from amparo.organizations.pausing import installation_is_paused
from amparo.targets import contacting, finding
from amparo.targets.finding import Target

#: How long a worker may hold a letter before it is taken to be dead. One SMTP transaction lasts six minutes at most
#: (three answers, two minutes each: `kit.smtp`), and a worker holds `AT_ONCE` of them.
LEASE = timedelta(minutes=15)
AT_ONCE = 2
#: An office's server that keeps saying "later" is believed for this long (RFC 5321, 4.5.4.1: at least 4-5 days).
GIVE_UP_AFTER = timedelta(days=5)

#: Tries after which a letter that our own program breaks over is held: half an hour, as `kit.retry` waits.
MOST_FAULTS = 5

_NOBODY_THERE = gettext_noop("Nobody who can be written to holds this office at the moment.")


class LostTheClaim(Exception):  # noqa: N818 - named as the fact
    """Another process moved this letter on while we held it; we must not send it."""


class PastTheHardStop(Exception):  # noqa: N818 - named as the fact
    """What the letter is about began while the mail server kept us waiting; it does not leave any more."""


def claim(*, limit: int, now: datetime) -> Sequence[Message]:
    """Take at most one letter of each target whose turn it is, the most urgent first."""
    if installation_is_paused():
        return []
    taken: list[uuid.UUID] = []
    for target_key in _targets_due(limit=limit, now=now):
        if take_turn(target_key, now=now):
            taken += claim_rows(
                Message.objects.sendable(now=now).filter(target_key=target_key),
                limit=1,
                order_by=["urgency", "next_attempt_at"],
                claimed_by=uuid.uuid4(),
                values={"state": Message.State.CLAIMED, "claimed_until": now + LEASE},
            )
    found = Message.objects.select_related("organization", "page", "action__supporter").in_bulk(taken)
    return [found[pk] for pk in taken]


def _targets_due(*, limit: int, now: datetime) -> list[str]:
    resting = TargetPace.objects.filter(target_key=OuterRef("target_key"), next_at__gt=now)
    due = Message.objects.sendable(now=now).filter(~Exists(resting))
    first = due.order_by().values("target_key").annotate(first=Min("urgency"), oldest=Min("next_attempt_at"))
    return list(first.order_by("first", "oldest").values_list("target_key", flat=True)[:limit])


def perform(batch: Sequence[Message], *, now: datetime) -> Result:
    """Send each letter at the time it then is: a slow mail server makes a batch of twenty last for minutes."""
    clock = _going_on_from(now)
    return one_by_one(
        batch,
        lambda message: _deliver_or_set_aside(message, now=clock()),
        line=DELIVERY,
        give_back=_give_back,
    )


def _deliver_or_set_aside(message: Message, *, now: datetime) -> bool:
    """A letter that our own program breaks over waits longer each time, and is then held where staff see it.

    One that had left our hands stays in flight: it becomes uncertain, and is never tried again by itself.
    """
    try:
        return deliver(message=message, now=now)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        if message.state == Message.State.CLAIMED:
            _after_a_fault(message, at=place_of(error), now=now)
        raise


def _after_a_fault(message: Message, *, at: str, now: datetime) -> bool:
    reason = f"our own program broke over it: {at}"
    if message.attempts + 1 >= MOST_FAULTS:
        return _hold(message, reason=reason, now=now)
    return _put_back(message, reason=reason, retry_after=None, now=now)


def _going_on_from(now: datetime) -> Callable[[], datetime]:
    """A clock that showed `now` a moment ago."""
    begun = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - begun)


def deliver(*, message: Message, now: datetime) -> bool:
    """Send one claimed letter and record what became of it; False when it failed for good.

    The holder is found now, not when the letter was written: a letter never goes to whoever held the post before.
    """
    if _is_too_late(message, now=now):
        return _expire(message, now=now)
    target = finding.target_by_key(message.target_key, organization=message.organization, now=now)
    if target is None or target.channel != "email":
        return _hold(message, reason=_NOBODY_THERE, now=now)
    address = _meet_the_holder(message, target)
    try:
        mail_server().send(
            write_mail(message=message, to_address=address, to_name=target.holder, now=now),
            envelope_from=message.organization.sender_email,
            recipient=address,
            before_data=partial(_commit_in_flight, message, address=address, clock=_going_on_from(now)),
        )
    except LostTheClaim:
        return True
    except PastTheHardStop:
        return _expire(message, now=now)
    except Uncertain as failure:
        return move_message(message, to=Message.State.UNCERTAIN, reason=str(failure), now=now)
    except TemporaryFailure as failure:
        return _try_later(message, failure, now=now)
    except PermanentFailure as failure:
        if _is_our_own_fault(failure):
            return _hold(message, reason=str(failure), now=now)
        _fail(message, reason=str(failure), address=address, now=now)
        return False
    return _sent(message, now=now)


def _is_too_late(message: Message, *, now: datetime) -> bool:
    return bool(message.page.hard_stop and message.page.hard_stop <= now)


def _expire(message: Message, *, now: datetime) -> bool:
    return move_message(message, to=Message.State.EXPIRED, reason="past the hard stop", now=now)


def _sent(message: Message, *, now: datetime) -> bool:
    with transaction.atomic():
        moved = move_message(
            message, to=Message.State.SENT, now=now, sent_at=now, claimed_by=None, claimed_until=None
        )
        if moved:
            telling.tell_sent(message=message, now=now)
    return moved


def _meet_the_holder(message: Message, target: Target) -> str:
    """Greet whoever holds the post now, and keep a snapshot of whom the letter went to."""
    if target.holder != message.target_name:
        message.salutation = greeting(target, language=message.language)
        message.target_name = target.holder
        message.dataset_label = target.dataset
        message.save(update_fields=["salutation", "target_name", "dataset_label"])
    return target.address


def _commit_in_flight(message: Message, *, address: str, clock: Callable[[], datetime]) -> None:
    """Committed before DATA: after a crash this letter is uncertain, and is never sent again by itself.

    Greeting the mail server may have taken long, so the hard stop is looked at once more.
    """
    now = clock()
    if _is_too_late(message, now=now):
        raise PastTheHardStop
    if not move_message(
        message, to=Message.State.IN_FLIGHT, now=now, sent_to=address, claimed_until=now + LEASE
    ):
        raise LostTheClaim


def _try_later(message: Message, failure: TemporaryFailure, *, now: datetime) -> bool:
    since = message.first_tried_at or now
    if now - since > GIVE_UP_AFTER:
        _fail(message, reason="the office's server kept saying: later", address="", now=now)
        return False
    return _put_back(
        message, reason=str(failure), retry_after=failure.retry_after, now=now, first_tried_at=since
    )


def _put_back(
    message: Message, *, reason: str, retry_after: timedelta | None, now: datetime, **values: datetime
) -> bool:
    attempts = message.attempts + 1
    at = retry.next_attempt(attempts, now=now, retry_after=retry_after, jitter=random.random())  # noqa: S311
    return move_message(
        message,
        to=Message.State.QUEUED,
        reason=reason,
        now=now,
        attempts=attempts,
        next_attempt_at=at,
        claimed_by=None,
        claimed_until=None,
        **values,
    )


def _is_our_own_fault(failure: PermanentFailure) -> bool:
    """Whether our server or our address was refused (at MAIL, or by policy: 5.7.x, RFC 3463), not the office's.

    Such a letter is held for staff, who put the server right and release it: nobody's letter is lost to our settings.
    """
    return failure.stage == "mail" or (failure.enhanced_code or "").startswith("5.7.")


def _hold(message: Message, *, reason: str, now: datetime) -> bool:
    return move_message(
        message, to=Message.State.HELD, reason=reason, now=now, claimed_by=None, claimed_until=None
    )


def _fail(message: Message, *, reason: str, address: str, now: datetime) -> None:
    """Failed for good: the supporter is told in plain words, and a second different letter flags the address."""
    with transaction.atomic():
        if move_message(
            message, to=Message.State.FAILED, reason=reason, now=now, claimed_by=None, claimed_until=None
        ):
            telling.tell_failed(message=message, now=now)
            if address:
                contacting.record_failure(address=address, letter_id=message.pk, reason=reason, now=now)


def reclaim(*, now: datetime) -> int:
    """What dead workers left: a letter that was only claimed goes back, one that was in flight is uncertain."""
    dead = Message.objects.filter(claimed_until__lt=now)
    back = move_messages(
        dead.filter(state=Message.State.CLAIMED),
        to=Message.State.QUEUED,
        reason="its worker stopped before sending",
        now=now,
        claimed_by=None,
        claimed_until=None,
    )
    unsure = move_messages(
        dead.filter(state=Message.State.IN_FLIGHT),
        to=Message.State.UNCERTAIN,
        reason="its worker stopped while sending",
        now=now,
        claimed_by=None,
        claimed_until=None,
    )
    return len(back) + len(unsure)


def _give_back(rest: Sequence[Message]) -> None:
    Message.objects.filter(pk__in=[message.pk for message in rest], state=Message.State.CLAIMED).update(
        state=Message.State.QUEUED, claimed_by=None, claimed_until=None
    )
