"""Take an import back: every record that it brought, as long as nothing of it was changed or built upon since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.deletion import Collector
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases import register
from amparo.cases.models import CaseImport, ImportedRecord, Person
from amparo.kit.claims import transition
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User

State = CaseImport.State


class NotBroughtIn(Refusal):
    sentence = _("This file was not brought in, or was taken back already.")


class ChangedSince(Refusal):
    sentence = _(
        "Something that came with this file was changed since, or something else was added to it. Take back what you do"
        " not want on the cases themselves."
    )


def undo(*, run: CaseImport, by: User | None, now: datetime) -> int:
    """Remove what the import brought; how many records. Raises `NotBroughtIn` and `ChangedSince`."""
    with transaction.atomic():
        done = CaseImport.objects.for_organization(run.organization).filter(
            pk=run.pk, state__in=CaseImport.UNDOABLE
        )
        if not transition(done, values={"state": State.UNDONE, "changed_at": now}):
            raise NotBroughtIn
        ours = ImportedRecord.objects.filter(run=run)
        ids = set(ours.values_list("record_id", flat=True))
        found = _unchanged(run, ids)
        # A case holds on to its person: first everything else goes, then the people.
        for rows in ([each for each in found if not isinstance(each, Person)], found):
            _remove([each for each in rows if each.pk is not None], ids)
        ours.delete()
        audit.record(
            verb="undo_cases_import",
            subject=run,
            by=by,
            organization=run.organization,
            now=now,
            details={"records": len(ids)},
        )
    run.state = State.UNDONE
    return len(ids)


def _unchanged(run: CaseImport, ids: set[UUID]) -> list[Any]:
    """Every record that came with it, as it came. Raises `ChangedSince`."""
    found: list[Any] = []
    for kind in register.KINDS.values():
        rows = kind.model._default_manager.filter(organization=run.organization_id, pk__in=ids)
        found += list(rows.select_for_update())
    if {record.pk for record in found} != ids or any(record.changed_at != run.changed_at for record in found):
        raise ChangedSince
    for model in apps.get_app_config("cases").get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if model is not ImportedRecord and {"record_type", "record_id"} <= names:
            about_them = model._default_manager.filter(record_id__in=ids).exclude(pk__in=ids)
            if about_them.exists():
                raise ChangedSince
    return found


def _remove(rows: list[Any], ids: set[UUID]) -> None:
    """Delete rows, unless that would take along or change one that is not ours. Raises `ChangedSince`."""
    collector = Collector(using="default")
    try:
        for model in {type(row) for row in rows}:
            collector.collect([row for row in rows if type(row) is model])
    except ProtectedError:
        raise ChangedSince from None
    touched: list[Any] = [row for some in collector.data.values() for row in some]
    touched += [row for some in collector.fast_deletes for row in some]
    # What would lose its reference; in lists, and in questions not asked yet.
    updates: Any = collector.field_updates
    touched += [row for groups in updates.values() for some in groups for row in some]
    if any(row.pk not in ids for row in touched):
        raise ChangedSince
    collector.delete()
