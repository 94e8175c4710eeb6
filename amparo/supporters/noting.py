"""Notes about a supporter: write one, remove one. The supporter can ask to read them, and the screen says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.refusal import Refusal
from amparo.supporters.models import Note, Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User

#: As many characters as `Note.text` holds.
LONGEST = 4000


class EmptyNote(Refusal):
    sentence = _("Write the note first.")


class NoteTooLong(Refusal):
    sentence = _("A note has at most 4,000 characters. Please shorten it, or write two.")


@transaction.atomic
def write(*, supporter: Supporter, text: str, by: User | None, now: datetime) -> Note:
    """A note about somebody. Raises `EmptyNote` and `NoteTooLong`."""
    words = text.strip()
    if not words:
        raise EmptyNote
    if len(words) > LONGEST:
        raise NoteTooLong
    note = Note.objects.create(
        organization=supporter.organization,
        supporter_id=supporter.person_id,
        text=words,
        written_by=by,
        written_at=now,
    )
    _record("write_note", note, by=by, now=now)
    return note


@transaction.atomic
def remove(*, note: Note, by: User, now: datetime) -> None:
    """Take a note away for good; the trail says that there was one, not what it said."""
    _record("remove_note", note, by=by, now=now)
    note.delete()


def _record(verb: str, note: Note, *, by: User | None, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=Supporter(pk=note.supporter_id),
        by=by,
        organization=note.organization,
        now=now,
        details={"note": str(note.pk)},
    )
