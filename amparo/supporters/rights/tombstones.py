"""Erasures outlive the database: a file beside it says who was erased, so that an older backup brings nobody back.

Each line names an organization, a supporter by number, the keyed marks of their addresses and the moment; nobody
without the key file can learn from it who that was. It is on the disk when the erasure is done. `erasure.replay` erases
again whoever stands in the file and not in the database's own list (`Tombstone`), which is how a restored database
looks; and it adds to the file what only the database knows, as on a second machine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from amparo.supporters.models import Tombstone

FILE_NAME = "erasures.log"


@dataclass(frozen=True, slots=True)
class Line:
    """One erased record."""

    organization: str
    supporter: str
    marks: tuple[str, ...]
    origin: str
    at: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def journal() -> Path:
    """Where the file lies: in the state directory, which a restore of the database leaves alone."""
    return Path(settings.AMPARO_VAR) / FILE_NAME


def line_of(tombstone: Tombstone) -> Line:
    return Line(
        organization=str(tombstone.organization_id),
        supporter=str(tombstone.supporter_id),
        marks=tuple(tombstone.marks),
        origin=tombstone.origin,
        at=tombstone.erased_at.isoformat(),
    )


def write(lines: Iterable[Line]) -> None:
    """Append to the file; on the disk when this returns."""
    text = "".join(json.dumps(asdict(line), separators=(",", ":")) + "\n" for line in lines)
    if not text:
        return
    path = journal()
    fresh = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # A line that a power cut tore is left behind, and does not spoil the next.
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            text = "\n" + text
        os.write(descriptor, text.encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if fresh:
        _sync_directory(path.parent)


def read() -> Iterator[Line]:
    """Every whole line of the file; none without a file."""
    try:
        text = journal().read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return
    for row in text.splitlines():
        line = _parsed(row)
        if line is not None:
            yield line


def missing_from_database() -> list[Line]:
    """Erasures that the database does not know of: it is older than they are."""
    known = set(Tombstone.objects.values_list("supporter_id", flat=True))
    first = {line.supporter: line for line in read()}
    return [line for line in first.values() if UUID(line.supporter) not in known]


def missing_from_journal() -> list[Line]:
    """Erasures that only the database knows of: done elsewhere, or just before a power cut."""
    known = {line.supporter for line in read()}
    stones = Tombstone.objects.order_by("erased_at", "pk")
    return [line_of(stone) for stone in stones.iterator() if str(stone.supporter_id) not in known]


def _parsed(row: str) -> Line | None:
    """The line, or None for one that was torn or altered."""
    try:
        found = json.loads(row)
        line = Line(**{**found, "marks": tuple(found["marks"])})
        understood = [
            UUID(line.organization),
            UUID(line.supporter),
            line.moment,
            *map(bytes.fromhex, line.marks),
        ]
    except (ValueError, TypeError, KeyError):
        return None
    return line if understood else None


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
