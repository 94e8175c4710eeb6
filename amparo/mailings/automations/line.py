"""The line of work of automations: each that is on is looked at once a minute."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Min

from amparo.kit.claims import claim_rows
from amparo.kit.work import LineOfWork, Result, one_by_one
from amparo.mailings.automations.registry import automation_kinds, kind_of
from amparo.mailings.models import Automation
from amparo.organizations.pausing import installation_is_paused

if TYPE_CHECKING:
    from django.db.models import QuerySet

LINE = "automations"
#: A mail that follows days later need not leave in the very second.
EVERY = timedelta(minutes=1)
#: Who takes longer is dead: another worker looks then. What the dead one had committed stays, the rest is done anew.
LEASE = timedelta(minutes=10)


class Automations(LineOfWork[Automation]):
    """Series, thank-yous, reminders and digests that are on."""

    name = LINE
    batch_size = 1

    def due(self, *, now: datetime) -> int:
        return 0 if installation_is_paused() else _due(now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[Automation]:
        if installation_is_paused():
            return []
        taken = claim_rows(
            _due(now),
            limit=limit,
            order_by=["look_at", "pk"],
            claimed_by=uuid.uuid4(),
            values={"look_at": now + LEASE},
        )
        found = Automation.objects.select_related("organization", "campaign").in_bulk(taken)
        return [found[pk] for pk in taken]

    def perform(self, batch: Sequence[Automation], *, now: datetime) -> Result:
        return one_by_one(batch, lambda automation: look_at(automation, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - a claim is a later turn, and ends by itself
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        oldest: datetime | None = _due(now).aggregate(at=Min("look_at"))["at"]
        return oldest

    def counts(self, *, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return {"on": Automation.objects.filter(on_since__isnull=False).count()}


def _due(now: datetime) -> QuerySet[Automation]:
    return Automation.objects.due(now=now).filter(kind__in=list(automation_kinds))


def look_at(automation: Automation, *, now: datetime) -> bool:
    """Do what is due of one automation, and note up to when it was looked at."""
    kind_of(automation).run(automation, now=now)
    mine = Automation.objects.filter(pk=automation.pk, claimed_by=automation.claimed_by)
    mine.filter(on_since__isnull=False).update(looked_until=now, look_at=now + EVERY)
    return True
