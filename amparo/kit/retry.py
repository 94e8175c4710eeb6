"""When to try again: the patience of a mail server, as plain arithmetic."""

from __future__ import annotations

from datetime import datetime, timedelta

#: The first wait; each further one doubles. RFC 5321 §4.5.4.1 asks for at least 30 minutes *on average* over
#: the days a server keeps trying, and allows short first waits for hosts that greylist.
FIRST_WAIT = timedelta(minutes=1)
#: No wait grows beyond this, so that an outage which ends is noticed within two hours.
LONGEST_WAIT = timedelta(hours=2)
#: A server that asks for more than this is not believed.
LONGEST_ASKED = timedelta(hours=24)
#: The largest share by which jitter lengthens a wait, so that what failed together is not tried again
#: together.
JITTER_SHARE = 0.2


def next_attempt(
    attempts: int,
    *,
    now: datetime,
    retry_after: timedelta | None = None,
    jitter: float,
) -> datetime:
    """The moment for another try after `attempts` (1 or more) that failed for the time being.

    Waits 1, 2, 4 … minutes, up to two hours, and never less than the `retry_after` the other side asked for
    (believed up to a day). `jitter` is a number from 0 up to 1, usually `random.random()`: it lengthens the
    wait by up to a fifth and never shortens it. Raises `ValueError` on fewer than one attempt or a jitter
    outside its range.
    """
    if attempts < 1:
        raise ValueError("A next attempt follows at least one attempt.")
    if not 0 <= jitter <= 1:
        raise ValueError("Jitter is a number from 0 to 1.")
    doublings = min(attempts - 1, 16)
    wait: timedelta = min(FIRST_WAIT * int(2**doublings), LONGEST_WAIT)
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_ASKED))
    return now + wait * (1 + JITTER_SHARE * jitter)
