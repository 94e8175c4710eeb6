"""What this floor does in the background."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Min

from amparo.kit.work import LineOfWork, Result, lines, one_by_one
from amparo.organizations.models import Organization
from amparo.supporters import consent, linking, rules
from amparo.supporters.exports.export_line import Exports
from amparo.supporters.importing.line import Imports
from amparo.supporters.models import LinkRequest
from amparo.supporters.rights.erasure_line import Forgetting


@lines.register("lapses")
class ConsentLapse(LineOfWork[Organization]):
    """Ends what the law let hold for a time only: Canada's implied consent after two years. Once a day."""

    name = "lapses"
    batch_size = 50

    def due(self, *, now: datetime) -> int:
        return len(_with_time_limits()) if _next_pass.is_due(now=now) else 0

    def claim(self, *, limit: int, now: datetime) -> Sequence[Organization]:  # noqa: ARG002 - there are few
        if not _next_pass.is_due(now=now):
            return []
        _next_pass.note(now=now)
        return _with_time_limits()

    def perform(self, batch: Sequence[Organization], *, now: datetime) -> Result:
        return one_by_one(
            batch,
            lambda organization: consent.end_what_ran_out(organization=organization, now=now),
            line=self.name,
        )

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        return None


class _NextPass:
    """When this process looks again; a pass that came twice would find nothing left to do."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    def is_due(self, *, now: datetime) -> bool:
        return self._at is None or now >= self._at

    def note(self, *, now: datetime) -> None:
        self._at = now + timedelta(days=1)

    def forget(self) -> None:
        self._at = None


_next_pass = _NextPass()


def _with_time_limits() -> list[Organization]:
    return [organization for organization in Organization.objects.all() if rules.of(organization).running_out]


@lines.register(linking.LINE)
class Links(LineOfWork[LinkRequest]):
    """Looks up whose address it is that a link was asked for, where nobody can time it."""

    name = linking.LINE
    batch_size = 50

    def due(self, *, now: datetime) -> int:  # noqa: ARG002
        return LinkRequest.objects.filter(handled_at__isnull=True).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[LinkRequest]:  # noqa: ARG002
        # Each is taken when its turn comes, by the very statement that settles it.
        waiting = LinkRequest.objects.filter(handled_at__isnull=True).select_related("organization")
        return list(waiting.order_by("requested_at")[:limit])

    def perform(self, batch: Sequence[LinkRequest], *, now: datetime) -> Result:
        def hand_out(request: LinkRequest) -> bool:
            linking.hand_out(request=request, now=now)
            return True

        return one_by_one(batch, hand_out, line=self.name)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        waiting = LinkRequest.objects.filter(handled_at__isnull=True)
        oldest: datetime | None = waiting.aggregate(at=Min("requested_at"))["at"]
        return oldest


lines.register(Exports.name)(Exports)
lines.register(Forgetting.name)(Forgetting)
lines.register(Imports.name)(Imports)
