"""What belongs to the whole organization, and to no case: sources of figures and laws, and the laws themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases.models import Legislation, Source
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

Kept = Source | Legislation


class StillUsed(Refusal):
    sentence = _("A figure or a law still names this source. Give it another one first.")


def keep(*, record: Kept, organization: Organization, by: User, now: datetime) -> None:
    """Write one that is new, or was changed."""
    is_new = record._state.adding
    record.organization, record.changed_at = organization, now
    if is_new:
        record.entered_at = now
    if isinstance(record, Source):
        record.look_anew()
    with transaction.atomic():
        record.save()
        _note(record, "add" if is_new else "change", by=by, now=now)


def remove(*, record: Kept, by: User, now: datetime) -> None:
    """Take one out. Raises `StillUsed` for a source that a figure or a law names."""
    if isinstance(record, Source) and (record.figures.exists() or record.laws.exists()):
        raise StillUsed
    with transaction.atomic():
        _note(record, "remove", by=by, now=now)
        record.delete()


def _note(record: Kept, deed: str, *, by: User, now: datetime) -> None:
    what = "source" if isinstance(record, Source) else "law"
    audit.record(verb=f"{deed}_{what}", subject=record, by=by, organization=record.organization, now=now)
    transaction.on_commit(note_publication)
