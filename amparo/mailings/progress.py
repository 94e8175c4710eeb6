"""How far a mailing has come: counted from the outcomes of its recipients each time, never written down."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.mailings import outcomes

if TYPE_CHECKING:
    from amparo.mailings.models import Mailing


@dataclass(frozen=True, slots=True)
class Progress:
    """Recipients by outcome (`outcomes.NAMES`); those of a reason together, as a person reads them."""

    by_outcome: dict[str, int]

    @property
    def audience(self) -> int:
        return sum(self.by_outcome.values())

    def _sum(self, these: bytes) -> int:
        return sum(self.by_outcome.get(outcomes.NAMES[byte], 0) for byte in these)

    @property
    def sent(self) -> int:
        """Accepted by the mail server, also where something came back later."""
        return self._sum(outcomes.ACCEPTED)

    @property
    def unknown(self) -> int:
        return self._sum(bytes([outcomes.UNKNOWN]))

    @property
    def failed(self) -> int:
        return self._sum(outcomes.REFUSED)

    @property
    def skipped(self) -> int:
        return self._sum(outcomes.SKIPPED)

    @property
    def queued(self) -> int:
        """Those who may still be sent to: waiting, in flight, or to be tried again."""
        return self._sum(outcomes.OPEN)


def progress(mailing: Mailing, *, snapshot: int | None = None) -> Progress:
    """The counts of a mailing, or of one of its snapshots."""
    chunks = mailing.chunks.all() if snapshot is None else mailing.chunks.filter(snapshot=snapshot)
    counted: Counter[str] = Counter()
    for packed in chunks.order_by().values_list("outcomes", flat=True).iterator(chunk_size=500):
        counted.update(outcomes.count(bytes(packed)))
    return Progress({name: counted[name] for name in outcomes.NAMES.values() if counted[name]})
