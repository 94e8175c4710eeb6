"""What this floor does for mailings in the background: freeze audiences, and send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from django.db.models import Count, Min
from django.db.models.functions import Coalesce, Greatest

from amparo.kit import bell
from amparo.kit.work import LineOfWork, Result, one_by_one
from amparo.mailings import freezing, recovering, steering, subject_tests
from amparo.mailings.delivery import delivering_mailings, refusals
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.mailings.texts import senders
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from amparo.mailings.models.audience_chunk import AudienceChunkQuerySet

#: Chunks that wait for which another process is asked to help: more than one holds ahead (`delivering_mailings.AHEAD`).
WORTH_A_HAND = 8


class Audiences(LineOfWork[Mailing]):
    """Mailings whose hour has come: who gets them is frozen. And those that are over are called so."""

    name = "audiences"
    batch_size = 1

    def due(self, *, now: datetime) -> int:
        return Mailing.objects.due(now=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[Mailing]:
        return freezing.claim(limit=limit, now=now)

    def perform(self, batch: Sequence[Mailing], *, now: datetime) -> Result:
        return one_by_one(batch, lambda mailing: freezing.begin(mailing=mailing, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:
        steering.settle_stopped()
        steering.finish_what_is_done(now=now)
        return freezing.reclaim(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        oldest: datetime | None = Mailing.objects.due(now=now).aggregate(at=Min("scheduled_at"))["at"]
        return oldest

    def counts(self, *, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return dict(Mailing.objects.order_by().values_list("state").annotate(Count("pk")))


class Mailings(LineOfWork[str]):
    """The mails of mailings. A batch is a session: it takes what is due until nothing is, or for a minute."""

    name = steering.LINE
    batch_size = 1
    channel = Channel.EMAIL

    def due(self, *, now: datetime) -> int:
        return self._sendable(now=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[str]:  # noqa: ARG002
        refusals.write_what_was_kept(now=now)
        recovering.replay_logs(now=now)
        return ["session"] if delivering_mailings.claimable(now=now, channel=self.channel) else []

    def perform(self, batch: Sequence[str], *, now: datetime) -> Result:
        if not batch:
            return Result()
        if len(self._sendable(now=now).values("pk")[:WORTH_A_HAND]) == WORTH_A_HAND:
            # Over Celery one ring wakes one process: it would take the others until the clock rings again.
            bell.ring(self.name)
        begun = monotonic()
        return delivering_mailings.Session(
            now_source=lambda: now + timedelta(seconds=monotonic() - begun), channel=self.channel
        ).run()

    def reclaim(self, *, now: datetime) -> int:
        return recovering.reclaim(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        oldest: datetime | None = self._sendable(now=now).aggregate(
            at=Min(Greatest("next_attempt_at", Coalesce("not_before", "next_attempt_at")))
        )["at"]
        return oldest

    def _sendable(self, *, now: datetime) -> AudienceChunkQuerySet:
        return AudienceChunk.objects.sendable(now=now, channel=self.channel)


class Texts(Mailings):
    """The same for text messages, in a lane of their own: a provider that is slow holds no mail up."""

    name = steering.TEXTS
    channel = Channel.SMS

    def claim(self, *, limit: int, now: datetime) -> Sequence[str]:
        """Where texts are no longer set up they wait, and `amparo status` shows since when."""
        return super().claim(limit=limit, now=now) if senders.is_set_up() else []


class Variants(LineOfWork[Mailing]):
    """Tests of subjects whose time is up: which variant the others get.

    Nothing is claimed: who decides does so by one conditional UPDATE, and whoever comes second has nothing to do.
    """

    name = "variants"

    def due(self, *, now: datetime) -> int:
        return len(subject_tests.due(now=now))

    def claim(self, *, limit: int, now: datetime) -> Sequence[Mailing]:
        subject_tests.begin_to_wait(now=now)
        subject_tests.wake_those_who_waited(now=now)
        return subject_tests.due(now=now)[:limit]

    def perform(self, batch: Sequence[Mailing], *, now: datetime) -> Result:
        return one_by_one(
            batch, lambda mailing: subject_tests.decide(mailing=mailing, now=now), line=self.name
        )

    def reclaim(self, *, now: datetime) -> int:
        return subject_tests.wake_those_who_waited(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        return next((mailing.decide_at for mailing in subject_tests.due(now=now)), None)
