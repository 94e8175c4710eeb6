"""The target is the queue: how fast letters reach one office over all campaigns, and whether they will all make it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Min

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


#: A bundle is made this long before the hard stop, so that an office still has it on its desk.
BUNDLE_BEFORE = timedelta(hours=3)
#: Or when an office's day begins, where that is earlier.
BUNDLE_HOUR = time(8)


def bundle_time(page: ActionPage) -> datetime | None:
    """When the letters that would come too late are put into a bundle; None on a page without a hard stop."""
    if page.hard_stop is None:
        return None
    if page.bundle_at is not None:
        return page.bundle_at
    local = page.hard_stop.astimezone(ZoneInfo(page.organization.time_zone))
    morning = local.replace(hour=BUNDLE_HOUR.hour, minute=BUNDLE_HOUR.minute, second=0, microsecond=0)
    return min(page.hard_stop - BUNDLE_BEFORE, morning) if morning < local else page.hard_stop - BUNDLE_BEFORE


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What is waiting of one page for one target, and how much of it leaves by itself before the bundle is made."""

    target_key: str
    waiting: int
    too_late: int
    bundled: int

    @property
    def one_by_one(self) -> int:
        return self.waiting - self.bundled


@dataclass(frozen=True, slots=True)
class Plan:
    """What is waiting of one page and what pacing makes of it; `bundled` leave together, at `bundle_at`."""

    waiting: int
    last_leaves_at: datetime | None
    too_late: int
    bundle_at: datetime | None = None
    targets: tuple[TargetPlan, ...] = ()

    @property
    def bundled(self) -> int:
        return sum(target.bundled for target in self.targets)

    @property
    def one_by_one(self) -> int:
        return self.waiting - self.bundled


def plan(*, page: ActionPage, now: datetime) -> Plan:
    """When the last waiting letter of this page leaves, and how many cannot make the hard stop.

    A target's letters of all campaigns share one pace, and the more urgent leave first. Those of others that are more
    urgent now are counted in; later ones may still come before, so the plan is the best case.
    """
    mine = dict(
        Message.objects.filter(page=page, state=Message.State.QUEUED)
        .values_list("target_key")
        .annotate(count=Count("pk"))
    )
    ahead = _more_urgent(page, now=now) if mine else {}
    longest = max((count + ahead.get(key, 0) for key, count in mine.items()), default=0)
    last = now + longest * gap() if longest else None
    waiting = sum(mine.values())
    if page.hard_stop is None:
        targets = tuple(TargetPlan(key, count, 0, 0) for key, count in sorted(mine.items()))
        return Plan(waiting, last, 0, targets=targets)
    bundle_at = bundle_time(page)
    room = _room(now, page.hard_stop)
    before_the_bundle = _room(now, bundle_at) if bundle_at else room
    targets = tuple(
        _plan_target(key, count, room=room - ahead.get(key, 0), before=before_the_bundle - ahead.get(key, 0))
        for key, count in sorted(mine.items())
    )
    return Plan(waiting, last, sum(target.too_late for target in targets), bundle_at, targets)


def _plan_target(key: str, count: int, *, room: int, before: int) -> TargetPlan:
    """What becomes of `count` letters: `room` can leave before the hard stop, `before` of them before the bundle."""
    too_late = min(max(count - room, 0), count)
    return TargetPlan(key, count, too_late, min(max(count - before, 0), count) if too_late else 0)


def _more_urgent(page: ActionPage, *, now: datetime) -> dict[str, int]:
    """Other pages' letters that leave before this page's, by target."""
    mine = Message.objects.filter(page=page, state=Message.State.QUEUED)
    urgency = mine.aggregate(urgency=Min("urgency"))["urgency"]
    others = Message.objects.sendable(now=now).exclude(page=page).filter(urgency__lt=urgency)
    same_targets = others.filter(target_key__in=mine.values("target_key"))
    return dict(same_targets.order_by().values_list("target_key").annotate(count=Count("pk")))


def _room(now: datetime, until: datetime) -> int:
    """How many letters one target can get in this time."""
    return max(int((until - now) / gap()), 0)
