"""Take back what processes left that died while they sent: from their logs, or, where a log is gone, from the bytes.

Who was begun and not answered is *unknown*, and named: a row says so for each. What becomes of them is the mailing's
policy: hold them, or send again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from amparo.mailings import outcomes, send_log, settling
from amparo.mailings.models import AudienceChunk, DeliveryFailure, Mailing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: How long a chunk is held without a sign of life (mail.md, 5).
LEASE = timedelta(seconds=60)
SENT_AGAIN = "the line broke after it was handed over; sent again"
HELD = "the line broke after it was handed over; held"


def policy_outcome(mailing: Mailing) -> int:
    """What becomes of a recipient whose answer never came."""
    return outcomes.TEMPORARY if mailing.unknown_policy == Mailing.Unknown.RESEND else outcomes.UNKNOWN


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
    late = AudienceChunk.objects.filter(claimed_until__lt=now).order_by()
    for token in set(late.values_list("claimed_by", flat=True)):
        if token is None:
            continue
        path = send_log.log_of(token)
        facts = send_log.read(path) if path is not None else None
        settled += settle_session(token=token, facts=facts, now=now, late_since=now)
    return settled


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
            chunk = AudienceChunk.objects.select_related("mailing").filter(pk=number).first()
            if chunk is not None:
                _settle(chunk, token, None if facts is None else facts.get(number, {}), now=now)
    return len(numbers)


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
        if fact == outcomes.UNKNOWN and byte in outcomes.OPEN:
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
    again = mailing.unknown_policy == Mailing.Unknown.RESEND
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
