"""The line of work that checks, brings in and undoes lists, and forgets their files in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count, Min
from django.utils import timezone

from amparo.kit.work import LineOfWork, Result
from amparo.supporters.importing import checking, preparing, running, undoing
from amparo.supporters.importing.claiming import LINE, LostClaim, claim, let_go, reclaim, waiting
from amparo.supporters.models import ImportRun

State = ImportRun.State
_WORK: dict[str, Callable[..., bool]] = {
    State.CHECKING: checking.check,
    State.RUNNING: running.run_on,
}


def _unheard(run: ImportRun) -> None:
    """For callers that do not want to know how far it is."""


class Imports(LineOfWork[tuple[UUID, UUID]]):
    """Lists that are checked, brought in or undone, each by one worker at a time."""

    name = LINE
    batch_size = 1
    #: What the leases of a long import are renewed by, for one moment is given for a whole batch.
    clock: ClassVar[Any] = staticmethod(timezone.now)

    def due(self, *, now: datetime) -> int:  # noqa: ARG002
        return waiting().count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[tuple[UUID, UUID]]:
        preparing.forget_old_files(now=now)
        return claim(limit=limit, now=now)

    def perform(self, batch: Sequence[tuple[UUID, UUID]], *, now: datetime) -> Result:  # noqa: ARG002
        return sum((self.work_on(pk, token) for pk, token in batch), Result())

    def work_on(self, pk: UUID, token: UUID, *, heard: Callable[[ImportRun], None] = _unheard) -> Result:
        """Do what the state of a claimed import asks for. Rows that are gone through are `heard` of now and then."""
        run = ImportRun.objects.select_related("organization").filter(pk=pk, claimed_by=token).first()
        if run is None:
            return Result()
        try:
            if run.state == State.UNDOING:
                finished = undoing.undo_on(run, token, clock=self.clock)
            else:
                finished = _WORK[run.state](run, token, clock=self.clock, heard=heard)
        except LostClaim:
            # Paused, or somebody else's by now; either way nothing of ours was written.
            return Result(done=1)
        except Exception:
            # Whatever it was, the next worker need not wait for our lease to run out.
            let_go(pk, token, now=self.clock())
            raise
        return Result(done=1) if finished else Result()

    def reclaim(self, *, now: datetime) -> int:
        return reclaim(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        oldest: datetime | None = waiting().aggregate(at=Min("changed_at"))["at"]
        return oldest

    def counts(self, *, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return dict(ImportRun.objects.order_by().values_list("state").annotate(Count("pk")))
