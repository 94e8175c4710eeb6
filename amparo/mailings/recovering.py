"""Take back what processes left that died while they sent: from their logs, or, where a log is gone, from the bytes.

Who was begun and not answered is *unknown*, and named: a row says so for each. What becomes of them is the mailing's
policy: hold them, or send again.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from amparo.mailings import outcomes, settling
from amparo.mailings.models import AudienceChunk, DeliveryFailure, Mailing
from amparo.mailings.wire import send_log

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: How long a chunk is held without a sign of life (mail.md, 5).
LEASE = timedelta(seconds=60)
SENT_AGAIN = "the line broke after it was handed over; sent again"
HELD = "the line broke after it was handed over; held"
#: Of those whom a row says this of, nobody can ever say that they do not have the mail.
MAY_HAVE_IT = (SENT_AGAIN, HELD)


def policy_outcome(mailing: Mailing) -> int:
    """What becomes of a recipient whose answer never came. From a mailing that was stopped nobody gets it again."""
    again = mailing.unknown_policy == Mailing.Unknown.RESEND and mailing.state != Mailing.State.STOPPED
    return outcomes.TEMPORARY if again else outcomes.UNKNOWN


def replay_logs(*, now: datetime) -> int:
    """Settle what dead processes of this machine had begun and free what they held; how many chunks."""
    settled = 0
    for token, path in send_log.of_the_dead():
        settled += settle_session(token=token, facts=send_log.read(path), now=now)
        path.unlink(missing_ok=True)
    return settled


def reclaim(*, now: datetime) -> int:
    """The same, and free what processes of other machines held for longer than they may; how many chunks."""
    settled = replay_logs(now=now)
    late = AudienceChunk.objects.filter(claimed_until__lt=now, claimed_by__isnull=False).order_by()
    ends = dict(late.values_list("claimed_by").annotate(end=Max("claimed_until")))
    for token in _silent.keys() - ends.keys():
        del _silent[token]
    for token, end in ends.items():
        path = send_log.log_of(token)
        if path is not None and send_log.is_alive(path) and not _is_silent(token, end):
            continue
        facts = send_log.read(path) if path is not None else None
        settled += settle_session(token=token, facts=facts, now=now, late_since=now)
    return settled


#: Sessions of living processes of this machine whose lease seems to be over: its end, and since when we have known.
_silent: dict[UUID, tuple[datetime, float]] = {}


def _is_silent(token: UUID, end: datetime) -> bool:
    """Whether a living process's lease really ran out, or a clock was set or a machine slept: then it is renewed."""
    known_end, since = _silent.get(token, (None, 0.0))
    if known_end != end:
        _silent[token] = (end, time.monotonic())
        return False
    return time.monotonic() - since >= LEASE.total_seconds()


def settle_session(
    *, token: UUID, facts: send_log.Facts | None, now: datetime, late_since: datetime | None = None
) -> int:
    """Write what is known of one session and end its leases; without `facts` nothing but the bytes is known."""
    held = AudienceChunk.objects.filter(claimed_by=token)
    if late_since is not None:
        held = held.filter(claimed_until__lt=late_since)
    numbers = set(held.values_list("pk", flat=True))
    if late_since is None:
        numbers |= set(facts or {})
    for number in sorted(numbers):
        with transaction.atomic():
            chunk = _locked(number)
            # Two may come for one that is late: the second finds that it is settled and names nobody again.
            if chunk is not None and (late_since is None or chunk.claimed_by == token):
                _settle(chunk, token, None if facts is None else facts.get(number, {}), now=now)
    return len(numbers)


def _locked(number: int) -> AudienceChunk | None:
    """SQLite has one writer at a time as it is (transactions there begin IMMEDIATE)."""
    return (
        AudienceChunk.objects.select_related("mailing")
        .select_for_update(of=("self",))
        .filter(pk=number)
        .first()
    )


def _settle(chunk: AudienceChunk, token: UUID, facts: Mapping[int, int] | None, *, now: datetime) -> None:
    there = bytes(chunk.outcomes)
    ours = bytearray(there)
    unknown = []
    for position, byte in enumerate(there):
        if facts is None:
            fact = outcomes.UNKNOWN if byte == outcomes.IN_FLIGHT else byte
        else:
            # A log that does not name somebody says that they were never begun.
            fact = facts.get(position, outcomes.QUEUED if byte == outcomes.IN_FLIGHT else byte)
        if fact == outcomes.UNKNOWN and (byte in outcomes.OPEN or byte == outcomes.STOPPED):
            unknown.append(position)
            fact = policy_outcome(chunk.mailing)
        ours[position] = fact
    values = {"claimed_by": None, "claimed_until": None, "next_attempt_at": now}
    stands, _ours = settling.write(
        chunk=chunk.pk, there=there, ours=bytes(ours), held_by=token, values=values
    )
    note_unknown(chunk=chunk.pk, mailing=chunk.mailing, positions=unknown, outcomes_now=stands, now=now)


def note_unknown(
    *, chunk: int, mailing: Mailing, positions: list[int], outcomes_now: bytes, now: datetime
) -> None:
    """Name those whose answer never came."""
    again = policy_outcome(mailing) == outcomes.TEMPORARY
    DeliveryFailure.objects.bulk_create(
        DeliveryFailure(
            mailing=mailing,
            chunk_id=chunk,
            position=position,
            outcome=chr(outcomes_now[position]),
            reason=SENT_AGAIN if again else HELD,
            at=now,
        )
        for position in positions
    )
