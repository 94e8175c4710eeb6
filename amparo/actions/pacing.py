"""The target is the queue: how fast letters reach one office over all campaigns, and whether they will all make it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count

from amparo.actions.models import ActionPage, Message, TargetPace

if TYPE_CHECKING:
    from datetime import datetime


def gap() -> timedelta:
    """The time between two letters to one target."""
    return timedelta(hours=1) / int(settings.AMPARO_LETTERS_PER_TARGET_PER_HOUR)


def take_turn(target_key: str, *, now: datetime) -> bool:
    """Whether a letter may go to this target now; one conditional UPDATE both asks and takes the turn."""
    TargetPace.objects.bulk_create([TargetPace(target_key=target_key, next_at=now)], ignore_conflicts=True)
    return bool(
        TargetPace.objects.filter(target_key=target_key, next_at__lte=now).update(next_at=now + gap())
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is waiting of one page and what pacing makes of it."""

    waiting: int
    last_leaves_at: datetime | None
    too_late: int


def plan(*, page: ActionPage, now: datetime) -> Plan:
    """When the last waiting letter of this page leaves, and how many cannot make the hard stop.

    Counts every campaign's letters to the same targets, since they share one pace; more urgent ones of others may still
    come before, so the plan is the best case.
    """
    mine = dict(
        Message.objects.filter(page=page, state=Message.State.QUEUED)
        .values_list("target_key")
        .annotate(count=Count("pk"))
    )
    longest = max(mine.values(), default=0)
    last = now + longest * gap() if longest else None
    if page.hard_stop is None:
        return Plan(sum(mine.values()), last, 0)
    room = max(int((page.hard_stop - now) / gap()), 0)
    return Plan(sum(mine.values()), last, sum(max(count - room, 0) for count in mine.values()))
