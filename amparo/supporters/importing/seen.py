"""In which row of a list somebody stands first, for lists of any length: noted on the disk, not in memory.

What is noted are the keyed fingerprints that the database holds too, and numbers of rows. The dry run notes everybody;
the run itself only looks. Noting the same twice changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

#: Marks asked for in one statement.
AT_ONCE = 900


class Seen:
    """Who stood where. `fresh` begins anew."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        if fresh:
            path.unlink(missing_ok=True)
        self._kept = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)
        # It is made again from the file when it is lost, so it need not survive a power cut.
        self._kept.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;"
            "CREATE TABLE IF NOT EXISTS seen (mark BLOB PRIMARY KEY, position INTEGER NOT NULL, row INTEGER NOT NULL)"
            " WITHOUT ROWID;"
        )

    def note(self, marks: Sequence[tuple[bytes, int, int]]) -> None:
        """The first position of each mark stays, with the number of its row."""
        self._kept.execute("BEGIN")
        self._kept.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", marks)
        self._kept.execute("COMMIT")

    def first(self, marks: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
        """Where each of these stands first: its position and the number of its row."""
        found: dict[bytes, tuple[int, int]] = {}
        for at in range(0, len(marks), AT_ONCE):
            some = marks[at : at + AT_ONCE]
            question = f"SELECT mark, position, row FROM seen WHERE mark IN ({','.join('?' * len(some))})"  # noqa: S608
            found.update(
                {mark: (position, row) for mark, position, row in self._kept.execute(question, some)}
            )
        return found

    def close(self) -> None:
        self._kept.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.close()
