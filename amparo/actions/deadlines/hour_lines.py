"""The lines of work about hours, and about what was achieved by them (see `lines_of_work`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Min

from amparo.actions.deadlines import achieving, minding_hours
from amparo.actions.models import Achievement
from amparo.kit.work import LineOfWork, Result, one_by_one


class Hours(LineOfWork[partial[Any]]):
    """Hearings that moved, staff to be reminded, pages whose hour has come, letters that become urgent."""

    name = minding_hours.LINE
    batch_size = 50

    def due(self, *, now: datetime) -> int:
        return len(minding_hours.due(now=now))

    def claim(self, *, limit: int, now: datetime) -> Sequence[partial[Any]]:
        """Nothing is held: each deed is one conditional UPDATE, or one row that can be inserted once."""
        return minding_hours.due(now=now)[:limit]

    def perform(self, batch: Sequence[partial[Any]], *, now: datetime) -> Result:  # noqa: ARG002
        return one_by_one(batch, lambda deed: bool(deed()), line=self.name)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        return None


class Achievements(LineOfWork[Achievement]):
    """What those who took part achieved, to those who want to hear of it."""

    name = achieving.LINE
    batch_size = 1

    def due(self, *, now: datetime) -> int:
        return achieving.to_send(now=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[Achievement]:
        """Nothing is held: whoever moves the row on posts the mails."""
        return list(achieving.to_send(now=now).select_related("page", "organization")[:limit])

    def perform(self, batch: Sequence[Achievement], *, now: datetime) -> Result:
        return one_by_one(
            batch, lambda achievement: achieving.go_on(achievement=achievement, now=now), line=self.name
        )

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        oldest: datetime | None = achieving.to_send(now=now).aggregate(at=Min("send_at"))["at"]
        return oldest
