"""What this floor does in the background."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min

from amparo.actions import bouncing, counting, delivering, expiring, following_up
from amparo.actions.abuse import abuse_lines
from amparo.actions.campaigns import partner_links
from amparo.actions.confirming import DELIVERY
from amparo.actions.deadlines import hour_lines
from amparo.actions.followers import case_news
from amparo.actions.hand_over import handing_over, planning_bundles
from amparo.actions.models import HandOver, Message
from amparo.kit.work import LineOfWork, Result, lines, one_by_one
from amparo.organizations.pausing import installation_is_paused


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


@lines.register(planning_bundles.LINE)
class HandOvers(LineOfWork[HandOver]):
    """Bundles of letters that cannot leave one by one in time: plan, make, mail, and let the letters follow."""

    name = planning_bundles.LINE
    batch_size = 1

    def due(self, *, now: datetime) -> int:
        return handing_over.due(now=now)

    def claim(self, *, limit: int, now: datetime) -> Sequence[HandOver]:
        return handing_over.claim(limit=limit, now=now)

    def perform(self, batch: Sequence[HandOver], *, now: datetime) -> Result:
        return one_by_one(batch, lambda hand_over: handing_over.go_on(hand_over, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:
        return handing_over.reclaim(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        oldest: datetime | None = HandOver.objects.to_make(now=now).aggregate(at=Min("next_attempt_at"))["at"]
        return oldest

    def counts(self, *, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return dict(HandOver.objects.order_by().values_list("state").annotate(Count("pk")))


@lines.register("questions")
class Questions(LineOfWork[UUID]):
    """Did they answer? Asked once about the letters of each action, two weeks after they left."""

    name = "questions"
    batch_size = 50

    def due(self, *, now: datetime) -> int:
        if installation_is_paused():
            return 0
        return following_up.to_ask_about(now=now).values("action_id").distinct().count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[UUID]:
        if installation_is_paused():
            return []
        return following_up.actions_to_ask(limit=limit, now=now)

    def perform(self, batch: Sequence[UUID], *, now: datetime) -> Result:
        return one_by_one(
            batch, lambda action_id: following_up.ask(action_id=action_id, now=now), line=self.name
        )

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        oldest: datetime | None = following_up.to_ask_about(now=now).aggregate(at=Min("sent_at"))["at"]
        return oldest


@lines.register("counting")
class Counting(LineOfWork[int]):
    """The public counters."""

    name = "counting"
    batch_size = 50

    def due(self, *, now: datetime) -> int:  # noqa: ARG002
        return len(counting.pages_to_count())

    def claim(self, *, limit: int, now: datetime) -> Sequence[int]:
        counting.count_waiting()
        return counting.pages_to_count(now=now)[:limit]

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
            .exclude(state__in=["claimed", "in_flight", "bundled"])
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


lines.register(bouncing.Bounces.name)(bouncing.Bounces)
for _minding in (hour_lines.Hours, hour_lines.Achievements):
    lines.register(_minding.name)(_minding)
for _line in (abuse_lines.InvalidatingLots, abuse_lines.Trends, case_news.News, partner_links.PartnerLinks):
    lines.register(_line.name)(_line)
