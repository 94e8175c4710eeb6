"""Work in the background: lines of work, found by file name, and how one of them is run.

The rows in the database are the truth. A line says what is due, takes some of it by one conditional UPDATE
(`kit.claims`), does it, and takes back what a dead worker left. Who calls it does not matter: the embedded
engine (`kit.engine`) and a Celery task call the same `run_line`.
"""

from __future__ import annotations

import logging
import threading
import traceback
from abc import ABC, abstractmethod
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

T = TypeVar("T")

log = logging.getLogger(__name__)

#: What a database that is down, restarting or locked raises; nothing to do with the item at hand.
DATABASE_AWAY = (OperationalError, InterfaceError)


@dataclass(frozen=True, slots=True)
class Result:
    """How many items were done, and how many failed (for good or for now: the rows say which)."""

    done: int = 0
    failed: int = 0

    def __add__(self, other: Result) -> Result:
        return Result(done=self.done + other.done, failed=self.failed + other.failed)

    @property
    def handled(self) -> int:
        return self.done + self.failed


class LineOfWork(ABC, Generic[T]):
    """One kind of background work. Subclass it in an app's `lines_of_work.py` and register it under its `name`.

    `T` is what is claimed, usually a primary key. Several workers may run one line at the same time.
    """

    name: ClassVar[str]
    #: How many items are claimed at once; with slow items keep it small, for a worker that dies holds them
    #: until they are reclaimed.
    batch_size: ClassVar[int] = 50

    @abstractmethod
    def due(self, *, now: datetime) -> int:
        """How many items could be claimed at `now`."""

    @abstractmethod
    def claim(self, *, limit: int, now: datetime) -> Sequence[T]:
        """Take up to `limit` due items, by one conditional UPDATE; nothing when nothing is due."""

    @abstractmethod
    def perform(self, batch: Sequence[T], *, now: datetime) -> Result:
        """Do what was claimed. One item that fails must not stop the others: see `one_by_one`."""

    @abstractmethod
    def reclaim(self, *, now: datetime) -> int:
        """Free what a worker claimed and then died over; how many items."""

    @abstractmethod
    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        """Since when the item that has waited longest has been due; None when nothing waits."""

    def counts(self, *, now: datetime) -> dict[str, int]:  # noqa: ARG002 - a line may count by time
        """Further figures for `amparo status`, by name of state."""
        return {}


class LineFailed(Exception):  # noqa: N818 - named as the fact
    """A line's code raised. Carries where and which class, never the text, which may quote a person's data."""

    def __init__(self, *, line: str, cause: type[BaseException], place: str, result: Result) -> None:
        super().__init__(f"The line of work “{line}” failed with {cause.__name__} at {place}.")
        self.line = line
        self.cause = cause
        self.place = place
        self.result = result

    @classmethod
    def because(cls, error: Exception, *, line: str, result: Result | None = None) -> LineFailed:
        """What `error`, raised by `line`, comes to; itself when it is one already."""
        if isinstance(error, cls):
            return error
        return cls(line=line, cause=type(error), place=place_of(error), result=result or Result())

    def __reduce__(self) -> tuple[Any, ...]:
        # A worker process hands it to its parent.
        same = partial(type(self), line=self.line, cause=self.cause, place=self.place, result=self.result)
        return same, ()

    @property
    def database_away(self) -> bool:
        """Whether the database, not the line, was the trouble."""
        return issubclass(self.cause, DATABASE_AWAY)


lines: Registry[LineOfWork[Any] | type[LineOfWork[Any]]] = Registry("line of work")

#: How many items a line still takes one at a time, after one of its batches raised, so that an item which
#: brings its whole batch down is held alone. By process and line.
_careful: dict[str, int] = {}
#: Parts of a path that tell a library's file from ours or an organization's own.
_LIBRARIES = ("site-packages", "dist-packages", "/lib/python")
_stop: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


def line_called(name: str) -> LineOfWork[Any]:
    """The line registered as `name`. Raises `NotRegistered`."""
    found = lines.get(name)
    return found() if isinstance(found, type) else found


def run_line(
    name: str,
    *,
    now_source: Callable[[], datetime] = timezone.now,
    limit: int | None = None,
    stop: threading.Event | None = None,
) -> Result:
    """Claim and perform batches of one line until nothing is due, `limit` items were handled, or `stop` is set.

    Also ends when a batch comes to nothing (neither done nor failed), so that a line which hands its items
    back does not spin. Raises `LineFailed` in place of whatever the line raised; what it had claimed waits to
    be reclaimed.
    """
    line = line_called(name)
    asked_before = _stop.set(stop)
    total = Result()
    failure: LineFailed | None = None
    try:
        while not stopping() and (limit is None or total.handled < limit):
            batch = line.claim(limit=_batch_size(line, limit=limit, handled=total.handled), now=now_source())
            if not batch:
                _careful.pop(name, None)
                break
            outcome = _perform(line, batch, now=now_source())
            total += outcome
            if not outcome.handled:
                break
    except Exception as error:  # noqa: BLE001 - whatever it was, its text must not travel on
        failure = LineFailed.because(error, line=name, result=total)
    finally:
        _stop.reset(asked_before)
    if failure is not None:
        # Raised out here, so that the exception whose text may hold personal data is not attached to it.
        raise failure
    return total


def reclaim_line(name: str, *, now_source: Callable[[], datetime] = timezone.now) -> int:
    """Free what dead workers left in one line; how many items."""
    return line_called(name).reclaim(now=now_source())


def stopping() -> bool:
    """Whether the worker running this line was asked to stop: finish the item in hand and begin no other."""
    stop = _stop.get()
    return stop is not None and stop.is_set()


def one_by_one(
    batch: Sequence[T],
    deed: Callable[[T], object],
    *,
    line: str,
    give_back: Callable[[Sequence[T]], object] | None = None,
) -> Result:
    """Do `deed` to each item, so that one which raises counts as failed and stops no other.

    A deed returns False when the item failed as anticipated; anything else counts as done. When the worker is
    asked to stop, items not yet begun are handed to `give_back` (without it they wait to be reclaimed). A
    database that is away raises: that is no item's fault, and the rest of the batch would only fail too.
    """
    done = failed = 0
    for position, item in enumerate(batch):
        if stopping():
            if give_back is not None:
                give_back(batch[position:])
            break
        try:
            succeeded = deed(item) is not False
        except DATABASE_AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - one poisoned item must not stop the others
            log.error("One item of %s failed with %s at %s.", line, type(error).__name__, place_of(error))
            succeeded = False
        done += succeeded
        failed += not succeeded
    return Result(done=done, failed=failed)


def place_of(error: BaseException) -> str:
    """Where `error` was raised, as file, line and function, preferring our own code; no values, no text."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"
    ours = [frame for frame in frames if not any(part in frame.filename for part in _LIBRARIES)]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"


def _batch_size(line: LineOfWork[Any], *, limit: int | None, handled: int) -> int:
    size = 1 if line.name in _careful else line.batch_size
    return size if limit is None else min(size, limit - handled)


def _perform(line: LineOfWork[T], batch: Sequence[T], *, now: datetime) -> Result:
    try:
        outcome = line.perform(batch, now=now)
    except DATABASE_AWAY:
        raise
    except Exception:
        _careful[line.name] = 2 * line.batch_size
        raise
    if line.name in _careful:
        _careful[line.name] -= 1
        if _careful[line.name] <= 0:
            del _careful[line.name]
    return outcome
