"""What this process is just sending, on its own disk: begun before a mail's content is written, done after the answer.

Two records of twelve bytes a recipient, and no person in them. They are written into pages of the file itself (mmap),
which are the kernel's, so a process that is killed leaves behind exactly who was begun and not answered: one recipient
a connection at most. They are on the disk within a tenth of a second, which is what a power cut can take. A mailing
that holds such recipients does not wait for that: each begin is on the disk before its content leaves.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import struct
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings

from amparo.mailings import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Began or done, the chunk's number, the position in it, the outcome.
_RECORD: Final = struct.Struct(">BQHB")
#: The same without its first byte, which is written last: a record that was cut off in the middle is none.
_REST: Final = struct.Struct(">QHB")
_BEGAN, _DONE = ord("B"), ord("D")
#: Bytes of the file that are written to at a time: whole records, and whole pages of any size there is.
_WINDOW: Final = _RECORD.size * 65536
#: Kept free by begins, so that a disk that is full refuses a mail that begins, and never an answer.
_ROOM_FOR_ANSWERS: Final = _RECORD.size * 4096
_ENDING = ".log"
_NO_OUTCOME = 0


def folder() -> Path:
    """Where the logs of this machine's processes lie."""
    return Path(settings.AMPARO_VAR) / "mailings"


class SendLog:
    """The log of one session, locked as long as its process lives. `token` is also the name of its leases."""

    def __init__(self, token: UUID) -> None:
        place = folder()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = place / f"{token.hex}{_ENDING}"
        fresh = self._path.with_suffix(".new")
        # Pages are written to through a second way to the file, so that the lock is that of `_file` alone.
        self._file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        # Under its name only once it is locked: whoever can lock it takes us for dead.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._end, self._is_dirty = 0, False
        fresh.rename(self._path)
        self._window, self._at = self._further(), 0

    def _further(self) -> mmap.mmap:
        """The next part of the file. Raises `OSError` where the disk has no room for it."""
        # Taken for good: a page without room on the disk would end the process at its first byte.
        os.posix_fallocate(self._file, self._end, _WINDOW)
        pages = os.open(self._path, os.O_RDWR)
        try:
            window = mmap.mmap(pages, _WINDOW, offset=self._end)
        finally:
            os.close(pages)
        self._end += _WINDOW
        return window

    def began(self, chunk: int, position: int, *, at_once: bool) -> None:
        """This recipient's mail is about to be written; `at_once` waits for the disk."""
        if self._at > _WINDOW - _ROOM_FOR_ANSWERS:
            self._window, self._at = self._further(), 0
        self._note(_BEGAN, chunk, position, _NO_OUTCOME)
        if at_once:
            self.sync()

    def done(self, chunk: int, position: int, outcome: int) -> None:
        """The answer came."""
        self._note(_DONE, chunk, position, outcome)

    def _note(self, kind: int, chunk: int, position: int, outcome: int) -> None:
        if self._at == _WINDOW:
            self._window, self._at = self._further(), 0
        _REST.pack_into(self._window, self._at + 1, chunk, position, outcome)
        self._window[self._at] = kind
        self._at += _RECORD.size
        self._is_dirty = True

    def sync(self) -> None:
        """Have everything on the disk, if anything is not."""
        if self._is_dirty:
            self._is_dirty = False
            # Linux writes pages that were changed through a mapping too (fsync(2), msync(2)).
            os.fdatasync(self._file)

    def close(self, *, remove: bool) -> None:
        """End it; removed once everything in it is in the database."""
        if remove:
            self._path.unlink(missing_ok=True)
        self._window.close()
        os.close(self._file)


Facts = dict[int, dict[int, int]]


def read(path: Path) -> Facts:
    """What a log knows: for each chunk, the outcome of each recipient who was begun, unknown where no answer came."""
    facts: Facts = defaultdict(dict)
    content = path.read_bytes()
    whole = len(content) - len(content) % _RECORD.size
    for kind, chunk, position, outcome in _RECORD.iter_unpack(content[:whole]):
        if kind:
            facts[chunk][position] = outcomes.UNKNOWN if kind == _BEGAN else outcome
    return dict(facts)


def log_of(token: UUID) -> Path | None:
    """The log of that session, where it is on this machine."""
    path = folder() / f"{token.hex}{_ENDING}"
    return path if path.exists() else None


def is_alive(path: Path) -> bool:
    """Whether the process that writes this log runs."""
    with contextlib.suppress(FileNotFoundError):
        file = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
    return False


def of_the_dead() -> Iterator[tuple[UUID, Path]]:
    """Logs whose processes are gone, each locked by us while it is looked at."""
    if not folder().is_dir():
        return
    for path in sorted(folder().glob(f"*{_ENDING}")):
        with contextlib.suppress(FileNotFoundError):
            file = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.exists():
                    yield UUID(path.stem), path
            except BlockingIOError:
                continue
            finally:
                os.close(file)
