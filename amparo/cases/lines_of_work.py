"""What this floor does in the background."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from amparo.cases import links
from amparo.cases.importing import running, working
from amparo.kit.work import LineOfWork, Result, lines, one_by_one


@lines.register("source_links")
class SourceLinks(LineOfWork[UUID]):
    """Looks whether what is cited is still at its address."""

    name = "source_links"
    batch_size = 10

    def due(self, *, now: datetime) -> int:
        return links.due(now=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[UUID]:
        return links.claim(limit=limit, now=now)

    def perform(self, batch: Sequence[UUID], *, now: datetime) -> Result:
        return one_by_one(batch, partial(links.look_at, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - what a dead worker holds is due again after an hour
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        waiting = links.due(now=now).first()
        return (waiting.link_due_at or waiting.changed_at) if waiting else None


@lines.register(running.LINE)
class CaseImports(LineOfWork[UUID]):
    """Tries spreadsheets of cases, and brings them in."""

    name = running.LINE
    batch_size = 1

    def due(self, *, now: datetime) -> int:  # noqa: ARG002 - a file waits for nothing but a worker
        return working.waiting().count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[UUID]:
        return working.claim(limit=limit, now=now)

    def perform(self, batch: Sequence[UUID], *, now: datetime) -> Result:
        return one_by_one(batch, partial(working.go_on, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:
        return working.reclaim(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002 - as above
        first = working.waiting().first()
        return first.changed_at if first else None
