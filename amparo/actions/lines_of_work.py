"""What this floor does in the background."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Min

from amparo.actions import bouncing, counting, delivering, erasing, expiring
from amparo.actions.confirming import DELIVERY
from amparo.actions.models import Message
from amparo.kit.work import LineOfWork, Result, lines, one_by_one


@lines.register(DELIVERY)
class Letters(LineOfWork[Message]):
    """Letters to targets, each target at its own pace."""

    name = DELIVERY
    batch_size = delivering.AT_ONCE

    def due(self, *, now: datetime) -> int:
        return Message.objects.sendable(now=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[Message]:
        return delivering.claim(limit=limit, now=now)

    def perform(self, batch: Sequence[Message], *, now: datetime) -> Result:
        return delivering.perform(batch, now=now)

    def reclaim(self, *, now: datetime) -> int:
        return delivering.reclaim(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        oldest: datetime | None = Message.objects.sendable(now=now).aggregate(at=Min("next_attempt_at"))["at"]
        return oldest

    def counts(self, *, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return dict(Message.objects.order_by().values_list("state").annotate(Count("pk")))


@lines.register("counting")
class Counting(LineOfWork[int]):
    """The public counters."""

    name = "counting"
    batch_size = 50

    def due(self, *, now: datetime) -> int:  # noqa: ARG002
        return len(counting.pages_to_count())

    def claim(self, *, limit: int, now: datetime) -> Sequence[int]:
        counting.count_waiting(now=now)
        return counting.pages_to_count()[:limit]

    def perform(self, batch: Sequence[int], *, now: datetime) -> Result:
        return one_by_one(batch, lambda page: counting.count_page(page, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        return None


@lines.register("expiry")
class Expiry(LineOfWork[str]):
    """Letters past their hard stop and links past their time."""

    name = "expiry"
    batch_size = 2

    def due(self, *, now: datetime) -> int:
        late = (
            Message.objects.open()
            .filter(page__hard_stop__lte=now)
            .exclude(state__in=["claimed", "in_flight"])
        )
        return late.count() + expiring.links_over(now=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[str]:  # noqa: ARG002
        return ["letters", "links"] if self.due(now=now) else []

    def perform(self, batch: Sequence[str], *, now: datetime) -> Result:
        return Result(done=sum(_EXPIRE[what](now=now) for what in batch))

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        return None


_EXPIRE = {"letters": expiring.expire_letters, "links": expiring.expire_links}


@lines.register("erasure")
class Erasure(LineOfWork[str]):
    """Texts and people whose time has run out."""

    name = "erasure"
    batch_size = 1

    def due(self, *, now: datetime) -> int:
        return Message.objects.filter(
            state__in=Message.FINAL, erased_at__isnull=True, created_at__lte=now - erasing.TEXTS_KEPT
        ).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[str]:  # noqa: ARG002
        return ["everything"] if _last_pass.is_over(now=now) else []

    def perform(self, batch: Sequence[str], *, now: datetime) -> Result:  # noqa: ARG002
        changed = erasing.forget(now=now)
        _last_pass.note(now=now, changed=changed)
        return Result(done=changed)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        return None


class _LastPass:
    """When this process last looked for what to forget: every hour, and at once again while there is more."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def is_over(self, *, now: datetime) -> bool:
        return self._next is None or now >= self._next

    def note(self, *, now: datetime, changed: int) -> None:
        self._next = now if changed else now + timedelta(hours=1)


_last_pass = _LastPass()


lines.register(bouncing.Bounces.name)(bouncing.Bounces)
