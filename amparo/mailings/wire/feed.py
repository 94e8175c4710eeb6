"""What one process holds in hand: chunks that were loaded, whose turn it is, and what became of each.

Lives in the thread of the connections, and is told from the database's thread by calls into the loop; what it has to
say is read from plain attributes. Nothing here asks the database anything.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from amparo.kit.work import place_of
from amparo.mailings import outcomes
from amparo.mailings.wire.smtp_replies import Verdict, verdict_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from amparo.kit.smtp.failures import Stage
    from amparo.mailings.models import Mailing
    from amparo.mailings.wire.destinations import Compiled
    from amparo.mailings.wire.opening_readers import ReaderOpener, SealedReader
    from amparo.mailings.wire.send_log import SendLog

log = logging.getLogger(__name__)

#: Mails made at once: a fifth of a millisecond, in which no answer is heard. While more were made, servers with few
#: mails under way would wait for us.
AT_ONCE = 16
#: Mails of a chunk that are made, below which more are made as soon as every answer that came was heard.
FEW = 10

#: Of a mail that could not be made. Few are tried again later; many pause the mailing (`refusals.Watch`).
UNMADE = Verdict(outcomes.TEMPORARY, None, "", "this mail could not be made", is_ours=True)


class Allowance:
    """How many of one mailing may leave: None is no limit. Shared by its chunks."""

    def __init__(self) -> None:
        self.left: dict[str, int] = {}
        self.domains: dict[str, int] = {}

    def lets_out(self) -> bool:
        """Whether one of any domain may leave."""
        return not self.left or all(left > 0 for left in self.left.values())

    def grant(self, scope: str, number: int) -> None:
        self.left[scope] = self.left.get(scope, 0) + number

    def grant_domain(self, domain: str, number: int) -> None:
        self.domains[domain] = self.domains.get(domain, 0) + number

    def spend(self) -> None:
        for scope in self.left:
            self.left[scope] -= 1

    def take_back(self, domain: str) -> None:
        """What was spent on a mail that has another turn."""
        for scope in self.left:
            self.left[scope] += 1
        if domain in self.domains:
            self.domains[domain] += 1


class Held:
    """One chunk in hand."""

    def __init__(
        self,
        *,
        pk: int,
        mailing: Mailing,
        people: dict[int, str],
        there: bytes,
        allowance: Allowance,
        opener: ReaderOpener,
        checked_at: float,
        lease_ends: float,
        attempts: int,
    ) -> None:
        #: Who is due, by position: their ids as 32 hexadecimal digits.
        self.people = people
        self.pk, self.mailing, self.allowance, self.opener = pk, mailing, allowance, opener
        self.holds_unknown = mailing.unknown_policy == mailing.Unknown.HOLD
        #: What stands in the database as far as we know, and what we know now.
        self.there = there
        self.outcomes = bytearray(there)
        #: Positions whose turn has not come, and what their mail needs; mails that are made; and positions that wait
        #: for their domain's pace.
        self.todo: deque[int] = deque()
        self.readers: dict[int, tuple[SealedReader, Compiled]] = {}
        self.ready: deque[Mail] = deque()
        self.parked: list[int] = []
        self.domain_of: dict[int, str] = {}
        #: Mails under way over some connection.
        self.active = 0
        self.may_go = True
        self.is_lost = False
        self.checked_at, self.lease_ends, self.attempts = checked_at, lease_ends, attempts
        #: The earliest time at which a server said to come back.
        self.refused = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left to do, or nothing may be done any more."""
        # In this order: a mail is counted as active before it leaves the queue.
        return (not self.may_go or not self.has_more) and not self.active

    @property
    def has_more(self) -> bool:
        """Whether somebody's turn has not come."""
        return bool(self.todo or self.ready or self.parked)

    def waiting(self) -> int:
        """How many could leave, as far as that is known without looking at each."""
        return len(self.todo) + len(self.ready)

    def remaining(self) -> dict[int, str]:
        """Whose content has not begun, by position; their envelope may lie with a server that takes its time."""
        waits = (outcomes.QUEUED, outcomes.TEMPORARY)
        return {position: pk for position, pk in self.people.items() if self.outcomes[position] in waits}


class Mail:
    """One mail on its way: what its carrier made of its text for this reader."""

    __slots__ = ("address", "held", "letter", "position")

    def __init__(self, held: Held, position: int, address: str, letter: Any) -> None:
        self.held, self.position, self.address, self.letter = held, position, address, letter

    @property
    def text(self) -> UUID:
        """Which text of the mailing it is."""
        return self.held.readers[self.position][1].pk

    @property
    def envelope(self) -> bytes:
        """Of a mail that goes over SMTP (`compiling.Letter`)."""
        envelope: bytes = self.letter.envelope
        return envelope

    @property
    def body(self) -> bytes:
        body: bytes = self.letter.body
        return body


def _domain_of(mail: Mail) -> str:
    return mail.address.rpartition("@")[2].lower()


class Failure:
    """A refusal to be written down."""

    __slots__ = ("address", "held", "position", "verdict")

    def __init__(self, held: Held, position: int, verdict: Verdict, address: str) -> None:
        self.held, self.position, self.verdict, self.address = held, position, verdict, address


class ChunkFeed:
    """Hands mails to connections, the most urgent first, and notes what became of them (`pipelined_smtp.Feed`)."""

    def __init__(self, log: SendLog, *, wake: Callable[[], None]) -> None:
        self._log, self._wake = log, wake
        #: Calls something once whoever waits was served. Mails are then made while servers are at work on others;
        #: without it, each time when none is left.
        self.soon: Callable[[Callable[[Held], object], Held], object] | None = None
        self._asked_for_more = False
        self.held: list[Held] = []
        self.failures: deque[Failure] = deque()
        self.unknown_ones: deque[tuple[Held, int]] = deque()
        #: Mails taken by the server, and refused, since the session began.
        self.taken = self.not_taken = 0
        self.low = 0

    # --- Told by the database's thread, in the loop ---

    def add(self, held: Held) -> None:
        place = next(
            (at for at, other in enumerate(self.held) if other.mailing.urgency > held.mailing.urgency),
            len(self.held),
        )
        self.held.insert(place, held)

    def drop(self, held: Held) -> None:
        self.held.remove(held)

    def skip(self, held: Held, skipped: dict[int, int]) -> None:
        """These are not written to any more, unless their mail is on its way."""
        for position, outcome in skipped.items():
            if held.outcomes[position] in (outcomes.QUEUED, outcomes.TEMPORARY):
                held.outcomes[position] = outcome

    def unpark(self) -> None:
        """Pace was granted: who waited for it has another turn."""
        for held in self.held:
            if held.parked:
                held.todo.extend(held.parked)
                held.parked.clear()

    def waiting(self) -> int:
        """How many could be taken now, as far as that is known without looking at each."""
        return sum(held.waiting() for held in self.held if held.may_go and held.allowance.lets_out())

    # --- The connections' side ---

    def next(self) -> Mail | None:
        for held in self.held:
            if not (held.ready or held.todo) or not held.may_go or held.is_lost:
                continue
            if not held.allowance.lets_out():
                continue
            mail = self._next_of(held)
            if mail is not None:
                return mail
        return None

    def _next_of(self, held: Held) -> Mail | None:
        ready, domains = held.ready, held.allowance.domains
        # First, for the other thread lets a chunk go in which nothing waits and nothing is active.
        held.active += 1
        while ready or self._make_more(held):
            mail = ready.popleft()
            if held.outcomes[mail.position] not in outcomes.OPEN:
                continue
            if domains and not self._domain_lets_out(mail, domains):
                continue
            held.allowance.spend()
            if len(ready) < FEW:
                self._ask_for_more(held)
            return mail
        held.active -= 1
        self._wake()
        return None

    def _ask_for_more(self, held: Held) -> None:
        if not held.todo:
            if not held.ready:
                self._wake()
        elif self.soon is not None and not self._asked_for_more:
            self._asked_for_more = True
            self.soon(self._make_ahead, held)

    def _make_ahead(self, held: Held) -> None:
        self._asked_for_more = False
        if held.may_go and not held.is_lost:
            self._make_more(held)
        if not held.active and held.is_over:
            # Nobody was left who has an address that works.
            self._wake()

    def _make_more(self, held: Held) -> bool:
        """Make some mails of those whose turn comes; whether anybody's turn came who has one."""
        todo, domains = held.todo, held.allowance.domains
        while todo:
            turn: list[tuple[int, SealedReader, Compiled]] = []
            while todo and len(turn) < AT_ONCE:
                position = todo.popleft()
                if held.outcomes[position] not in outcomes.OPEN:
                    continue
                if domains and domains.get(held.domain_of.get(position, ""), 1) < 1:
                    held.parked.append(position)
                else:
                    turn.append((position, *held.readers[position]))
            try:
                self._make(held, turn)
            except Exception:  # noqa: BLE001 - it is one reader's, and found out which
                self._make_one_by_one(held, turn)
            if held.ready:
                return True
        return False

    def _make(self, held: Held, turn: Sequence[tuple[int, SealedReader, Compiled]]) -> None:
        """Make the mails of these; who cannot be read, or has no address that works, gets none."""
        made = held.opener.mails(turn, chunk=held.pk)
        for position, _reader, _text in turn:
            if position in made:
                held.ready.append(Mail(held, position, *made[position]))
            else:
                held.outcomes[position] = outcomes.GONE

    def _make_one_by_one(self, held: Held, turn: Sequence[tuple[int, SealedReader, Compiled]]) -> None:
        """One reader's mail that cannot be made stops no other."""
        for one in turn:
            try:
                self._make(held, [one])
            except Exception as error:  # noqa: BLE001 - see above
                log.error("A mail of a mailing: %s at %s.", type(error).__name__, place_of(error))
                self.not_taken += 1
                self.failures.append(Failure(held, one[0], UNMADE, ""))
                held.refused += 1
                held.outcomes[one[0]] = outcomes.TEMPORARY

    def _domain_lets_out(self, mail: Mail, domains: dict[str, int]) -> bool:
        """Whether the pace of its domain allows this mail now, which it then uses up; else it waits for its turn."""
        domain = _domain_of(mail)
        left = domains.get(domain)
        if left is None:
            return True
        if left < 1:
            mail.held.domain_of[mail.position] = domain
            mail.held.parked.append(mail.position)
            return False
        domains[domain] = left - 1
        return True

    def started(self, job: Mail) -> bool:
        held = job.held
        if not held.may_go or held.is_lost or time.monotonic() > held.lease_ends:
            return False
        position = job.position
        if held.outcomes[position] not in outcomes.OPEN:
            return False
        self._log.began(held.pk, position, at_once=held.holds_unknown)
        held.outcomes[position] = outcomes.IN_FLIGHT
        return True

    def sent(self, job: Mail) -> None:
        self.taken += 1
        self._end(job, outcomes.SENT)

    def refused(self, job: Mail, stage: Stage, code: int, words: str) -> None:
        self.refuse(job, verdict_on(stage, code, words, address=job.address))

    def refuse(self, job: Mail, verdict: Verdict) -> None:
        """It was not taken, for this reason."""
        self.not_taken += 1
        self.failures.append(Failure(job.held, job.position, verdict, job.address))
        job.held.refused += verdict.outcome == outcomes.TEMPORARY
        self._end(job, verdict.outcome)

    def put_off(self, job: Mail) -> None:
        """It was begun, and whoever was to take it took nothing of it: its chunk is taken up again later."""
        job.held.refused += 1
        self._end(job, outcomes.TEMPORARY)

    def returned(self, job: Mail) -> None:
        held = job.held
        held.allowance.take_back(_domain_of(job))
        held.ready.appendleft(job)
        held.active -= 1
        if not held.may_go:
            self._wake()

    def unknown(self, job: Mail) -> None:
        held = job.held
        self.unknown_ones.append((held, job.position))
        # The log says so even of those who are sent to again, until they are named (`named`).
        self._log.done(held.pk, job.position, outcomes.UNKNOWN)
        self._settle(job, outcomes.UNKNOWN if held.holds_unknown else outcomes.TEMPORARY)

    def named(self, held: Held, positions: list[int]) -> None:
        """The database has a row for each of these, and what becomes of them."""
        for position in positions:
            self._log.done(held.pk, position, held.outcomes[position])

    def _end(self, job: Mail, outcome: int) -> None:
        self._log.done(job.held.pk, job.position, outcome)
        self._settle(job, outcome)

    def _settle(self, job: Mail, outcome: int) -> None:
        held, position = job.held, job.position
        held.outcomes[position] = outcome
        held.active -= 1
        if not held.active and (not held.may_go or not (held.todo or held.ready)):
            self._wake()
