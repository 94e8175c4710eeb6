"""The line of work that forgets: whom a backup brought back, and everything whose time has run out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from amparo.kit.personal_data import rules
from amparo.kit.work import LineOfWork, Result, one_by_one
from amparo.supporters.rights import erasure, tombstones

#: The name of the first thing that is done; the others are names of rules.
AGAIN = "erased before"


class Forgetting(LineOfWork[str]):
    """First the erasures that the database does not know of, then every rule of retention (`kit.personal_data.rules`).

    Every hour, and at once again while there is more: each rule does a batch at a time. One that fails stops no other.
    """

    name = "erasure"
    batch_size = 100

    def due(self, *, now: datetime) -> int:  # noqa: ARG002
        return len(tombstones.missing_from_database())

    def claim(self, *, limit: int, now: datetime) -> Sequence[str]:  # noqa: ARG002 - a pass is a pass
        return [AGAIN, *rules] if _next_pass.is_due(now=now) else []

    def perform(self, batch: Sequence[str], *, now: datetime) -> Result:
        changed = 0

        def forget(name: str) -> None:
            nonlocal changed
            changed += erasure.replay(now=now) if name == AGAIN else rules.get(name).forget(now=now)

        handled = one_by_one(batch, forget, line=self.name)
        _next_pass.note(now=now, more=bool(changed))
        return Result(done=changed, failed=handled.failed)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        waiting = [line.moment for line in tombstones.missing_from_database()]
        return min(waiting, default=None)


class _NextPass:
    """When this process looks again for what to forget."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    def is_due(self, *, now: datetime) -> bool:
        return self._at is None or now >= self._at

    def note(self, *, now: datetime, more: bool) -> None:
        self._at = now if more else now + timedelta(hours=1)

    def forget(self) -> None:
        """Look at once, as a process that has just begun."""
        self._at = None


_next_pass = _NextPass()
