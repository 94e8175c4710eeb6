"""Answers kept for a second: what every request asks, and what changes only when somebody publishes something.

Each process keeps its own. An answer is asked for again once its second is over, and at once when any process on this
state directory published something (`kit.published`). What is kept is shared by all requests of a process: keep what
nobody changes, or bytes that each request unpacks for itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, TypeVar

from amparo.kit.published import published_stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

#: Seconds for which a machine that does not share our state directory may not notice a change.
CHECK_SECONDS = 1.0


class Remembered(Generic[K, V]):
    """At most `most` answers by key; where there are more questions than that, all are asked anew."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._kept: dict[K, tuple[V, int, float]] = {}

    def get(self, key: K) -> V | None:
        """The answer kept under `key`, while it is fresh."""
        kept = self._kept.get(key)
        if kept is None or kept[1] != published_stamp() or time.monotonic() - kept[2] >= CHECK_SECONDS:
            return None
        return kept[0]

    def keep(self, key: K, answer: V, *, stamp: int) -> V:
        """Keep `answer`; `stamp` is the `published_stamp()` from before it was asked for."""
        if len(self._kept) >= self._most and key not in self._kept:
            self._kept.clear()
        self._kept[key] = (answer, stamp, time.monotonic())
        return answer

    def ask(self, key: K, question: Callable[[], V]) -> V:
        """The answer kept under `key`, or the one `question` gives now. None is an answer that is not kept."""
        kept = self.get(key)
        if kept is not None:
            return kept
        stamp = published_stamp()
        return self.keep(key, question(), stamp=stamp)

    def forget(self) -> None:
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)
