"""What is done against abuse in the background."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from amparo.actions import trends
from amparo.actions.abuse import invalidating
from amparo.kit.work import LineOfWork, Result, one_by_one, stopping
from amparo.organizations.models import Organization


class InvalidatingLots(LineOfWork[UUID]):
    """Many actions taken out of the count, or put back, lot by lot; each lot locks its own rows."""

    name = invalidating.LINE
    batch_size = 1

    def due(self, *, now: datetime) -> int:  # noqa: ARG002
        return len(invalidating.unfinished())

    def claim(self, *, limit: int, now: datetime) -> Sequence[UUID]:  # noqa: ARG002
        return invalidating.unfinished()[:limit]

    def perform(self, batch: Sequence[UUID], *, now: datetime) -> Result:
        def work_through(pk: UUID) -> None:
            while invalidating.go_on(pk, now=now) and not stopping():
                pass

        return one_by_one(batch, work_through, line=self.name)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two lots
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        return None


class Trends(LineOfWork[Organization]):
    """Whether far more came than usual, each quarter of an hour."""

    name = trends.LINE
    batch_size = 20

    def due(self, *, now: datetime) -> int:
        return len(trends.due(now=now))

    def claim(self, *, limit: int, now: datetime) -> Sequence[Organization]:
        return trends.due(now=now)[:limit]

    def perform(self, batch: Sequence[Organization], *, now: datetime) -> Result:
        return one_by_one(
            batch, lambda organization: trends.look(organization=organization, now=now), line=self.name
        )

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two looks
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        return None
