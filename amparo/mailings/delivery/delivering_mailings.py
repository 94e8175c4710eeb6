"""Send what is due of all mailings: lease chunks, load their readers, let connections send, note what became of it.

One session is one run of the line of work `mailings` in one process. This thread does all that is asked of the
database; what talks to the outside lives in a thread beside it (`carriers`). Several processes may run
sessions at once.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from amparo.kit import retry, work
from amparo.kit.claims import claim_rows
from amparo.kit.refusal import Refusal
from amparo.mailings import outcomes, pacing, recovering, settling, steering, troubles
from amparo.mailings.carriers import choosing
from amparo.mailings.delivery import readers, refusals
from amparo.mailings.delivery.loading_chunks import SAFETY, ChunkLoader
from amparo.mailings.models import AudienceChunk, Notice
from amparo.mailings.models.audience_chunk import MOST_IN_A_CHUNK
from amparo.mailings.wire import feed, send_log
from amparo.organizations.pausing import installation_is_paused
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from amparo.kit.work import Result

#: Seconds between two writings of what became of recipients, and looks at pause and stop (mail.md, 5).
FLUSH_EVERY = 0.25
#: Seconds after which whoever still waits is looked up again: a withdrawal holds within five (security.md, P9).
CHECK_EVERY = 4.0
#: Readers loaded ahead of the connections: several chunks are leased at once. As many as leave in the time, in
#: seconds, yet never fewer, so that a slow server keeps few from other processes; a part of them is the sign for more.
AHEAD, AHEAD_FOR, LOW = 2500, 0.3, 0.4
#: Chunks in hand at most, where many wait for their pace.
MOST_IN_HAND = 40
#: Seconds after which a session ends and another may begin, so that its log stays small.
LONGEST_SESSION = 60.0
#: Seconds given to the answers to what is under way when a session ends.
LAST_ANSWERS = 20.0
#: Under Celery, seconds after which a session makes room for transactional mail that waits.
MAKES_ROOM_AFTER = 2.0


#: How a chunk of a mailing that holds its unknown recipients stands in the database while it is in hand.
_MAY_HAVE_LEFT = bytes.maketrans(
    bytes([outcomes.QUEUED, outcomes.TEMPORARY]), bytes([outcomes.IN_FLIGHT, outcomes.IN_FLIGHT])
)
#: Of a chunk that is let go.
_FREE: dict[str, object] = {"claimed_by": None, "claimed_until": None}
#: When nobody in it has anything to wait for but the winner among the variants.
_A_LONG_TIME = timedelta(days=365)


def claimable(*, now: datetime, channel: Channel = Channel.EMAIL) -> bool:
    """Whether there is anything to send by this channel."""
    return not installation_is_paused() and AudienceChunk.objects.sendable(now=now, channel=channel).exists()


class Session:
    """Send until nothing is due, the worker is asked to stop, or time is up."""

    def __init__(self, *, now_source: Callable[[], datetime], channel: Channel = Channel.EMAIL) -> None:
        self._now, self._channel = now_source, channel
        carrier = choosing.carrier_for(channel)
        self._token = uuid.uuid4()
        self._log = send_log.SendLog(self._token)
        self._woken = threading.Event()
        self._feed = feed.ChunkFeed(self._log, wake=self._woken.set)
        self._loop = carrier.open_loop(self._feed, self._log, wake=self._woken.set)
        self._loader = ChunkLoader(self._feed, carrier)
        self._in_hand: dict[int, feed.Held] = {}
        self._begun = time.monotonic()
        self._flushed_at = self._begun
        self._ahead, self._taken = AHEAD, 0
        self._ours = refusals.Watch()

    def run(self) -> Result:
        """How many recipients were settled, and how many of them refused. Raises what the database raises."""
        self._loop.start()
        is_whole = False
        try:
            while not self._is_time():
                self._turn()
                if not self._in_hand and not self._load_more():
                    break
                self._woken.wait(FLUSH_EVERY)
                self._woken.clear()
            is_whole = True
        finally:
            self._end(is_whole=is_whole)
        return work.Result(done=self._feed.taken, failed=self._feed.not_taken)

    def _is_time(self) -> bool:
        if work.stopping() or not self._loop.is_alive:
            return True
        lasted = time.monotonic() - self._begun
        if settings.AMPARO_ENGINE == "celery" and lasted > MAKES_ROOM_AFTER and self._notices_wait():
            return True
        return lasted > LONGEST_SESSION

    def _notices_wait(self) -> bool:
        due = Notice.objects.filter(state=Notice.State.QUEUED, next_attempt_at__lte=self._now())
        return due.exists()

    def _turn(self) -> None:
        moment = time.monotonic()
        since = moment - self._flushed_at
        is_due = since >= FLUSH_EVERY
        if is_due:
            self._look_at_states()
            left, self._taken = self._feed.taken - self._taken, self._feed.taken
            self._ahead = max(AHEAD, int(left / since * AHEAD_FOR))
        over = [held for held in self._in_hand.values() if held.is_over]
        if is_due or (over and len(over) == len(self._in_hand)):
            # Chunks that are over wait for the others' turn: they are written down together.
            self._flush(over)
        if is_due:
            self._flushed_at = moment
            self._grant()
            self._check_again(moment)
        while self._waiting() < LOW * self._ahead and self._load_more():
            pass

    def _waiting(self) -> int:
        """How many are loaded and may leave now."""
        chunks = self._in_hand.values()
        return sum(held.waiting() for held in chunks if held.may_go and held.allowance.lets_out())

    # --- Taking chunks ---

    def _load_more(self) -> bool:
        """Lease as many chunks as are needed and hand them to the connections; whether there were any."""
        room = min(MOST_IN_HAND - len(self._in_hand), -(-(self._ahead - self._waiting()) // MOST_IN_A_CHUNK))
        if room < 1 or work.stopping() or installation_is_paused():
            return False
        now = self._now()
        sated = [
            pk
            for pk, allowance in self._loader.allowances.items()
            if (allowance.left or allowance.domains)
            and any(held.mailing.pk == pk and held.has_more for held in self._in_hand.values())
        ]
        sendable = AudienceChunk.objects.sendable(now=now, channel=self._channel)
        taken = claim_rows(
            sendable.exclude(mailing__in=sated) if sated else sendable,
            limit=room,
            order_by=["mailing__urgency", "snapshot", "number", "pk"],
            claimed_by=self._token,
            values={"claimed_until": now + recovering.LEASE},
        )
        fresh = [pk for pk in taken if pk not in self._in_hand]
        if not fresh:
            return False
        chunks = AudienceChunk.objects.in_bulk(fresh)
        moment = time.monotonic()
        loaded = {pk: self._loader.held(chunks[pk], now=now, moment=moment) for pk in fresh}
        self._in_hand |= loaded
        reading = self._loader.read(loaded.values(), now=now)
        for pk, held in loaded.items():
            try:
                self._loader.fill(held, chunks[pk], reading=reading, now=now)
            except work.DATABASE_AWAY:
                raise
            except Exception as error:  # noqa: BLE001 - a mailing that cannot be made stops no other
                self._give_up(held, error, now=now)
                continue
            if held.holds_unknown:
                # Before anything leaves, the database says that it may have: without our log they are then unknown.
                self._write([held], now=now)
            self._loop.call(self._feed.add, held)
        return True

    def _give_up(self, held: feed.Held, error: Exception, *, now: datetime) -> None:
        """Its mails cannot be made: it is paused, with the reason, and what was known of the chunk is written."""
        why = f"its mails cannot be made ({type(error).__name__} at {work.place_of(error)})"
        del self._in_hand[held.pk]
        self._write([held], now=now, last={held: _FREE})
        because = str(error) if isinstance(error, Refusal) else why
        troubles.pause_for(mailing=held.mailing, because=because, now=now)

    # --- Pace ---

    def _grant(self) -> None:
        """Take this process's part of each pace, where somebody waits for it."""
        now, granted = self._now(), False
        for pk, allowance in self._loader.allowances.items():
            if not any(held.mailing.pk == pk and held.has_more for held in self._in_hand.values()):
                continue
            mailing = self._loader.mailings[pk]
            limits = pacing.limits_of(mailing, now=now)
            for scope in [scope for scope in allowance.left if scope not in limits]:
                self._loop.call(allowance.left.pop, scope, None)
            for scope, limit in limits.items():
                if allowance.left.get(scope, 0) < 1:
                    number = pacing.take(
                        mailing=mailing, scope=scope, limit=limit, wanted=min(limit.most, AHEAD), now=now
                    )
                    self._loop.call(allowance.grant, scope, number)
                    granted = granted or bool(number)
            for domain, limit in pacing.domains_of(mailing).items():
                if allowance.domains.get(domain, 0) < 1:
                    number = pacing.take(
                        mailing=mailing, scope=f"@{domain}", limit=limit, wanted=limit.most, now=now
                    )
                    self._loop.call(allowance.grant_domain, domain, number)
                    granted = granted or bool(number)
        if granted:
            self._loop.call(self._feed.unpark)

    # --- Watching ---

    def _look_at_states(self) -> None:
        """Pause and stop hold at once; so does a mailing that we ourselves have to stop."""
        if not self._in_hand:
            return
        self._raise_alarms()
        may = AudienceChunk.objects.filter(pk__in=list(self._in_hand)).that_may_leave(now=self._now())
        going = set() if installation_is_paused() else set(may.values_list("pk", flat=True))
        for held in self._in_hand.values():
            held.may_go = held.pk in going and not held.is_lost

    def _raise_alarms(self) -> None:
        """Pause what is refused for something that is our fault."""
        for pk, why in self._ours.alarms(
            self._loop.trouble_is_ours, self._loop.trouble, set(self._loader.mailings)
        ):
            troubles.pause_for(mailing=self._loader.mailings[pk], because=why, now=self._now())

    def _check_again(self, moment: float) -> None:
        for held in self._in_hand.values():
            if moment - held.checked_at < CHECK_EVERY:
                continue
            held.checked_at = moment
            people = held.remaining()
            if people:
                skipped = readers.check_again(mailing=held.mailing, people=people, now=self._now())
                if skipped:
                    self._loop.call(self._feed.skip, held, skipped)

    # --- Writing down ---

    def _flush(self, over: Iterable[feed.Held]) -> None:
        """Write every outcome that is new, and renew each lease; let go of those of which nothing is left to do."""
        now = self._now()
        last = {}
        for held in over:
            held.is_lost = True
            if held.active:
                # Somebody's turn came in this very moment.
                held.is_lost = False
                continue
            last[held] = self._last_words(held, now=now)
        self._write(list(self._in_hand.values()), now=now, last=last)
        for held in last:
            del self._in_hand[held.pk]
            self._loop.call(self._feed.drop, held)
        in_hand = {held.mailing.pk for held in self._in_hand.values()}
        if any(not outcomes.is_open(held.there) and held.mailing.pk not in in_hand for held in last):
            steering.finish_what_is_done(now=now)

    def _write(
        self,
        chunks: Sequence[feed.Held],
        *,
        now: datetime,
        last: Mapping[feed.Held, Mapping[str, object]] | None = None,
    ) -> None:
        """Write what is new of these chunks; those in `last` for the last time, with further columns."""
        ends = time.monotonic() + recovering.LEASE.total_seconds() - SAFETY
        unknown: dict[feed.Held, list[int]] = defaultdict(list)
        for _one in range(len(self._feed.unknown_ones)):
            held, position = self._feed.unknown_ones.popleft()
            unknown[held].append(position)
        with refusals.next_of(self._feed.failures) as failures, transaction.atomic():
            for held in chunks:
                ours, is_last = bytes(held.outcomes), last is not None and held in last
                if held.holds_unknown and not is_last:
                    ours = ours.translate(_MAY_HAVE_LEFT)
                if not is_last and ours == held.there and held.lease_ends - time.monotonic() > SAFETY:
                    continue
                columns = last[held] if last and is_last else {"claimed_until": now + recovering.LEASE}
                held.there, still_ours = settling.write(
                    chunk=held.pk, there=held.there, ours=ours, held_by=self._token, values=columns
                )
                if still_ours:
                    held.lease_ends = ends
                else:
                    held.is_lost, held.may_go = True, False
            refusals.write_down(failures, now=now)
            for held, positions in unknown.items():
                recovering.note_unknown(
                    chunk=held.pk,
                    mailing=held.mailing,
                    positions=positions,
                    outcomes_now=bytes(held.outcomes),
                    now=now,
                )
        for held, positions in unknown.items():
            if self._loop.is_alive:
                self._loop.call(self._feed.named, held, positions)
        if not failures:
            return
        self._ours.note(failures, taken=self._feed.taken)
        self._raise_alarms()
        for mailing in {failure.held.mailing for failure in failures if failure.verdict.is_permanent}:
            troubles.pause_if_it_does_harm(mailing=mailing, now=now)

    def _last_words(self, held: feed.Held, *, now: datetime) -> dict[str, object]:
        """What else is written of a chunk that is let go: nobody holds it, and when it may be taken again."""
        values = dict(_FREE)
        waits = [byte for byte in held.outcomes if byte in outcomes.OPEN]
        if held.may_go and waits:
            again = retry.next_attempt(held.attempts + 1, now=now, jitter=0.5)
            only_waits_for_a_winner = all(byte == outcomes.QUEUED for byte in waits) and not held.refused
            values |= {
                "attempts": held.attempts + (not only_waits_for_a_winner),
                "next_attempt_at": now + _A_LONG_TIME if only_waits_for_a_winner else again,
            }
        return values

    def _end(self, *, is_whole: bool) -> None:
        """Wait for the last answers, write them, and let everything go; what cannot be written is kept.

        Outcomes are in the log; why somebody was refused stays in this process until the database takes it.
        """
        for held in self._in_hand.values():
            held.may_go = False
        self._loop.stop(seconds=LAST_ANSWERS)
        if self._loop.is_alive:
            # Something hangs. The leases end by themselves, and the log says who was begun.
            refusals.keep(self._feed.failures)
            return
        is_written = False
        try:
            if is_whole:
                self._write_the_rest()
                is_written = True
        finally:
            refusals.keep(self._feed.failures)
            self._log.close(remove=is_written)
        if self._loop.error is not None:
            raise self._loop.error

    def _write_the_rest(self) -> None:
        now = self._now()
        # A login that is refused may have left nothing in hand at which it would have been noticed.
        self._raise_alarms()
        self._write(list(self._in_hand.values()), now=now, last=dict.fromkeys(self._in_hand.values(), _FREE))
        while self._feed.failures:
            self._write([], now=now)
        self._give_pace_back()
        steering.finish_what_is_done(now=now)

    def _give_pace_back(self) -> None:
        for pk, allowance in self._loader.allowances.items():
            for scope, left in allowance.left.items():
                pacing.give_back(mailing=self._loader.mailings[pk], scope=scope, number=left)
