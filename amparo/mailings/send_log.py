"""What this process is just sending, on its own disk: begun before a mail's content is written, done after the answer.

Two records of twelve bytes a recipient, and no person in them. They are with the kernel before the content is, so a
process that is killed leaves behind exactly who was begun and not answered: one recipient a connection at most. They
are on the disk within a tenth of a second, which is what a power cut can take. A mailing that holds such recipients
does not wait for that: each begin is on the disk before its content leaves.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
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
_RECORD: Final = struct.Struct(">cQHB")
_BEGAN, _DONE = b"B", b"D"
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
        self._file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        # Under its name only once it is locked: whoever can lock it takes us for dead.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(self._path)
        self._waiting = b""
        self._is_dirty = False

    def began(self, chunk: int, position: int, *, at_once: bool) -> None:
        """This recipient's mail is about to be written; `at_once` waits for the disk."""
        self._append(self._waiting + _RECORD.pack(_BEGAN, chunk, position, _NO_OUTCOME))
        if at_once:
            self.sync()

    def done(self, chunk: int, position: int, outcome: int) -> None:
        """The answer came. It is written with the next begin, or with the next `write`."""
        self._waiting += _RECORD.pack(_DONE, chunk, position, outcome)

    def write(self) -> None:
        """Hand what waits to the kernel."""
        if self._waiting:
            self._append(self._waiting)

    def _append(self, records: bytes) -> None:
        """Hand them to the kernel, all or none: behind half a record, which a full disk leaves, none could be read."""
        written = os.write(self._file, records)
        if written < len(records):
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._waiting, self._is_dirty = b"", True

    def sync(self) -> None:
        """Have everything on the disk, if anything is not."""
        if self._is_dirty:
            self._is_dirty = False
            os.fdatasync(self._file)

    def close(self, *, remove: bool) -> None:
        """End it; removed once everything in it is in the database."""
        self.write()
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._file)


Facts = dict[int, dict[int, int]]


def read(path: Path) -> Facts:
    """What a log knows: for each chunk, the outcome of each recipient who was begun, unknown where no answer came."""
    facts: Facts = defaultdict(dict)
    content = path.read_bytes()
    whole = len(content) - len(content) % _RECORD.size
    for kind, chunk, position, outcome in _RECORD.iter_unpack(content[:whole]):
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
