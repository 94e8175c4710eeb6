"""The chain over the audit trail: nobody without the key file alters, removes or adds an entry unnoticed (S16).

Every entry carries a keyed mark of all it says, written with it in one statement: that is what an entry lacks that was
added or altered by another hand. A chain over the marks is made afterwards, in the background, over whatever is not
sealed yet, in the order of the entries' numbers: nobody waits for it, and two entries that commit out of turn do not
matter. Each link covers its entry and the link before, so that one taken away shows. How far the chain reached stands,
with its last link, in a file beside the database as well: a chain cut off at its end is shorter than that.

What is not noticed: entries removed within the minute before they are sealed, and anything done by somebody who has the
key file too.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from amparo.accounts.audit import mark_of, text_of
from amparo.accounts.models import AuditEntry, AuditSeal
from amparo.kit import sealing

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

FILE_NAME = "audit.head"
BATCH = 500
_PURPOSE = "audit chain"
#: Before the first link.
_START = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the trail is not what was written: in a sentence, with the entry's number where there is one."""

    says: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What looking at the whole trail found."""

    sealed: int
    waiting: int
    breaks: list[Break]


def unsealed() -> QuerySet[AuditEntry]:
    """Entries that no link covers yet, in the order of their numbers."""
    link = AuditSeal.objects.filter(entry_id=OuterRef("pk"))
    return AuditEntry.objects.filter(~Exists(link)).order_by("pk")


def seal_waiting(*, now: datetime) -> int:
    """Add links for up to `BATCH` entries; how many. Nothing when another worker added the same places first."""
    waiting = list(unsealed()[:BATCH])
    if not waiting:
        return 0
    position, mac = _last_link()
    links = []
    for entry in waiting:
        position, mac = position + 1, _mac(mac, position + 1, entry)
        links.append(AuditSeal(position=position, entry_id=entry.pk, mac=mac, sealed_at=now))
    try:
        with transaction.atomic():
            AuditSeal.objects.bulk_create(links)
    except IntegrityError:
        return 0
    _note_head(position, mac)
    return len(links)


def verify() -> Verdict:
    """Look at every link and every entry; the database is only read."""
    breaks = []
    position, mac = 0, _START
    for link, entry in _links():
        position += 1
        if link.position != position:
            breaks.append(Break(f"Links {position} to {link.position - 1} of the chain are gone."))
            position = link.position
        if entry is None:
            breaks.append(Break("An entry that was sealed is gone.", str(link.entry_id)))
        elif entry.mark is not None and not hmac.compare_digest(mark_of(entry), entry.mark):
            breaks.append(Break("An entry was altered.", str(entry.pk)))
        elif not hmac.compare_digest(_mac(mac, position, entry), link.mac):
            breaks.append(Break("An entry does not continue the chain before it.", str(entry.pk)))
        mac = link.mac
    breaks += _unmarked() + _foreign_among_waiting() + _cut_off(position)
    return Verdict(sealed=AuditSeal.objects.count(), waiting=unsealed().count(), breaks=breaks)


def accept_head() -> None:
    """Believe the database's chain again, as after restoring a backup: the file says from now on what it says."""
    head().unlink(missing_ok=True)
    position, mac = _last_link()
    if position:
        _note_head(position, mac)


def head() -> Path:
    """The file beside the database that says how far the chain reached."""
    return Path(settings.AMPARO_VAR) / FILE_NAME


def _mac(before: bytes, position: int, entry: AuditEntry) -> bytes:
    """The link: over the one before, the place, all that the entry says, and its mark."""
    mark = entry.mark.hex() if entry.mark else ""
    said = f"{before.hex()}|{position}|{mark}|{text_of(entry)}"
    return sealing.installation_fingerprint(said, purpose=_PURPOSE)


def _last_link() -> tuple[int, bytes]:
    last = AuditSeal.objects.order_by("-position").first()
    return (last.position, last.mac) if last else (0, _START)


def _links() -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    """Each link with its entry, a batch at a time."""
    after = 0
    while batch := list(AuditSeal.objects.filter(position__gt=after).order_by("position")[:BATCH]):
        entries = AuditEntry.objects.in_bulk([link.entry_id for link in batch])
        for link in batch:
            yield link, entries.get(link.entry_id)
        after = batch[-1].position


def _unmarked() -> list[Break]:
    """Entries without a mark, from the day on which marks began: before it none had one."""
    first = AuditEntry.objects.filter(mark__isnull=False).order_by("pk").first()
    if first is None:
        return []
    later = AuditEntry.objects.filter(mark__isnull=True, pk__gt=first.pk)
    return [Break("An entry was added by another hand.", str(entry.pk)) for entry in later.iterator()]


def _foreign_among_waiting() -> list[Break]:
    """Entries that wait for their link and do not carry our mark."""
    return [
        Break("An entry was altered.", str(entry.pk))
        for entry in unsealed().filter(mark__isnull=False).iterator()
        if not hmac.compare_digest(mark_of(entry), entry.mark or b"")
    ]


def _cut_off(position: int) -> list[Break]:
    """Whether the chain once reached further than it does, or went another way."""
    noted = _noted()
    if noted is None or _leads_through(noted):
        return []
    if noted[0] > position:
        says = f"The chain ends at {position} and once reached {noted[0]}: its end was removed, or a backup restored."
    else:
        says = f"The chain was made anew before its link {noted[0]}."
    return [Break(says)]


def _noted() -> tuple[int, str] | None:
    """How far the chain reached, by the file."""
    try:
        noted = json.loads(head().read_text(encoding="ascii"))
        return int(noted["position"]), str(noted["mac"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _leads_through(noted: tuple[int, str]) -> bool:
    """Whether the database's chain has the link that the file names."""
    link = AuditSeal.objects.filter(position=noted[0]).first()
    return link is not None and link.mac.hex() == noted[1]


def _note_head(position: int, mac: bytes) -> None:
    """Write aside and rename, so that the file is whole at every moment.

    Never back to an earlier place, and never over the trace of a chain that is not this one: looking and writing are
    one step, whichever process or thread gets there first.
    """
    path = head()
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        noted = _noted()
        if noted is not None and (noted[0] >= position or not _leads_through(noted)):
            return
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump({"position": position, "mac": mac.hex()}, file)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
