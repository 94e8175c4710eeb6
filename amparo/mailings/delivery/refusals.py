"""What follows from refusals: each is noted, a dead address is suppressed, and a mailing in trouble is paused."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from amparo.kit import work
from amparo.mailings import outcomes
from amparo.mailings.answers import soft_bounces
from amparo.mailings.models import DeliveryFailure
from amparo.supporters import suppression
from amparo.supporters.models import Channel, Suppression
from amparo.supporters.own_pages import preferences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from amparo.mailings.wire.feed import Failure

log = logging.getLogger(__name__)

#: Written in one go, so that a mailing that everybody refuses does not keep outcomes from being written.
AT_ONCE = 100
#: Refusals that are about us before the mailing is paused, and of how many mails one has to be such.
FEW, ONE_IN = 3, 50
#: Of sessions of this process that are over, and whose last words the database did not take.
_kept: deque[Failure] = deque()
#: The lines of mails and of texts look after them both, in threads of their own.
_writing = threading.Lock()


@contextmanager
def next_of(waiting: deque[Failure]) -> Iterator[Sequence[Failure]]:
    """The next that are written in one go; they wait on, in their order, where whoever writes them fails."""
    taken = [waiting.popleft() for _one in range(min(len(waiting), AT_ONCE))]
    try:
        yield taken
    except BaseException:
        waiting.extendleft(reversed(taken))
        raise


def keep(waiting: deque[Failure]) -> None:
    """Hold on to what a session could not write, until the database takes it (`write_what_was_kept`)."""
    while waiting:
        _kept.append(waiting.popleft())


def write_what_was_kept(*, now: datetime) -> int:
    """Write down what earlier sessions of this process could not; how many. Raises what a database raises that is away.

    Their outcomes are in the log, and need nothing of this.
    """
    written = 0
    with _writing:
        while _kept:
            failure = _kept.popleft()
            try:
                with transaction.atomic():
                    write_down([failure], now=now)
            except work.DATABASE_AWAY:
                _kept.appendleft(failure)
                raise
            except Exception as error:  # noqa: BLE001 - a row that no database takes keeps no other from it
                log.error("A refusal is not written: %s at %s.", type(error).__name__, work.place_of(error))
                continue
            written += 1
    return written


def write_down(failures: Sequence[Failure], *, now: datetime) -> None:
    """One row for each, in the caller's transaction; what is no address any more is suppressed at once."""
    DeliveryFailure.objects.bulk_create(
        DeliveryFailure(
            mailing=failure.held.mailing,
            chunk_id=failure.held.pk,
            position=failure.position,
            outcome=chr(failure.verdict.outcome),
            code=failure.verdict.code,
            enhanced_code=failure.verdict.enhanced_code[:12],
            reason=failure.verdict.reason[:300],
            is_permanent=failure.verdict.is_permanent,
            at=now,
        )
        for failure in failures
    )
    for failure in failures:
        organization = failure.held.mailing.organization
        if failure.held.mailing.channel == Channel.SMS:
            _follow_text(failure, now=now)
        elif failure.verdict.is_permanent:
            suppression.suppress(
                organization=organization,
                email=failure.address,
                reason=Suppression.Reason.BOUNCED,
                source="refused by their mail server",
                now=now,
            )
        elif failure.verdict.outcome == outcomes.FAILED:
            supporter = UUID(failure.held.people[failure.position])
            soft_bounces.note(
                supporter_id=supporter, email=failure.address, organization=organization, now=now
            )


def _follow_text(failure: Failure, *, now: datetime) -> None:
    """A number that gets no texts is suppressed; who answered STOP to the provider takes their yes back."""
    organization = failure.held.mailing.organization
    if failure.verdict.is_permanent:
        suppression.suppress_phone(
            organization=organization,
            phone=failure.address,
            reason=Suppression.Reason.BOUNCED,
            source="refused by the provider of text messages",
            now=now,
        )
    elif failure.verdict.outcome == outcomes.WITHDRAWN:
        preferences.stop_texts(organization=organization, phone=failure.address, now=now)


class Watch:
    """Counts refusals that are our fault in one session, and says which mailings have to be paused for them."""

    def __init__(self) -> None:
        self._ours: Counter[UUID] = Counter()
        self._reasons: dict[UUID, str] = {}
        self._taken = 0

    def note(self, failures: Iterable[Failure], *, taken: int) -> None:
        self._taken = taken
        for failure in failures:
            if failure.verdict.is_ours:
                self._ours[failure.held.mailing.pk] += 1
                self._reasons[failure.held.mailing.pk] = failure.verdict.reason

    def alarms(self, login_refused: bool, trouble: str, mailings: set[UUID]) -> Iterator[tuple[UUID, str]]:
        """Mailings to pause, and why."""
        for pk in mailings:
            if login_refused:
                yield pk, trouble
            elif self._ours[pk] >= FEW and self._ours[pk] * ONE_IN > self._taken:
                yield pk, self._reasons[pk]
                self._ours[pk] = 0
