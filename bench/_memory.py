"""The memory of this process and of those it started, looked at while something runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Seconds between two looks: laying out a part takes a second or more.
EVERY = 0.02


@dataclass
class Peak:
    """Megabytes at most: of ours and our children's together, at one moment."""

    #: What processes hold of their own. A database's file that is mapped is the system's to take back.
    own: int = 0
    #: The same with every file that is mapped.
    resident: int = 0
    #: Ours alone, without children.
    ours: int = 0


@contextmanager
def watched() -> Iterator[Peak]:
    """Look all the time; what is yielded has the peaks."""
    peak, done = Peak(), threading.Event()

    def look() -> None:
        while not done.wait(EVERY):
            _look(peak)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
        _look(peak)


def _look(peak: Peak) -> None:
    own, resident = _of("self")
    peak.ours = max(peak.ours, own)
    for pid in _children():
        more = _of(pid)
        own, resident = own + more[0], resident + more[1]
    peak.own, peak.resident = max(peak.own, own), max(peak.resident, resident)


def _children() -> list[str]:
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += (task / "children").read_text(encoding="ascii").split()
        except FileNotFoundError:
            continue  # a thread that ended meanwhile
    return found


def _of(pid: str) -> tuple[int, int]:
    """What is its own, and everything; 0 for one that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    said = {line.partition(":")[0]: line.split()[1] for line in lines if line.endswith(" kB")}
    own = int(said.get("RssAnon", 0)) + int(said.get("RssShmem", 0))
    return own // 1024, int(said.get("VmRSS", 0)) // 1024


if not Path("/proc/self/task").is_dir():
    raise SystemExit("This measurement reads /proc, which only Linux has.")
