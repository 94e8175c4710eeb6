"""The transactional lane: confirmations and what we tell people about their letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Min

from amparo.kit.work import LineOfWork, Result, lines
from amparo.mailings import mailing_lines, sending
from amparo.mailings.automations.line import Automations
from amparo.mailings.models import Notice
from amparo.mailings.posting import LINE


@lines.register(LINE)
class Notices(LineOfWork[Notice]):
    name = LINE
    batch_size = 20

    def due(self, *, now: datetime) -> int:
        return Notice.objects.filter(state=Notice.State.QUEUED, next_attempt_at__lte=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[Notice]:
        return sending.claim(limit=limit, now=now)

    def perform(self, batch: Sequence[Notice], *, now: datetime) -> Result:
        return sending.perform(batch, now=now)

    def reclaim(self, *, now: datetime) -> int:
        return sending.reclaim(now=now)

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        waiting = Notice.objects.filter(state=Notice.State.QUEUED, next_attempt_at__lte=now)
        oldest: datetime | None = waiting.aggregate(oldest=Min("next_attempt_at"))["oldest"]
        return oldest

    def counts(self, *, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return dict(Notice.objects.order_by().values_list("state").annotate(Count("pk")))


for _line in (
    mailing_lines.Audiences,
    mailing_lines.Mailings,
    mailing_lines.Texts,
    mailing_lines.Variants,
    Automations,
):
    lines.register(_line.name)(_line)
