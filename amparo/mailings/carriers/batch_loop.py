"""Hand batches of messages to something that answers for each: a provider's interface, asked over HTTP.

A blocking request at a time in each of some threads; the feed and its log are touched in the loop's own thread alone.
A process that is killed leaves behind a batch for each request under way, named one by one in its log.
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


class BatchLoop:
    """Runs from `start` to `stop` (`base.Loop`). `at_once` messages a request, `requests` of them beside each other.

    `held_at_once` is for mailings that hold those whose fate nobody knows: a kill leaves so many for each request.
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
        wake: Callable[[], None],
    ) -> None:
        self._deliver, self._feed, self._log, self._wake = deliver, feed, log, wake
        self._at_once, self._requests = at_once, requests
        self._held_at_once = held_at_once or at_once
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)
        self._pool = ThreadPoolExecutor(requests, thread_name_prefix="requests")
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopping = False
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
        while not self._stopping and len(self._under_way) < self._requests:
            if time.monotonic() < self._not_before:
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
        most = self._at_once
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
                most = self._held_at_once
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
        try:
            verdicts = await self._loop.run_in_executor(self._pool, self._deliver, batch)
            if len(verdicts) != len(batch):
                raise ValueError("one verdict for each message")
        except TemporaryFailure as failure:
            self._wait(failure)
            for mail in batch:
                self._feed.put_off(mail)
            return
        except Uncertain as failure:
            self.trouble = str(failure)
            for mail in batch:
                self._feed.unknown(mail)
            return
        except Exception as error:  # noqa: BLE001 - a mistake of ours, and nobody knows how far it came
            log.error("A batch of a mailing: %s at %s.", type(error).__name__, place_of(error))
            self.trouble = "our own program broke over it"
            for mail in batch:
                self._feed.unknown(mail)
            return
        self.trouble, self.trouble_is_ours, self._back_off = "", False, FIRST_BACK_OFF
        for mail, verdict in zip(batch, verdicts, strict=True):
            if verdict.outcome == outcomes.SENT:
                self._feed.sent(mail)
            elif verdict.outcome == outcomes.UNKNOWN:
                self._feed.unknown(mail)
            else:
                self._feed.refuse(mail, verdict)

    def _wait(self, failure: TemporaryFailure) -> None:
        """None of a batch was taken: later, and later each time; a refused login pauses the mailing."""
        self.trouble = str(failure)
        self.trouble_is_ours = failure.stage == "auth"
        named = failure.retry_after.total_seconds() if failure.retry_after is not None else 0.0
        now = time.monotonic()
        if now < self._not_before:
            # Requests that were under way beside the first that failed are no further failure.
            self._not_before = max(self._not_before, now + named)
            return
        self._not_before = now + max(named, self._back_off)
        self._back_off = min(2 * self._back_off, LONGEST_BACK_OFF)
