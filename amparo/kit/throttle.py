"""How often something may happen: limits as values and the arithmetic of their windows.

The counting rows live with whoever counts. A window is a fixed stretch of the clock (an hour from :00 to
:00), so one row per limit, window and subject holds the whole count and old windows can be dropped by their
start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def window_start(now: datetime, seconds: int) -> datetime:
    """The start, in UTC, of the window of `seconds` that `now` lies in; windows are counted from 1970.

    Raises `ValueError` for a moment without a time zone or a window shorter than a second.
    """
    if now.tzinfo is None:
        raise ValueError("A window is found for a moment with a time zone.")
    if seconds < 1:
        raise ValueError("A window is at least one second long.")
    moment = int(now.timestamp())
    return datetime.fromtimestamp(moment - moment % seconds, tz=UTC)


def window_end(now: datetime, seconds: int) -> datetime:
    """The first moment, in UTC, that no longer belongs to the window of `now`."""
    return window_start(now, seconds) + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` times in each window of `seconds`; `name` tells this limit's rows from another's."""

    name: str
    count: int
    seconds: int

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("A limit has a name.")
        if self.count < 1 or self.seconds < 1:
            raise ValueError(f"The limit “{self.name}” allows at least one in at least one second.")

    def window(self, now: datetime) -> datetime:
        """The start of the window whose count decides at `now`."""
        return window_start(now, self.seconds)

    def allows(self, taken: int) -> bool:
        """Whether one more fits when `taken` have happened in the window."""
        return taken < self.count

    def retry_after(self, now: datetime) -> timedelta:
        """How long from `now` until the next window opens; longer than nothing, for a Retry-After header."""
        return window_end(now, self.seconds) - now
