"""Exports as a line of work: made one by one, ended when their time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db.models import Count, Min

from amparo.kit.work import LineOfWork, Result, one_by_one
from amparo.supporters.exports import export_making
from amparo.supporters.exports.exporting import LINE
from amparo.supporters.models import ExportRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID


class Exports(LineOfWork["UUID"]):
    """Files of lists, for staff."""

    name: ClassVar[str] = LINE
    #: A large list takes a minute or more, and a worker that dies holds what it took.
    batch_size: ClassVar[int] = 1

    def due(self, *, now: datetime) -> int:
        exports = ExportRequest.objects
        return exports.to_make(now=now).count() + exports.to_remove(now=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[UUID]:
        export_making.expire(now=now)
        return export_making.claim(limit=limit, now=now)

    def perform(self, batch: Sequence[UUID], *, now: datetime) -> Result:
        return one_by_one(batch, lambda pk: export_making.make(pk, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:
        return export_making.reclaim(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        oldest: datetime | None = ExportRequest.objects.to_make(now=now).aggregate(at=Min("due_at"))["at"]
        return oldest

    def counts(self, *, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return dict(ExportRequest.objects.order_by().values_list("state").annotate(Count("pk")))
