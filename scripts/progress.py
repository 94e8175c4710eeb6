"""One line for each step of a set-up, which moves while the step takes its time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Seconds between two lines where nobody watches a terminal (a build log).
QUIET_SECONDS = 10.0
#: Lines of a failed command's output that are shown.
LAST_LINES = 25


class StepError(Exception):
    """A command ended badly; the message names the step and the end of what it printed."""


def run(
    *, title: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None, timeout: float = 1800
) -> str:
    """Run `command` under `title`, keep its output to ourselves, and answer with it.

    Raises `StepError` when it ends with anything but 0, cannot start, or takes longer than `timeout` seconds.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
            )
        except OSError as error:
            raise StepError(f"{title}: {command[0]} cannot be started: {error.strerror}.") from None
        code = _watch(process=process, title=title, started=started, timeout=timeout)
        output.seek(0)
        printed = output.read()
    if code != 0:
        tail = "\n".join(f"    {line}" for line in printed.splitlines()[-LAST_LINES:])
        raise StepError(f"{title}: failed with exit code {code}.\n{tail}".rstrip())
    _say(f"{title}: done in {time.monotonic() - started:.1f} s", end="\n")
    return printed


def _watch(*, process: subprocess.Popen[bytes], title: str, started: float, timeout: float) -> int:
    """Wait for the process and say now and then that it still works."""
    interval = 0.5 if sys.stdout.isatty() else QUIET_SECONDS
    try:
        while True:
            try:
                return process.wait(timeout=interval)
            except subprocess.TimeoutExpired:
                spent = time.monotonic() - started
                if spent > timeout:
                    process.kill()
                _say(f"{title} ... {spent:.0f} s", end="" if sys.stdout.isatty() else "\n")
    except BaseException:
        process.kill()
        process.wait()
        raise


def _say(line: str, *, end: str) -> None:
    """Redraw the line on a terminal; write another one elsewhere."""
    start = "\r\x1b[K" if sys.stdout.isatty() else ""
    print(f"{start}{line}", end=end, flush=True)
