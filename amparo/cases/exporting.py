"""Cases as files: CSV (a file for each kind of record, in a ZIP), XLSX and JSON. A workbook can be brought in again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.accounts.models import Role
from amparo.accounts.roles import organizations_of
from amparo.cases import cells, publishing, register
from amparo.cases.importing import layout, referring
from amparo.cases.importing.layout import BELOW, CASE, KEY
from amparo.cases.models import Case
from amparo.kit.refusal import Refusal
from amparo.kit.tables.cells import LONGEST_TITLE
from amparo.kit.tables.writing import write_csv, write_xlsx

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from amparo.accounts.models import User
    from amparo.cases.models.record import Record
    from amparo.cases.register import Kind
    from amparo.organizations.models import Organization


class Form(models.TextChoices):
    """What kind of file."""

    XLSX = "xlsx", _("Workbook (XLSX): can be brought in again")
    CSV = "csv", _("CSV: a file for each kind of record, in a ZIP")
    JSON = "json", _("JSON, for programs")


#: What a browser is told of each, and how the file ends.
TYPES = {
    Form.XLSX: ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    Form.CSV: ("application/zip", "zip"),
    Form.JSON: ("application/json", "json"),
}
#: Says which columns and values a program may expect; it grows when one of them goes or changes its meaning.
FORMAT = "amparo-cases/1"


class MayNotRead(Refusal):
    sentence = _("Restricted columns are read by approvers alone.")


class NothingToExport(Refusal):
    sentence = _("There is no case to export.")


def export(
    *,
    cases: QuerySet[Case],
    organization: Organization,
    form: Form,
    restricted: bool,
    by: User,
    now: datetime,
) -> bytes:
    """These cases of one organization as a file; the trail says who took it.

    Restricted columns are in it only when they were asked for, and only for who may read them. Raises `MayNotRead`
    and `NothingToExport`.
    """
    if restricted and organization not in organizations_of(by, at_least=Role.APPROVER):
        raise MayNotRead
    chosen = list(cases.filter(organization=organization).order_by("reference"))
    if not chosen:
        raise NothingToExport
    records = _Records(chosen, restricted=restricted)
    audit.record(
        verb="export_cases",
        subject=chosen[0] if len(chosen) == 1 else organization,
        by=by,
        organization=organization,
        now=now,
        details={"cases": len(chosen), "form": form.value, "restricted": restricted},
    )
    if form == Form.JSON:
        return _as_json(records, now=now)
    return _as_workbook(records) if form == Form.XLSX else _as_zip(records, now=now)


class _Records:
    """Every record of some cases, kind by kind."""

    def __init__(self, cases: Sequence[Case], *, restricted: bool) -> None:
        self.cases = cases
        self.restricted = restricted
        self._references = {case.pk: case.reference for case in cases}

    @property
    def kinds(self) -> list[Kind]:
        """Those whose rows can stand without restricted columns, or with them, where they were asked for."""
        return [kind for kind in layout.kinds() if all(self._may_stand(kind, name) for name in _names(kind))]

    def _may_stand(self, kind: Kind, column: str) -> bool:
        field = layout.field_of(kind, column)
        return self.restricted or not kind.column(column).restricted or field.null or field.blank

    def columns(self, kind: Kind) -> list[str]:
        """Its headings, without what must not be read."""
        return [
            name
            for name in layout.columns(kind)
            if name in {CASE, KEY, BELOW} or self.restricted or not kind.column(name).restricted
        ]

    def of(self, kind: Kind) -> Iterable[tuple[str, Any]]:
        """Each record with the reference of its case."""
        rows = kind.model._default_manager.filter(organization=self.cases[0].organization_id)
        way = kind.to_case or "pk"
        mine = rows.filter(**{f"{way}__in": list(self._references)}).annotate(case_of_row=F(way))
        if kind.parent:
            mine = mine.select_related(kind.parent)
        return [
            (self._references[record.case_of_row], record)
            for record in mine
            # A source that stays unnamed, and what is cited from it, are for approvers as restricted columns are.
            if record.case_of_row in self._references
            and (self.restricted or not publishing.is_confidential(record))
        ]

    def row(self, kind: Kind, reference: str, record: Any) -> list[str]:
        """The cells of one record."""
        frame = {CASE: reference, KEY: str(record.pk)}
        if BELOW in layout.columns(kind):
            frame[BELOW] = str(getattr(record, f"{kind.parent}_id"))
        return [frame[name] if name in frame else _cell(record, name) for name in self.columns(kind)]


def _names(kind: Kind) -> list[str]:
    return [column.name for column in kind.columns]


def _cell(record: Record, column: str) -> str:
    if record._meta.get_field(column).is_relation or column == "record_id":
        return referring.said_of_reference(record, column)
    return cells.written(record, column)


def _table(records: _Records, kind: Kind) -> list[list[str]]:
    rows = [records.row(kind, reference, record) for reference, record in records.of(kind)]
    # Everything of one case stays together, in the order of its kind.
    rows.sort(key=lambda row: row[0])
    return [records.columns(kind), *rows]


def _as_workbook(records: _Records) -> bytes:
    into = io.BytesIO()
    titles = {kind.name: str(kind.plural)[:LONGEST_TITLE] for kind in records.kinds}
    write_xlsx({titles[kind.name]: _table(records, kind) for kind in records.kinds}, into=into)
    return into.getvalue()


def _as_zip(records: _Records, *, now: datetime) -> bytes:
    into = io.BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for kind in records.kinds:
            lines = io.BytesIO()
            write_csv(_table(records, kind), into=lines, byte_order_mark=True)
            entry = ZipInfo(f"{kind.name}.csv", date_time=now.timetuple()[:6])
            archive.writestr(entry, lines.getvalue(), compress_type=ZIP_DEFLATED)
    return into.getvalue()


def _as_json(records: _Records, *, now: datetime) -> bytes:
    by_case: dict[str, dict[str, Any]] = {case.reference: {} for case in records.cases}
    for kind in records.kinds:
        for reference, record in records.of(kind):
            told = _told(records, kind, record)
            if layout.is_root(kind):
                by_case[reference][kind.name] = told
            else:
                by_case[reference].setdefault(kind.name, []).append(told)
    told = {"format": FORMAT, "exported_at": now, "cases": list(by_case.values())}
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def _told(records: _Records, kind: Kind, record: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(record.pk)}
    if BELOW in layout.columns(kind):
        told[BELOW] = str(getattr(record, f"{kind.parent}_id"))
    for name in records.columns(kind):
        if name not in {CASE, KEY, BELOW}:
            field = register.KINDS[kind.name].model._meta.get_field(name)
            refers = field.is_relation or name == "record_id"
            told[name] = referring.said_of_reference(record, name) if refers else getattr(record, name)
    return told
