"""Tags: make, rename and remove them, put them on people one by one or many at once, and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import DateTimeField, UUIDField, Value
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.addresses import one_line
from amparo.kit.claims import transition
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.supporters.models import BulkChange, Supporter, Tag, Tagging

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization
    from amparo.supporters.models import SupporterQuerySet

#: As many characters as `Tag.name` holds.
LONGEST_NAME = 80


class TagWithoutAName(Refusal):
    sentence = _("Give the tag a name.")


class TagNameTaken(Refusal):
    sentence = _("There is a tag of that name already.")


class UndoneAlready(Refusal):
    sentence = _("This was undone already.")


class TooLateToUndo(Refusal):
    sentence = _("This can be undone for 30 days, which are over. Remove the tag instead.")


# --- Tags themselves ------------------------------------------------------------------------------


@transaction.atomic
def make_tag(*, organization: Organization, name: str, by: User | None, now: datetime) -> Tag:
    """A new tag. Raises `TagNameTaken` and `TagWithoutAName`."""
    tag = Tag(organization=organization, name=_as_name(name), created_at=now)
    _save(tag, force_insert=True)
    audit.record(verb="make_tag", subject=tag, by=by, organization=organization, now=now)
    return tag


@transaction.atomic
def rename_tag(*, tag: Tag, name: str, by: User, now: datetime) -> None:
    """Another name for the same tag, on everybody who has it. Raises `TagNameTaken` and `TagWithoutAName`."""
    tag.name = _as_name(name)
    _save(tag)
    audit.record(verb="rename_tag", subject=tag, by=by, organization=tag.organization, now=now)


@transaction.atomic
def remove_tag(*, tag: Tag, by: User, now: datetime) -> int:
    """Take the tag off everybody and forget it; how many people had it."""
    details = {"supporters": tag.taggings.count()}
    audit.record(
        verb="remove_tag", subject=tag, by=by, organization=tag.organization, now=now, details=details
    )
    tag.delete()
    return details["supporters"]


# --- On one person --------------------------------------------------------------------------------


def tag_supporter(*, supporter: Supporter, tag: Tag, by: User | None, now: datetime) -> bool:
    """Put a tag on somebody; False when they have it already. Raises `Tag.DoesNotExist` for another organization's."""
    _refuse_foreign(tag, supporter)
    with transaction.atomic():
        fresh = insert_if_new(Tagging(tag=tag, supporter_id=supporter.person_id, tagged_at=now))
        if fresh:
            _note("tag_supporter", supporter, tag, by=by, now=now)
    return fresh


def untag_supporter(*, supporter: Supporter, tag: Tag, by: User | None, now: datetime) -> bool:
    """Take a tag off somebody; False when they do not have it."""
    _refuse_foreign(tag, supporter)
    with transaction.atomic():
        gone, _by_model = Tagging.objects.filter(tag=tag, supporter=supporter.person_id).delete()
        if gone:
            _note("untag_supporter", supporter, tag, by=by, now=now)
    return bool(gone)


# --- On many --------------------------------------------------------------------------------------


@transaction.atomic
def tag_many(
    *,
    supporters: SupporterQuerySet,
    tag: Tag,
    chosen: dict[str, Any],
    by: User | None,
    now: datetime,
) -> BulkChange:
    """Put a tag on all of `supporters` in one statement; the change says how many were meant, and how many are new.

    Only people of the tag's organization are touched. `chosen` says in codes how they were chosen.
    """
    people = supporters.filter(organization=tag.organization_id).order_by()
    change = BulkChange.objects.create(
        organization=tag.organization, tag=tag, chosen=chosen, made_by=by, made_at=now
    )
    change.matched = people.count()
    change.tagged = min(_insert_taggings(people, tag=tag, change=change, now=now), change.matched)
    change.save(update_fields=["matched", "tagged"])
    audit.record(
        verb="tag_many",
        subject=change,
        by=by,
        organization=tag.organization,
        now=now,
        details={"tag": str(tag.pk), "matched": change.matched, "tagged": change.tagged},
    )
    return change


@transaction.atomic
def undo(*, change: BulkChange, by: User, now: datetime) -> int:
    """Take the tag off those who got it by this change and have it from it still; how many.

    Whoever had the tag before keeps it, and so does whoever lost it since and was given it again by hand. Raises
    `UndoneAlready` and `TooLateToUndo`.
    """
    row = BulkChange.objects.filter(pk=change.pk)
    if not transition(
        row.filter(undone_at__isnull=True, made_at__gt=now - BulkChange.UNDONE_WITHIN),
        values={"undone_at": now},
    ):
        raise UndoneAlready if row.filter(undone_at__isnull=False).exists() else TooLateToUndo
    gone, _by_model = Tagging.objects.filter(change=change).delete()
    audit.record(
        verb="undo_tag_many",
        subject=change,
        by=by,
        organization=change.organization,
        now=now,
        details={"supporters": gone},
    )
    return gone


def _insert_taggings(people: SupporterQuerySet, *, tag: Tag, change: BulkChange, now: datetime) -> int:
    """INSERT … SELECT, which Django's queries do not have: no id of a supporter passes through this process."""
    chosen = people.annotate(
        _tag=Value(tag.pk, output_field=UUIDField()),
        _at=Value(now, output_field=DateTimeField()),
        _change=Value(change.pk, output_field=UUIDField()),
    ).values_list("_tag", "pk", "_at", "_change")
    try:
        question, values = chosen.query.sql_with_params()
    except EmptyResultSet:
        return 0
    # SQLite cannot tell ON CONFLICT from a join's ON without the WHERE.
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Tagging._meta.db_table} (tag_id, supporter_id, tagged_at, change_id)"  # noqa: S608 - our own names
            f" SELECT * FROM ({question}) chosen WHERE true ON CONFLICT DO NOTHING",
            values,
        )
        return int(cursor.rowcount)


def _as_name(name: str) -> str:
    found = one_line(name, LONGEST_NAME)
    if not found:
        raise TagWithoutAName
    return found


def _save(tag: Tag, **how: bool) -> None:
    try:
        with transaction.atomic():
            tag.save(**how)  # type: ignore[arg-type]
    except IntegrityError:
        raise TagNameTaken from None


def _refuse_foreign(tag: Tag, supporter: Supporter) -> None:
    if tag.organization_id != supporter.organization_id:
        raise Tag.DoesNotExist("this tag is another organization's")


def _note(verb: str, supporter: Supporter, tag: Tag, *, by: User | None, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=Supporter(pk=supporter.person_id),
        by=by,
        organization=supporter.organization,
        now=now,
        details={"tag": str(tag.pk)},
    )
