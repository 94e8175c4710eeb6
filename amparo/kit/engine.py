"""The embedded engine: every line of work in one process, a thread each.

Several processes may run it at once, for a line claims its rows by conditional UPDATE. It survives what it
runs: a line that raises is logged and waits longer and longer, and the others go on; a database that is away
is tried again until it is back.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import close_old_connections, connections
from django.utils import timezone

from amparo.kit.bell import Bell
from amparo.kit.heartbeat import Heartbeat, LineBeat, heartbeat_path, write_heartbeat
from amparo.kit.work import LineFailed, line_called, reclaim_line, run_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path
    from types import FrameType

    from amparo.kit.work import Result

log = logging.getLogger(__name__)

#: Seconds between two looks for what dead workers left.
RECLAIM_EVERY = 30.0
#: Seconds a line waits after its first failure in a row; doubled with each further one.
FIRST_PAUSE = 0.5
#: Seconds a failing line waits at most.
LONGEST_PAUSE = 60.0
#: Seconds between two tries at a database that is away, at most: work starts again this soon after it is
#: back.
LONGEST_DATABASE_PAUSE = 4.0
#: Batches a line does before its thread looks at anything else (reclaiming, figures for the heartbeat).
BATCHES_A_RUN = 20
#: Seconds within which a signal is noticed.
NOTICE_SIGNALS = 0.25


class Engine:
    """Runs lines of work until told to stop.

    `lines` are names (the registry itself will do), `poll` the seconds after which a line looks for work
    although no bell rang. `heartbeat` is a file to show signs of life in, by default `engine.json` in
    `settings.AMPARO_VAR`.
    """

    def __init__(
        self,
        lines: Iterable[str],
        *,
        poll: float = 5.0,
        now_source: Callable[[], datetime] = timezone.now,
        heartbeat: Path | None = None,
    ) -> None:
        self.names = list(lines)
        self.poll = poll
        self._now = now_source
        self._heartbeat_path = heartbeat or heartbeat_path()
        self._heartbeat_failing = False
        self._signalled = False

    def run(self, stop: threading.Event) -> None:
        """Run until `stop` is set or, in the main thread, SIGTERM or SIGINT arrives; then finish the items in hand.

        A second signal ends the process at once, which loses nothing: what was claimed is reclaimed.
        """
        handlers = self._catch_signals()
        started = self._now()
        try:
            with Bell() as bell:
                hands = [
                    _Hand(name, bell=bell, stop=stop, poll=self.poll, now_source=self._now)
                    for name in self.names
                ]
                threads = [_thread(hand) for hand in hands]
                last_beat = -self.poll
                while not (self._signalled or stop.is_set()):
                    if time.monotonic() - last_beat >= min(self.poll, 5.0):
                        last_beat = time.monotonic()
                        self._beat(hands, started)
                        threads = [
                            thread if thread.is_alive() else _thread(hand)
                            for thread, hand in zip(threads, hands, strict=True)
                        ]
                    stop.wait(NOTICE_SIGNALS)
                stop.set()
                _restore(handlers)
                bell.end_waits()
                for thread in threads:
                    thread.join()
                self._beat(hands, started)
        finally:
            _restore(handlers)

    def _catch_signals(self) -> dict[int, object]:
        if threading.current_thread() is not threading.main_thread():
            return {}

        def note(_number: int, _frame: FrameType | None) -> None:
            # Nothing but a flag: setting an Event here could wait for a lock that this very thread holds.
            self._signalled = True

        return {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}

    def _beat(self, hands: list[_Hand], started: datetime) -> None:
        if self._heartbeat_path is None:
            return
        beat = Heartbeat(
            pid=os.getpid(),
            started_at=started,
            at=self._now(),
            lines={hand.name: replace(hand.beat) for hand in hands},
        )
        try:
            write_heartbeat(beat, path=self._heartbeat_path)
        except OSError as error:
            if not self._heartbeat_failing:
                log.error("The engine cannot write its heartbeat: %s.", error.strerror)
            self._heartbeat_failing = True
        else:
            self._heartbeat_failing = False


class _Hand:
    """One line in one engine: runs it, reclaims for it, and waits when there is nothing or when it fails."""

    def __init__(
        self,
        name: str,
        *,
        bell: Bell,
        stop: threading.Event,
        poll: float,
        now_source: Callable[[], datetime],
    ) -> None:
        self.name = name
        self.beat = LineBeat()
        self._bell = bell
        self._stop = stop
        self._poll = poll
        self._now = now_source
        self._reclaimed_at: float | None = None
        self._failures = 0

    def work(self) -> None:
        """The thread's whole life."""
        try:
            while not self._stop.is_set():
                self._wait(self._turn())
        finally:
            connections.close_all()

    def _turn(self) -> float:
        """Do what is due; the seconds to wait before the next turn."""
        close_old_connections()
        try:
            self._reclaim_when_time()
            result = run_line(
                self.name,
                now_source=self._now,
                limit=BATCHES_A_RUN * line_called(self.name).batch_size,
                stop=self._stop,
            )
        except Exception as error:  # noqa: BLE001 - the engine outlives whatever a line does
            return self._failed(error)
        self._failures = 0
        self.beat.backing_off = False
        self._count(result)
        # Failures alone are no reason to look again at once: a line that fails everything would spin.
        return 0.0 if result.done else self._poll

    def _reclaim_when_time(self) -> None:
        now = time.monotonic()
        if self._reclaimed_at is None or now - self._reclaimed_at >= RECLAIM_EVERY:
            freed = reclaim_line(self.name, now_source=self._now)
            self._reclaimed_at = now
            if freed:
                log.warning("Line %s: %d items of a worker that died are due again.", self.name, freed)

    def _failed(self, error: Exception) -> float:
        failure = LineFailed.because(error, line=self.name)
        self._failures += 1
        self._count(failure.result)
        self.beat.last_error = failure.cause.__name__
        self.beat.last_error_at = self._now().isoformat()
        self.beat.backing_off = True
        # At the 1st, 2nd, 4th, 8th … failure in a row: a database that is away for an hour needs no thousand
        # lines.
        if self._failures & (self._failures - 1) == 0:
            log.error("%s Failure %d in a row.", failure, self._failures)
        # Whatever it was, the connection may be what is broken; a new one costs little and cures that.
        connections.close_all()
        longest = LONGEST_DATABASE_PAUSE if failure.database_away else LONGEST_PAUSE
        return float(min(FIRST_PAUSE * 2 ** min(self._failures - 1, 16), longest))

    def _count(self, result: Result) -> None:
        self.beat.done += result.done
        self.beat.failed += result.failed

    def _wait(self, seconds: float) -> None:
        if not seconds:
            return
        if self.beat.backing_off:
            # A bell must not hurry a line that fails.
            self._stop.wait(seconds)
        else:
            self._bell.wait(self.name, timeout=seconds)


def _thread(hand: _Hand) -> threading.Thread:
    thread = threading.Thread(target=hand.work, name=f"line-{hand.name}", daemon=True)
    thread.start()
    return thread


def _restore(handlers: dict[int, object]) -> None:
    for number in list(handlers):
        signal.signal(number, handlers.pop(number))  # type: ignore[arg-type]
