"""Help on the worst day: what leaked, about how many people, and what the law asks for within 72 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from amparo.accounts.models import AuditEntry
from amparo.kit.personal_data import Declaration, Kind, Who, declarations, recipients
from amparo.kit.refusal import Refusal
from amparo.supporters.models import ExportRequest, Supporter
from amparo.supporters.records import KINDS, Record, about, group_of, sealed_columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.organizations.models import Organization

#: GDPR Art. 33(1): to the supervisory authority, "not later than 72 hours after having become aware of it".
CLOCK = timedelta(hours=72)


class What(StrEnum):
    """What got out."""

    TABLE = "table"
    EXPORT = "export"
    BACKUP = "backup"
    MAILBOX = "mailbox"


class NoSuchTable(Refusal):
    sentence = _("There is no table called “%(table)s” with anything about people; there are: %(known)s.")


@dataclass(frozen=True, slots=True)
class Leak:
    """What is known so far: what got out, between which moments, and when it was noticed."""

    what: What
    since: datetime
    until: datetime
    noticed_at: datetime
    table: str = ""
    #: Whether the key file may be in the same hands.
    with_key: bool = False


def make(*, organization: Organization, leak: Leak, now: datetime) -> Record:
    """Everything that a notification has to say, as far as the program knows it. Raises `NoSuchTable`."""
    tables = _tables(leak)
    exports = _exports(organization, leak)
    people = _people(organization, leak, tables=tables, exports=exports)
    readable = leak.with_key or leak.what in {What.EXPORT, What.MAILBOX}
    return Record(
        "breach",
        about(organization, now=now)
        | {
            "what": str(leak.what),
            "since": leak.since.isoformat(),
            "until": leak.until.isoformat(),
            "noticed_at": leak.noticed_at.isoformat(),
            "notify_until": (leak.noticed_at + CLOCK).isoformat(),
            "hours_left": max(int((leak.noticed_at + CLOCK - now).total_seconds() // 3600), 0),
            "people": people,
            "readable": readable,
            "tables": [group_of(each) | {"in_the_clear": _clear(each, readable=readable)} for each in tables],
            "kinds": _kinds(tables, readable=readable),
            "exports": exports,
            "deeds": _deeds(organization, leak),
            "lists_of_recipients": list(recipients),
        },
    )


def tables_about_people() -> list[str]:
    """What `Leak.table` may name."""
    return [declaration.label for declaration in declarations(Who.SUPPORTER, Who.STAFF)]


def _tables(leak: Leak) -> list[Declaration]:
    everything = declarations(Who.SUPPORTER, Who.STAFF)
    about_people = [each for each in everything if each.kinds]
    if leak.what is What.BACKUP:
        return about_people
    if leak.what is What.TABLE:
        chosen = [each for each in everything if each.label.lower() == leak.table.lower()]
        if not chosen:
            raise NoSuchTable(table=leak.table, known=", ".join(tables_about_people()))
        return chosen
    names = {What.EXPORT: {"supporters.Supporter"}, What.MAILBOX: {"actions.Message", "mailings.Notice"}}
    return [each for each in about_people if each.label in names[leak.what]]


def _clear(declaration: Declaration, *, readable: bool) -> list[str]:
    """Columns with something personal that can be read by whoever has it."""
    sealed = set() if readable else set(sealed_columns(declaration))
    personal = set(declaration.kinds)
    return [use.name for use in declaration.uses if use.kind in personal and use.name not in sealed]


def _kinds(tables: Sequence[Declaration], *, readable: bool) -> list[str]:
    """The kinds of data that can be read, in words."""
    found = {
        declaration.use(name).kind
        for declaration in tables
        for name in _clear(declaration, readable=readable)
    }
    return [KINDS[kind] for kind in Kind if kind in found]


def _people(
    organization: Organization,
    leak: Leak,
    *,
    tables: Sequence[Declaration],
    exports: Sequence[dict[str, Any]],
) -> int:
    """How many people it may concern, at the most."""
    if leak.what is What.EXPORT:
        return sum(export["rows"] for export in exports)
    known = Supporter.objects.for_organization(organization).filter(
        Q(anonymized_at__isnull=True) | Q(anonymized_at__gt=leak.since), created_at__lte=leak.until
    )
    paths = [each.path for each in tables if each.about is Who.SUPPORTER and each.path]
    if leak.what is What.TABLE and paths and paths != ["pk"]:
        (path,) = paths
        rows = tables[0].model._base_manager.filter(**{f"{path}__organization": organization})
        return rows.values(path).distinct().count()
    if leak.what is What.MAILBOX:
        written = [each for each in tables if each.label == "actions.Message"]
        sent = [
            each.model._base_manager.filter(
                organization=organization, sent_at__gte=leak.since, sent_at__lte=leak.until
            )
            for each in written
        ]
        return sum(rows.values("action__supporter").distinct().count() for rows in sent)
    return known.count()


def _exports(organization: Organization, leak: Leak) -> list[dict[str, Any]]:
    """The lists that staff took out in that time, the oldest first."""
    made = ExportRequest.objects.for_organization(organization).filter(
        made_at__gte=leak.since, made_at__lte=leak.until
    )
    return [
        {
            "id": str(export.pk),
            "made_at": export.made_at.isoformat() if export.made_at else "",
            "asked_by": export.asked_by_id,
            "approved_by": export.approved_by_id,
            "rows": export.written,
            "columns": export.columns,
            "downloads": export.downloads,
        }
        for export in made.order_by("made_at")
    ]


#: Deeds by which somebody sees what is personal.
_SEEING = (
    "read_letter",
    "read_bundle",
    "view_supporter",
    "look_up_supporter",
    "list_supporters",
    "export_person",
    "ask_export",
    "approve_export",
    "download_export",
)


def _deeds(organization: Organization, leak: Leak) -> list[dict[str, Any]]:
    """Who looked at or took out something in that time, by number and verb."""
    seen = AuditEntry.objects.for_organization(organization).filter(
        verb__in=_SEEING, recorded_at__gte=leak.since, recorded_at__lte=leak.until
    )
    counted = seen.order_by().values("actor", "verb").annotate(count=Count("pk"))
    return sorted(map(dict, counted), key=lambda row: (row["actor"] or 0, row["verb"]))
