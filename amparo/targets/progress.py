"""What long work says of itself while it runs, whoever listens: a bar on a terminal, a line in a log, or nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = TypeVar("Row")

#: Rows between two reports: a report costs more than a row.
EVERY = 20_000


class Progress(Protocol):
    """Called with the name of the step and how many rows of it are done so far."""

    def __call__(self, step: str, done: int) -> None: ...


def unheard(step: str, done: int) -> None:
    """For callers that do not want to know."""


def reported(rows: Iterable[Row], *, step: str, progress: Progress) -> Iterator[Row]:
    """The same rows, with a report now and then and one at the end."""
    done = 0
    progress(step, 0)
    for row in rows:
        yield row
        done += 1
        if done % EVERY == 0:
            progress(step, done)
    progress(step, done)
