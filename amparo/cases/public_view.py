"""A case as readers may see it: built from cleared columns, and from nothing else.

Whatever shows a case to the public (page, calendar, feed, file) starts here. A value that was not cleared is not in
what this hands out, so no template can show it by mistake; a record of which nothing is public is not there at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from amparo.cases import chronology, publishing, register
from amparo.cases.models import Case, Condition, CustodySpell

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from amparo.cases.chronology import Span, Standing
    from amparo.cases.models.record import Record

Aftermath = Case.Aftermath


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """One record with its public columns; reading another gives an empty text."""

    pk: UUID
    values: Mapping[str, Any]
    labels: Mapping[str, str]
    parent: UUID | None = None

    def __getitem__(self, column: str) -> Any:
        return self.values.get(column, "")

    def label(self, column: str) -> str:
        """What a code says in the reader's language."""
        return str(self.labels.get(column, ""))


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """What is worked out from public days alone."""

    standing: Standing | None = None
    held: Span = chronology.NO_DAYS
    in_solitary: Span = chronology.NO_DAYS
    age: tuple[int, int] | None = None

    @property
    def is_held(self) -> bool:
        return self.standing in chronology.IN_CUSTODY

    @property
    def solitary_is_prolonged(self) -> bool:
        return chronology.is_prolonged(self.in_solitary)


@dataclass(frozen=True, slots=True)
class PublicCase:
    """Everything that readers may know."""

    names: list[str]
    title: str
    summary: str
    story: str
    state: str
    image: Any
    person: PublicRecord | None
    facts: PublicFacts
    records: Mapping[str, list[PublicRecord]] = field(repr=False)
    aftermath: str = Aftermath.SHOWN

    def of(self, kind: str) -> list[PublicRecord]:
        """The public records of one kind, in the order of their days."""
        return self.records.get(kind, [])

    def below(self, kind: str, parent: PublicRecord) -> list[PublicRecord]:
        """Those that hang below one record."""
        return [record for record in self.of(kind) if record.parent == parent.pk]

    @property
    def is_listed(self) -> bool:
        """Whether lists, feeds and searches may name it."""
        return self.aftermath == Aftermath.SHOWN


class NotPublic(Exception):  # noqa: N818 - named as the fact
    """Of this case nothing is public, or it was removed."""

    def __init__(self, *, was_removed: bool) -> None:
        super().__init__()
        self.was_removed = was_removed


def view(case: Case, *, today: date) -> PublicCase:
    """The case for everybody, on this day. Raises `NotPublic`."""
    if case.aftermath == Aftermath.REMOVED:
        raise NotPublic(was_removed=True)
    cleared = _by_record(publishing.public_columns(case, on=today))
    if not cleared.get(("Case", case.pk)):
        raise NotPublic(was_removed=False)
    if case.aftermath == Aftermath.RENAMED:
        cleared = {key: columns for key, columns in cleared.items() if key[0] not in {"Person", "PersonName"}}
        cleared["Case", case.pk] -= {"title"}
    rows = {kind: _records(case, kind, cleared) for kind in register.KINDS}
    heading = _only(rows["Case"])
    person = _only(rows["Person"])
    return PublicCase(
        names=[record["text"] for record in rows["PersonName"]],
        title=heading["title"] if heading else "",
        summary=heading["summary"] if heading else "",
        story=heading["story"] if heading else "",
        state=heading["responsible_state"] if heading else "",
        image=person["image"] if person else None,
        person=person,
        facts=_facts(rows, today=today),
        records=rows,
        aftermath=case.aftermath,
    )


def _by_record(columns: set[tuple[str, UUID, str]]) -> dict[tuple[str, UUID], set[str]]:
    found: dict[tuple[str, UUID], set[str]] = {}
    for kind, pk, column in columns:
        found.setdefault((kind, pk), set()).add(column)
    return found


def _records(case: Case, kind_name: str, cleared: Mapping[tuple[str, UUID], set[str]]) -> list[PublicRecord]:
    kind = register.KINDS[kind_name]
    wanted = [pk for name, pk in cleared if name == kind_name]
    if not wanted:
        return []
    rows = kind.model._default_manager.filter(organization=case.organization_id, pk__in=wanted)
    # A clearance names its case; a row that hangs elsewhere is not shown with it.
    mine = rows.filter(**{kind.to_case or "pk": case.pk}) if kind.to_case != "" else rows.filter(pk=case.pk)
    return [
        _public(row, kind=kind, columns=cleared[kind_name, row.pk])
        for row in mine.distinct()
        # Whatever was cleared before a source became one that stays unnamed is not shown.
        if not publishing.is_confidential(row)
    ]


def _public(row: Record, *, kind: register.Kind, columns: set[str]) -> PublicRecord:
    # What was declared public once and is not any more is not shown, whatever was cleared.
    names = [name for name in columns if kind.column(name).can_be_public]
    values = {name: getattr(row, name) for name in names}
    labels = {
        name: getattr(row, f"get_{name}_display")() for name in names if hasattr(row, f"get_{name}_display")
    }
    parent = getattr(row, f"{kind.parent}_id", None) if kind.parent else None
    return PublicRecord(
        row.pk, {name: "" if value is None else value for name, value in values.items()}, labels, parent
    )


def _only(records: list[PublicRecord]) -> PublicRecord | None:
    return records[0] if records else None


def _facts(rows: Mapping[str, list[PublicRecord]], *, today: date) -> PublicFacts:
    """Worked out anew from what is public: a day that was not cleared is not in any sum."""
    spells = [
        CustodySpell(began=row["began"], ended=row["ended"], end=row["end"], kind=row["kind"])
        for row in rows["CustodySpell"]
        if row["began"] and "ended" in row.values
    ]
    conditions = [
        Condition(kind=row["kind"], began=row["began"], ended=row["ended"])
        for row in rows["Condition"]
        if row["began"] and "ended" in row.values and row["kind"]
    ]
    person = _only(rows["Person"])
    return PublicFacts(
        standing=chronology.standing_after(spells) if spells else None,
        held=chronology.days_held(spells, today=today),
        in_solitary=chronology.in_solitary(conditions, today=today),
        age=chronology.age_on(person["birth_date"], day=today) if person else None,
    )
