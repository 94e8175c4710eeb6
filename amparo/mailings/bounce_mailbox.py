"""The mailbox into which the mail server puts what came back: a Maildir or an mbox file.

A mail is removed only after it was dealt with and that was committed. What nobody recognises is put aside, into a
folder `unmatched` (Maildir) or a file beside the mailbox (mbox), and what has to wait stays.
"""

from __future__ import annotations

import mailbox
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Box = mailbox.Mailbox[Any]

UNMATCHED = "unmatched"


class Outcome(Enum):
    """What became of one mail: dealt with, nothing to do, not ours, or to be looked at again later."""

    BOUNCED = "bounced"
    IGNORED = "ignored"
    UNMATCHED = "unmatched"
    LATER = "later"


def waiting(path: Path) -> int:
    """How many mails lie in the mailbox; none when there is no mailbox yet."""
    if path.is_dir():
        return len(_files(path))
    if not path.is_file() or not path.stat().st_size:
        return 0
    box = mailbox.mbox(path, create=False)
    try:
        return len(box)
    finally:
        box.close()


def oldest(path: Path) -> datetime | None:
    """Since when the oldest mail has lain there; of an mbox, when the last one came."""
    files = _files(path) if path.is_dir() else [path] if waiting(path) else []
    times = [file.stat().st_mtime for file in files]
    return datetime.fromtimestamp(min(times), tz=UTC) if times else None


def go_through(path: Path, deal_with: Callable[[bytes], Outcome], *, limit: int) -> list[Outcome]:
    """Hand up to `limit` mails to `deal_with`, which commits before it returns; what became of each, in order.

    The mailbox is locked meanwhile, so that neither another worker nor the mail server's writing comes in between. When
    it is locked already, there is nothing to do now.
    """
    outcomes: list[Outcome] = []
    with _locked(path) as box:
        if box is None:
            return outcomes
        for key in list(box.iterkeys())[:limit]:
            try:
                raw = box.get_bytes(key)
            except (KeyError, FileNotFoundError):
                # Another worker took it out of the Maildir, which cannot be locked.
                continue
            outcome = deal_with(raw)
            outcomes.append(outcome)
            if outcome is Outcome.UNMATCHED:
                _put_aside(path, box, raw)
            if outcome is not Outcome.LATER:
                box.discard(key)
    return outcomes


@contextmanager
def _locked(path: Path) -> Iterator[Box | None]:
    if not waiting(path):
        yield None
        return
    box: Box = mailbox.Maildir(path, create=False) if path.is_dir() else mailbox.mbox(path, create=False)
    try:
        box.lock()
    except mailbox.ExternalClashError:
        box.close()
        yield None
        return
    try:
        yield box
    finally:
        # An mbox is written anew only here. A worker that dies before leaves mails that were dealt with, and dealing
        # with one again changes nothing.
        box.flush()
        box.unlock()
        box.close()


def _put_aside(path: Path, box: Box, raw: bytes) -> None:
    if isinstance(box, mailbox.Maildir):
        box.add_folder(UNMATCHED).add(raw)
        return
    aside = mailbox.mbox(path.with_name(f"{path.name}.{UNMATCHED}"), create=True)
    aside.lock()
    try:
        aside.add(raw)
        aside.flush()
    finally:
        aside.unlock()
        aside.close()


def _files(path: Path) -> list[Path]:
    return [file for name in ("new", "cur") if (path / name).is_dir() for file in (path / name).iterdir()]
