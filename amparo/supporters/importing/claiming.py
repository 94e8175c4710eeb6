"""Who works on an import just now: taken by one conditional UPDATE, held by a lease, given back or left to run out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from amparo.kit.claims import claim_rows
from amparo.supporters.models import ImportRun

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

#: The longest that one chunk may take on a slow disk, many times over; every chunk renews it.
LEASE = timedelta(minutes=5)
#: The name of the line of work.
LINE = "imports"


class LostClaim(Exception):  # noqa: N818 - a fact: somebody paused it, or took it over after our lease ran out
    """This worker may not go on with the import."""


def waiting() -> QuerySet[ImportRun]:
    """Imports with something to do that nobody works on."""
    return ImportRun.objects.filter(state__in=ImportRun.WORKING, claimed_by__isnull=True)


def claim(*, limit: int, now: datetime, only: UUID | None = None) -> list[tuple[UUID, UUID]]:
    """Take imports to work on, or this one alone; each with the token that only we know."""
    token = uuid4()
    values = {"claimed_until": now + LEASE}
    there = waiting().filter(pk=only) if only else waiting()
    taken = claim_rows(there, limit=limit, order_by=["changed_at"], claimed_by=token, values=values)
    return [(pk, token) for pk in taken]


def reclaim(*, now: datetime) -> int:
    """Free what a worker took and then died over."""
    dead = ImportRun.objects.filter(claimed_until__lt=now)
    return dead.update(claimed_by=None, claimed_until=None)


def held(run_id: UUID, token: UUID) -> QuerySet[ImportRun]:
    """The import, as long as it is ours."""
    return ImportRun.objects.filter(pk=run_id, claimed_by=token)


def go_on(run_id: UUID, token: UUID, *, now: datetime, state: str, **values: Any) -> None:
    """Say that we are still at it, and how far. Raises `LostClaim` when it is not ours, or in another state by now."""
    if not held(run_id, token).filter(state=state).update(claimed_until=now + LEASE, **values):
        raise LostClaim


def let_go(run_id: UUID, token: UUID, *, now: datetime, **values: Any) -> bool:
    """Give it back, in another state or in the same; False when it was not ours any more."""
    return bool(held(run_id, token).update(claimed_by=None, claimed_until=None, changed_at=now, **values))
