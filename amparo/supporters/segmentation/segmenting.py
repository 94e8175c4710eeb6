"""Keep, change, rename, copy and remove segments; what is asked is checked again each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.addresses import one_line
from amparo.kit.refusal import Refusal
from amparo.supporters import questions
from amparo.supporters.models import Segment

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

#: As many characters as `Segment.name` holds.
LONGEST_NAME = 120


class NameMissing(Refusal):
    sentence = _("Give the segment a name.")


class NameTaken(Refusal):
    sentence = _("There is a segment of this name already.")


class SegmentInUse(Refusal):
    sentence = _("This segment is in use, so it cannot be deleted. Delete what uses it first, or rename it.")


def keep(
    *, organization: Organization, name: str, question: object, by: User | None, now: datetime
) -> Segment:
    """A new segment. Raises `NameMissing`, `NameTaken` and `questions.NotAQuestion`."""
    segment = Segment(
        organization=organization,
        name=_as_name(name),
        question=questions.plain(questions.read(question, organization=organization)),
        created_at=now,
        changed_at=now,
    )
    _save(segment, "keep_segment", by=by, now=now)
    return segment


def change(*, segment: Segment, name: str, question: object, by: User, now: datetime) -> None:
    """Another name and another question. Raises as `keep` does."""
    segment.name = _as_name(name)
    segment.question = questions.plain(questions.read(question, organization=segment.organization))
    segment.changed_at = now
    _save(segment, "change_segment", by=by, now=now)


def rename(*, segment: Segment, name: str, by: User, now: datetime) -> None:
    """Another name for the same question. Raises `NameMissing` and `NameTaken`."""
    segment.name, segment.changed_at = _as_name(name), now
    _save(segment, "rename_segment", by=by, now=now)


def copy(*, segment: Segment, name: str, by: User, now: datetime) -> Segment:
    """The same question under another name, to be changed. Raises as `keep` does."""
    return keep(organization=segment.organization, name=name, question=segment.question, by=by, now=now)


def remove(*, segment: Segment, by: User, now: datetime) -> None:
    """Forget a segment. Raises `SegmentInUse` while a row of anything else points to it."""
    with transaction.atomic():
        audit.record(
            verb="remove_segment", subject=segment, by=by, organization=segment.organization, now=now
        )
        try:
            segment.delete()
        except (ProtectedError, RestrictedError):
            raise SegmentInUse from None


def _save(segment: Segment, verb: str, *, by: User | None, now: datetime) -> None:
    """The row and its entry on the trail, which holds no word of the question: it may name an answer somebody gave."""
    fields = None if segment._state.adding else ["name", "question", "changed_at"]
    try:
        with transaction.atomic():
            segment.save(update_fields=fields)
            audit.record(verb=verb, subject=segment, by=by, organization=segment.organization, now=now)
    except IntegrityError:
        raise NameTaken from None


def _as_name(name: str) -> str:
    found = one_line(name, LONGEST_NAME)
    if not found:
        raise NameMissing
    return found
