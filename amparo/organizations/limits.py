"""Caps at the public doors, kept in the database so that they hold across processes; no network address is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connections, router

from amparo.kit import proof_of_work, sealing
from amparo.kit.inserting import insert_if_new
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


#: Counts one more, unless the count is full; one statement both decides and does it.
_COUNT = """
INSERT INTO organizations_attemptcount AS held ("limit", mark, window_start, count) VALUES (%s, %s, %s, 1)
ON CONFLICT ("limit", mark, window_start) DO UPDATE SET count = held.count + 1 WHERE held.count < %s
"""


def allow(limit: Limit, *, value: str, now: datetime) -> bool:
    """Count one attempt; False when it is over the limit.

    The sum over all processes stays within the limit: whoever comes at the same moment waits for the row.
    """
    mark = sealing.daily_mark(value, day=now.date(), purpose=limit.name)
    database = connections[router.db_for_write(AttemptCount)]
    window = AttemptCount._meta.get_field("window_start").get_db_prep_save(
        window_start(now, limit.seconds), connection=database
    )
    with database.cursor() as cursor:
        cursor.execute(_COUNT, [limit.name, mark, window, limit.count])
        return bool(cursor.rowcount == 1)


def spend_proof(payload: str, *, now: datetime) -> bool:
    """True once for each solved challenge, however many requests bring it at the same moment."""
    challenge = proof_of_work.check(payload, now=now)
    return challenge is not None and spend_challenge(challenge, now=now)


def spend_challenge(challenge: str, *, now: datetime) -> bool:
    """The same for a challenge whose solution was checked already, which takes a while and needs no transaction."""
    return insert_if_new(SpentProof(challenge=challenge[:200], spent_at=now))


#: The longest window is a day; yesterday's counts decide nothing any more.
COUNTS_KEPT = timedelta(days=2)


def forget_old(*, now: datetime) -> int:
    """Remove counts and proofs that no longer decide anything; how many went."""
    removed, _ = AttemptCount.objects.filter(window_start__lt=now - COUNTS_KEPT).delete()
    proofs, _ = SpentProof.objects.filter(spent_at__lt=now - timedelta(hours=2)).delete()
    return removed + proofs
