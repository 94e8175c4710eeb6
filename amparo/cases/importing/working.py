"""Spreadsheets of cases that a worker tries and brings in: taken by one conditional UPDATE, held by a lease."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from amparo.cases.importing import running, stored_file
from amparo.cases.models import CaseImport
from amparo.kit.claims import claim_rows
from amparo.kit.refusal import Refusal
from amparo.kit.work import DATABASE_AWAY

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

State = CaseImport.State
#: The longest that a second of work may take on a slow disk, many times over; it is renewed about each second.
LEASE = timedelta(minutes=5)
#: Tries after which a file that our own program breaks over is given up.
MOST_FAULTS = 3


def waiting() -> QuerySet[CaseImport]:
    """Files with something to do that nobody works on, the one that waits longest first."""
    return CaseImport.objects.filter(state__in=CaseImport.WORKING, claimed_by__isnull=True).order_by(
        "changed_at", "pk"
    )


def claim(*, limit: int, now: datetime) -> list[UUID]:
    """Take files to work on."""
    values = {"claimed_until": now + LEASE}
    order = ["changed_at", "pk"]
    return claim_rows(waiting(), limit=limit, order_by=order, claimed_by=uuid4(), values=values)


def reclaim(*, now: datetime) -> int:
    """Free what a worker took and then died over."""
    dead = CaseImport.objects.filter(claimed_until__lt=now)
    return dead.update(claimed_by=None, claimed_until=None)


def go_on(pk: UUID, *, now: datetime) -> bool:
    """Try a file, or bring it in, to its end; False when it broke for good."""
    run = CaseImport.objects.select_related("organization", "by", "started_by").get(pk=pk)
    begun, renewed = monotonic(), [0.0]

    def renew(done: int) -> None:
        passed = monotonic() - begun
        if passed - renewed[0] < 1 and done < run.cases_total:
            return
        renewed[0] = passed
        values = {"claimed_until": now + timedelta(seconds=passed) + LEASE, "cases_done": done}
        if not CaseImport.objects.filter(pk=pk, claimed_by=run.claimed_by, state=run.state).update(**values):
            raise running.CannotRun

    step = running.check if run.state == State.CHECKING else running.go_on
    try:
        step(run=run, now=now, each=renew)
    except running.CannotRun:
        return True  # Another worker has it: our lease had run out.
    except (FileNotFoundError, Refusal):
        _end(run, now=now)
        return False
    except DATABASE_AWAY:
        raise
    except Exception:
        if run.faults + 1 >= MOST_FAULTS:
            _end(run, now=now)
        else:
            CaseImport.objects.filter(pk=pk, claimed_by=run.claimed_by).update(
                faults=run.faults + 1, claimed_by=None, claimed_until=None
            )
        raise
    return True


def _end(run: CaseImport, *, now: datetime) -> None:
    """Give it up: what came in stays until somebody takes it back, the file goes."""
    mine = CaseImport.objects.filter(pk=run.pk, claimed_by=run.claimed_by)
    if mine.update(state=State.FAILED, claimed_by=None, claimed_until=None, file_removed_at=now):
        stored_file.remove(run)
