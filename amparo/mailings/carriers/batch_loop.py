"""Hand batches of messages to something that answers for each: a provider's interface, asked over HTTP.

A blocking request at a time in each of some threads; the feed and its log are touched in the loop's own thread alone.
A process that is killed leaves behind a batch for each request under way, named one by one in its log.

Whoever was in a request whose answer never came may have got theirs. So whoever is not known to answer is asked for
little: one small request at a time until one is answered; and after some that were not, mailings are paused.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from amparo.kit.smtp.failures import TemporaryFailure, Uncertain
from amparo.kit.work import place_of
from amparo.mailings import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from amparo.mailings.wire.feed import ChunkFeed, Mail
    from amparo.mailings.wire.send_log import SendLog
    from amparo.mailings.wire.smtp_replies import Verdict

    #: Hands over some messages and says what became of each, in their order; a verdict's outcome may also be SENT or
    #: UNKNOWN. Raises `TemporaryFailure` when none was taken, and `Uncertain` when nobody knows.
    Deliver = Callable[[Sequence[Mail]], Sequence[Verdict]]

log = logging.getLogger(__name__)

#: Seconds between two looks for work and writings of the log to the disk.
TICK = 0.1
#: Messages of another text that are laid aside at most while a batch is filled.
MOST_ASIDE = 500
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.5, 60.0
#: Messages in the one request by which it is found out whether anybody answers (again).
FIRST_ASKED = 10
#: Requests in a row that nobody answered, after which people have to look.
SILENCES = 3


class Hearing:
    """Whether a provider answers, as this process has found out; it outlives the loops that ask it."""

    def __init__(self) -> None:
        self.is_heard = False
        self.silences = 0
        self._fell_silent_at = float("-inf")

    def answered(self, *, begun: float) -> bool:
        """A request begun at this moment (`time.monotonic`) was answered; False where others fell silent since."""
        if begun < self._fell_silent_at:
            return False
        self.is_heard, self.silences = True, 0
        return True

    def refused(self) -> None:
        """It took nothing of one: what it takes less of, or again, is found out by little."""
        self.is_heard = False

    def fell_silent(self, *, begun: float) -> bool:
        """No answer came to one; False where it was under way beside another of which that is known already."""
        if begun < self._fell_silent_at:
            return False
        self.is_heard = False
        self.silences += 1
        self._fell_silent_at = time.monotonic()
        return True


_hearings: dict[str, Hearing] = {}


def hearing_of(provider: str) -> Hearing:
    """What this process knows of a provider by this name."""
    return _hearings.setdefault(provider, Hearing())


def forget_hearings() -> None:
    """Know nothing of any provider, as a process that begins."""
    _hearings.clear()


class BatchLoop:
    """Runs from `start` to `stop` (`base.Loop`). `at_once` messages a request, `requests` of them beside each other.

    `held_at_once` is for mailings that hold those whose fate nobody knows: a kill leaves so many for each request.
    `hearing` is what is known of whoever is asked.
    """

    def __init__(
        self,
        deliver: Deliver,
        feed: ChunkFeed,
        log: SendLog,
        *,
        at_once: int,
        requests: int,
        held_at_once: int | None = None,
        hearing: Hearing,
        wake: Callable[[], None],
    ) -> None:
        self._deliver, self._feed, self._log, self._wake = deliver, feed, log, wake
        self._at_once, self._requests = at_once, requests
        self._held_at_once = held_at_once or at_once
        self._hearing = hearing
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)
        self._pool = ThreadPoolExecutor(requests, thread_name_prefix="requests")
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopping = self._asks_no_more = False
        self._not_before, self._back_off = 0.0, FIRST_BACK_OFF
        self.trouble = ""
        self.trouble_is_ours = False
        self.error: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def call(self, deed: Callable[..., object], *words: object) -> None:
        """Do something of the feed's in the loop, and look for work."""
        self._tell(self._do, deed, words)

    def stop(self, *, seconds: float) -> None:
        """Begin no further request, wait for the answers to those under way, and end."""
        self._tell(self._ask_to_stop)
        self._thread.join(seconds)

    def _tell(self, deed: Callable[..., object], *words: object) -> None:
        """To a loop that has ended there is nothing to say: `error` says why it did."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(deed, *words)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    # --- In the loop ---

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits for us
            self.error = error
        finally:
            self._loop.run_until_complete(self._let_go())
            self._pool.shutdown(wait=False)
            self._loop.close()
            self._wake()

    async def _let_go(self) -> None:
        """Of requests that are still under way nobody will hear: who was in them is unknown (`recovering`)."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._loop.shutdown_default_executor()

    def _do(self, deed: Callable[..., object], words: tuple[object, ...]) -> None:
        deed(*words)
        self._look_for_work()

    def _ask_to_stop(self) -> None:
        self._stopping = True

    async def _live(self) -> None:
        while not (self._stopping and not self._under_way):
            await self._loop.run_in_executor(None, self._log.sync)
            self._look_for_work()
            await asyncio.sleep(TICK)

    def _look_for_work(self) -> None:
        while not self._stopping and len(self._under_way) < (self._requests if self._hearing.is_heard else 1):
            if self._asks_no_more or time.monotonic() < self._not_before:
                return
            batch = self._take()
            if not batch:
                return
            task = self._loop.create_task(self._hand_over(batch))
            self._under_way.add(task)
            task.add_done_callback(self._over)

    def _take(self) -> list[Mail]:
        """The next batch: messages of one text, each noted as begun. Readers of other languages wait for another."""
        batch: list[Mail] = []
        others: list[Mail] = []
        most = self._at_once if self._hearing.is_heard else min(self._at_once, FIRST_ASKED)
        while len(batch) < most and len(others) < MOST_ASIDE:
            mail = self._feed.next()
            if mail is None:
                break
            if batch and (mail.held.mailing.pk != batch[0].held.mailing.pk or mail.text != batch[0].text):
                others.append(mail)
                continue
            if not self._feed.started(mail):
                self._feed.returned(mail)
                break
            batch.append(mail)
            if mail.held.holds_unknown:
                most = min(most, self._held_at_once)
        for mail in reversed(others):
            self._feed.returned(mail)
        return batch

    def _over(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.error = task.exception()
            self._stopping = True
        self._look_for_work()

    async def _hand_over(self, batch: list[Mail]) -> None:
        begun = time.monotonic()
        try:
            verdicts = await self._loop.run_in_executor(self._pool, self._deliver, batch)
            if len(verdicts) != len(batch):
                raise ValueError("one verdict for each message")
        except TemporaryFailure as failure:
            self._is_refused(failure)
            for mail in batch:
                self._feed.put_off(mail)
            return
        except Uncertain as failure:
            self._is_silent(failure.reason, begun=begun)
            for mail in batch:
                self._feed.unknown(mail)
            return
        except Exception as error:  # noqa: BLE001 - a mistake of ours, and nobody knows how far it came
            log.error("A batch of a mailing: %s at %s.", type(error).__name__, place_of(error))
            self._is_silent("our own program broke over it", begun=begun)
            for mail in batch:
                self._feed.unknown(mail)
            return
        if any(verdict.outcome == outcomes.UNKNOWN for verdict in verdicts):
            self._is_silent("the provider did not say what became of some", begun=begun)
        elif self._hearing.answered(begun=begun):
            self.trouble, self.trouble_is_ours, self._back_off = "", False, FIRST_BACK_OFF
        for mail, verdict in zip(batch, verdicts, strict=True):
            if verdict.outcome == outcomes.SENT:
                self._feed.sent(mail)
            elif verdict.outcome == outcomes.UNKNOWN:
                self._feed.unknown(mail)
            else:
                self._feed.refuse(mail, verdict)

    def _is_refused(self, failure: TemporaryFailure) -> None:
        """None of a batch was taken: later, and later each time; a refused login pauses the mailing."""
        self._hearing.refused()
        if not self._asks_no_more:
            self.trouble, self.trouble_is_ours = str(failure), failure.stage == "auth"
        self._wait(failure.retry_after.total_seconds() if failure.retry_after is not None else 0.0)

    def _is_silent(self, why: str, *, begun: float) -> None:
        """What became of a batch nobody knows: ask for few after a while; several in a row pause the mailing.

        Without the pause, a provider that takes everything and never answers would be handed the same again and again
        where the unknown are sent to again, and everybody would be unknown where they are held.
        """
        if not self._hearing.fell_silent(begun=begun):
            return
        self.trouble, self.trouble_is_ours = why, False
        self._wait(0.0)
        if self._hearing.silences >= SILENCES:
            self._asks_no_more = True
            self.trouble, self.trouble_is_ours = f"{why}, {self._hearing.silences} times in a row", True

    def _wait(self, named: float) -> None:
        now = time.monotonic()
        if now < self._not_before:
            # Requests that were under way beside the first that failed are no further failure.
            self._not_before = max(self._not_before, now + named)
            return
        self._not_before = now + max(named, self._back_off)
        self._back_off = min(2 * self._back_off, LONGEST_BACK_OFF)
