"""Caps at the public doors, kept in the database so that they hold across processes; no network address is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F

from amparo.kit import proof_of_work, sealing
from amparo.kit.throttle import Limit, window_start
from amparo.organizations.models import AttemptCount, SpentProof

if TYPE_CHECKING:
    from datetime import datetime

#: Letters accepted from one network in an hour. A household, a library or a mosque shares one network.
FROM_ONE_NETWORK = Limit("letters-from-network", count=60, seconds=3600)
#: The same when the browser brought no proof of work: fewer, and they wait a minute.
WITHOUT_PROOF = Limit("unproved-letters-from-network", count=20, seconds=3600)
#: Letters accepted for one address in a day, over all pages: more is not a person writing.
FOR_ONE_ADDRESS = Limit("letters-for-address", count=20, seconds=86400)
#: Reports of mistakes from one network in a day.
REPORTS_FROM_ONE_NETWORK = Limit("reports-from-network", count=20, seconds=86400)


def allow(limit: Limit, *, value: str, now: datetime) -> bool:
    """Count one attempt; False when it is over the limit.

    One conditional UPDATE counts and decides at once, so the sum over all processes stays within the limit.
    """
    mark = sealing.daily_mark(value, day=now.date(), purpose=limit.name)
    window = {"limit": limit.name, "mark": mark, "window_start": window_start(now, limit.seconds)}
    AttemptCount.objects.bulk_create([AttemptCount(**window)], ignore_conflicts=True)
    return bool(AttemptCount.objects.filter(**window, count__lt=limit.count).update(count=F("count") + 1))


def spend_proof(payload: str, *, now: datetime) -> bool:
    """True once for each solved challenge, however many requests bring it at the same moment."""
    challenge = proof_of_work.check(payload, now=now)
    if challenge is None:
        return False
    try:
        with transaction.atomic():
            SpentProof.objects.create(challenge=challenge[:200], spent_at=now)
    except IntegrityError:
        return False
    return True


def forget_old(*, now: datetime) -> int:
    """Remove counts and proofs that no longer decide anything; how many went."""
    removed, _ = AttemptCount.objects.filter(window_start__lt=now - timedelta(days=2)).delete()
    proofs, _ = SpentProof.objects.filter(spent_at__lt=now - timedelta(hours=2)).delete()
    return removed + proofs
