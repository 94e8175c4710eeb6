"""Several processes in one terminal: started together, watched together, ended together."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

#: Seconds a process may take until it answers. Starting takes two on a quick machine, and twenty on one that is busy.
START_SECONDS = 90.0
#: Seconds a process may take to finish what it has in hand.
STOP_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(Exception):  # noqa: N818 - named as the fact
    """A process ended that should have gone on, or never answered; the text says which."""


@dataclass
class _Child:
    name: str
    process: subprocess.Popen[bytes]


def _end_with_the_parent() -> None:
    """Ask Linux to end this process when its parent is killed and cannot do it; elsewhere it must be done by hand."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Household:
    """Child processes of one demonstration. Use it as a context manager: leaving it ends them all."""

    def __init__(self) -> None:
        self._children: list[_Child] = []
        self._asked_to_stop = False

    def __enter__(self) -> Household:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start one. It stands in a session of its own, so that Ctrl-C reaches us alone and we end them in order."""
        process = subprocess.Popen(  # noqa: S603 - commands of ours, without a shell
            list(command), stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_the_parent
        )
        self._children.append(_Child(name, process))

    def wait_for(self, name: str, answers: Callable[[], bool]) -> None:
        """Wait until it answers. Raises `Ended`."""
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            self.look()
            if self._asked_to_stop:
                raise KeyboardInterrupt
            if time.monotonic() > deadline:
                raise Ended(f"The {name} did not answer within {START_SECONDS:.0f} seconds.")
            time.sleep(0.1)

    def look(self) -> None:
        """Raise `Ended` when one of them is gone."""
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise Ended(f"The {child.name} ended with exit code {code}; the rest is stopped.")

    def watch(self) -> None:
        """Until a signal asks us to stop. Raises `Ended`."""
        while not self._asked_to_stop:
            self.look()
            time.sleep(0.3)

    def stop(self) -> None:
        """End them all, the last started first, and wait for each."""
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self._children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(deadline - time.monotonic(), 0.1))
            if child.process.poll() is None:
                child.process.kill()
                child.process.wait()
        self._children.clear()

    @contextlib.contextmanager
    def until_signalled(self) -> Iterator[None]:
        """While this lasts, Ctrl-C, SIGTERM and a closed terminal end the watching instead of the program."""

        def note(_number: int, _frame: FrameType | None) -> None:
            self._asked_to_stop = True

        before = {number: signal.signal(number, note) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
