"""What this floor does in the background."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from amparo.accounts import audit_chain
from amparo.kit.work import LineOfWork, Result, lines


@lines.register("audit")
class AuditChain(LineOfWork[str]):
    """Seals what was written into the audit trail."""

    name = "audit"
    batch_size = 1

    def due(self, *, now: datetime) -> int:  # noqa: ARG002
        return audit_chain.unsealed().count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[str]:  # noqa: ARG002 - one place in the chain comes next
        return ["next"] if audit_chain.unsealed().exists() else []

    def perform(self, batch: Sequence[str], *, now: datetime) -> Result:  # noqa: ARG002
        return Result(done=audit_chain.seal_waiting(now=now))

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        first = audit_chain.unsealed().first()
        return first.recorded_at if first else None
