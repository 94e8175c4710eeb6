"""Progress for whoever waits at a terminal, and for a log: a bar that moves, or a line every five seconds."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

#: Seconds between two lines, where there is no terminal; work that ends sooner says nothing.
PATIENCE = 5.0


class Meter:
    """Takes reports of how far work has come. `expected` says how many rows of a step there were last time."""

    def __init__(self, *, expected: Mapping[str, int] | None = None, stream: Any = None) -> None:
        self._stream = stream or sys.stderr
        self._expected = expected or {}
        self._step = ""
        self._bar: Any = None
        self._said = monotonic()

    def __call__(self, step: str, done: int, total: int | None = None) -> None:
        """Show that `done` rows of `step` are done, of a `total` where it is known."""
        if self._stream.isatty():
            self._move_bar(step, done, total)
        elif monotonic() - self._said >= PATIENCE:
            self._said = monotonic()
            self._stream.write(f"{step}: {done:,} of {total:,}\n" if total else f"{step}: {done:,}\n")
            self._stream.flush()

    def _move_bar(self, step: str, done: int, total: int | None) -> None:
        if step != self._step:
            from tqdm import tqdm

            self.close()
            self._step = step
            self._bar = tqdm(
                desc=step, total=total or self._expected.get(step), file=self._stream, unit="", leave=False
            )
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
