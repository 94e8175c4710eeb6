"""The connections of one process, in a thread of their own on uvloop; no database here, only the feed and its log."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import uvloop

from amparo.kit.smtp.failures import TemporaryFailure
from amparo.mailings.wire.opening_wires import close_all, open_wire
from amparo.mailings.wire.pipelined_smtp import Mode, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from amparo.kit.smtp.settings import SmtpSettings
    from amparo.mailings.wire.feed import ChunkFeed
    from amparo.mailings.wire.send_log import SendLog

#: Seconds between two looks at the connections; the log is on the disk that often.
TICK = 0.1
#: Mails after which a connection is opened anew: servers and their balancers like that.
RECYCLE_AFTER = 2000
#: Mails waiting for each further connection: a mailing to ten people needs one.
WORTH_A_CONNECTION = 20
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.5, 30.0
#: Connections that broke off one after another before less is said at once, and mails after which more is tried.
BREAKS, GOOD_AGAIN = 2, 500


class SendingLoop:
    """Runs the loop from `start` to `stop`; `call` runs something of the feed's in it."""

    def __init__(
        self,
        settings: SmtpSettings,
        feed: ChunkFeed,
        log: SendLog,
        *,
        connections: int,
        wake: Callable[[], None],
    ) -> None:
        self._settings, self._feed, self._log, self._most = settings, feed, log, connections
        self._wake = wake
        self._loop = uvloop.new_event_loop()
        feed.soon = self._loop.call_soon
        self._thread = threading.Thread(target=self._run, name="mailings", daemon=True)
        self._wires: list[Wire] = []
        self._opening = 0
        self._stopping = False
        self._not_before, self._back_off = 0.0, FIRST_BACK_OFF
        self._mode, self._breaks, self._good_at = Mode.OVERLAPPED, 0, 0
        self._context: ssl.SSLContext | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        #: Why the last connection failed, and whether that was about our login.
        self.trouble = ""
        self.trouble_is_ours = False
        self.error: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def call(self, deed: Callable[..., object], *words: object) -> None:
        """Do something of the feed's in the loop, and let idle connections look for work."""
        self._tell(self._do, deed, words)

    def stop(self, *, seconds: float) -> None:
        """Begin no further mail, wait for the answers to those under way, and end."""
        self._tell(self._ask_to_stop)
        self._thread.join(seconds + 2 * self._settings.timeout)

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
            self._loop.close()
            self._wake()

    def _do(self, deed: Callable[..., object], words: tuple[object, ...]) -> None:
        deed(*words)
        self._look_for_work()

    def _ask_to_stop(self) -> None:
        self._stopping = True

    async def _live(self) -> None:
        try:
            await self._send()
        except BaseException:
            for wire in self._wires:
                wire.abort("we cannot go on")
            raise
        finally:
            await self._end()

    async def _send(self) -> None:
        syncing: asyncio.Future[None] | None = None
        while not (self._stopping and not any(held.active for held in self._feed.held)):
            if syncing is None or syncing.done():
                if syncing is not None:
                    # A disk that fails ends the session: without its log nobody would know who was begun.
                    syncing.result()
                syncing = asyncio.ensure_future(self._loop.run_in_executor(None, self._log.sync))
            self._look_after()
            await asyncio.sleep(TICK)
        if syncing is not None:
            await syncing

    async def _end(self) -> None:
        """However it ends, no connection outlives the loop, nor an attempt at one."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await close_all(self._wires, seconds=2)
        await self._loop.shutdown_default_executor()

    def _look_for_work(self) -> None:
        for wire in self._wires:
            if wire.is_idle and not self._stopping:
                wire.take()
        self._open_more()

    def _look_after(self) -> None:
        """End what hangs, forget what is gone, learn from it, and open what is needed."""
        now = time.monotonic()
        for wire in self._wires:
            if wire.busy_since is not None and now - wire.busy_since > self._settings.timeout:
                wire.abort("it did not answer in time")
        gone = [wire for wire in self._wires if not wire.is_open and wire.is_gone]
        for wire in gone:
            self._wires.remove(wire)
            self._learn_from(wire)
        if self._mode < Mode.OVERLAPPED and self._feed.taken - self._good_at > GOOD_AGAIN:
            self._mode, self._good_at = Mode(self._mode + 1), self._feed.taken
        self._look_for_work()

    def _learn_from(self, wire: Wire) -> None:
        if wire.reason:
            self.trouble = wire.reason
        if wire.said_goodbye and not wire.reason:
            self._back_off = FIRST_BACK_OFF
            return
        self._good_at = self._feed.taken
        if wire.done:
            self._breaks, self._back_off = 0, FIRST_BACK_OFF
        else:
            self._breaks += 1
            self._wait_before_the_next()
        if not wire.said_goodbye and not wire.done and self._breaks >= BREAKS and self._mode > Mode.LOCK_STEP:
            self._mode, self._breaks = Mode(self._mode - 1), 0

    def _wait_before_the_next(self) -> None:
        self._not_before = time.monotonic() + self._back_off
        self._back_off = min(2 * self._back_off, LONGEST_BACK_OFF)

    def _open_more(self) -> None:
        if self._stopping or time.monotonic() < self._not_before:
            return
        waiting = self._feed.waiting()
        wanted = min(self._most, -(-waiting // WORTH_A_CONNECTION))
        for _one in range(wanted - len(self._wires) - self._opening):
            self._opening += 1
            task = self._loop.create_task(self._open())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self) -> None:
        if self._context is None:
            self._context = ssl.create_default_context()
        try:
            wire = await open_wire(
                self._settings,
                self._feed,  # type: ignore[arg-type]
                context=self._context,
                most=self._mode,
                recycle_after=RECYCLE_AFTER,
            )
        except TemporaryFailure as failure:
            self.trouble = str(failure)
            self.trouble_is_ours = failure.stage == "auth" and (failure.code or 0) >= 500
            if time.monotonic() >= self._not_before:
                self._wait_before_the_next()
        else:
            self.trouble, self.trouble_is_ours = "", False
            self._wires.append(wire)
            if not self._stopping:
                wire.take()
        finally:
            self._opening -= 1
