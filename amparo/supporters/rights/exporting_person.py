"""Everything that is kept about one person, for that person: as JSON, as tables, or to be read (GDPR Art. 15 and 20).

Complete by introspection: each declared model about supporters, each of its columns (`kit/personal_data.py`), of every
record of the person. Only what is about somebody else too is left out, such as which member of staff wrote a note.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import formats, translation

from amparo.accounts import audit
from amparo.kit.personal_data import Declaration, Kind, Recipient, Use, Who, declarations
from amparo.kit.tables.cells import harmless
from amparo.supporters.rights.erasure import passed_on
from amparo.supporters.rights.whole_person import person_made_of, records_of, survivor_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amparo.accounts.models import User
    from amparo.supporters.models import Supporter


@dataclass(frozen=True, slots=True)
class Value:
    """One column of one row."""

    use: Use
    raw: Any
    #: What a reference stands for, or a choice is called; empty where the value speaks for itself.
    words: str = ""

    @property
    def label(self) -> str:
        return str(self.use.label or self.use.name)

    @property
    def is_technical(self) -> bool:
        """Whether a reader is shown it only on request: it has no heading in plain words."""
        return not self.use.label

    @property
    def shown(self) -> str:
        """As a person reads it, in the language in force."""
        if self.words:
            return self.words
        if isinstance(self.raw, bool):
            return "✓" if self.raw else "–"
        if isinstance(self.raw, datetime):
            return formats.date_format(self.raw, "DATETIME_FORMAT")
        if isinstance(self.raw, date):
            return formats.date_format(self.raw, "DATE_FORMAT")
        plain = _plain(self.raw)
        return json.dumps(plain, ensure_ascii=False) if isinstance(plain, dict | list) else str(plain or "")


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one model."""

    declaration: Declaration
    rows: list[list[Value]]

    @property
    def uses(self) -> list[Use]:
        return exported(self.declaration)


@dataclass(frozen=True)
class PersonExport:
    """Everything about one person at one moment."""

    organization: str
    language: str
    made_at: datetime
    sections: list[Section]
    recipients: list[Recipient]

    def as_json(self) -> str:
        """For programs: every model with its columns under their own names, with what it is kept for and how long."""
        with translation.override(self.language):
            return json.dumps(self._told, ensure_ascii=False, indent=2)

    def as_csv_zip(self) -> bytes:
        """One table for each model that has rows, and one that says what the tables are, in one archive."""
        packed = io.BytesIO()
        with translation.override(self.language), ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            contents = [["table", "what it is", "why it is kept", "how long"]]
            for section in self._filled:
                name = f"{section.declaration.label}.csv"
                about = section.declaration
                contents.append([name, str(about.title), str(about.why), str(about.kept.says)])
                rows = [[_cell(value) for value in row] for row in section.rows]
                archive.writestr(name, _as_csv([[use.name for use in section.uses], *rows]))
            told = [
                [each.name, each.address, str(each.what), each.at.isoformat()] for each in self.recipients
            ]
            archive.writestr("recipients.csv", _as_csv([["name", "address", "what", "when"], *told]))
            archive.writestr("contents.csv", _as_csv(contents))
        return packed.getvalue()

    def as_html(self) -> str:
        """To be read: one page in the person's language that needs nothing else, without scripts."""
        with translation.override(self.language):
            return render_to_string(
                "supporters/export_person.html",
                {
                    "organization": self.organization,
                    "made_at": self.made_at,
                    "sections": [_shown(section) for section in self._filled],
                    "recipients": self.recipients,
                },
            )

    @cached_property
    def _filled(self) -> list[Section]:
        return [section for section in self.sections if section.rows]

    @property
    def _told(self) -> dict[str, Any]:
        return {
            "organization": self.organization,
            "made_at": self.made_at.isoformat(),
            "data": {
                section.declaration.label: {
                    "title": str(section.declaration.title),
                    "why": str(section.declaration.why),
                    "kept": str(section.declaration.kept.says),
                    "rows": [{value.use.name: _told(value) for value in row} for row in section.rows],
                }
                for section in self.sections
            },
            "passed_on_to": [
                {
                    "name": each.name,
                    "address": each.address,
                    "what": str(each.what),
                    "at": each.at.isoformat(),
                }
                for each in self.recipients
            ],
        }


def export_person(*, supporter: Supporter, now: datetime, by: User | None = None) -> PersonExport:
    """Everything about the person whose record this is; `by` is the member of staff who asked, None for the person."""
    survivor = survivor_of(supporter)
    records = records_of(survivor)
    person = person_made_of(records)
    with translation.override(survivor.language):
        sections = [
            Section(declaration, [_row(row, declaration) for row in _in_order(declaration.rows_of(person))])
            for declaration in sorted(declarations(Who.SUPPORTER), key=_yours_first)
        ]
    audit.record(verb="export_person", subject=survivor, by=by, organization=survivor.organization, now=now)
    return PersonExport(
        organization=survivor.organization.name,
        language=survivor.language,
        made_at=now,
        sections=sections,
        recipients=passed_on(person),
    )


def exported(declaration: Declaration) -> list[Use]:
    """The columns of a model that are handed to the person: all but what is about somebody else too."""
    return [use for use in declaration.uses if not use.withheld]


def _yours_first(declaration: Declaration) -> tuple[bool, bool, str]:
    """Who they are, then what they did and said, then what is only technical."""
    return (
        declaration.path != "pk",
        not set(declaration.kinds) & {Kind.OPINION, Kind.WORDS, Kind.CONSENT},
        declaration.label,
    )


def _in_order(rows: Iterable[Model]) -> list[Model]:
    """As they came into being: two copies of the same data are the same."""
    return sorted(rows, key=lambda row: row.pk)


def _row(row: Model, declaration: Declaration) -> list[Value]:
    return [_value(row, use, declaration.readable(use.name)) for use in exported(declaration)]


def _value(row: Model, use: Use, path: str) -> Value:
    column: Any = row._meta.get_field(use.name)
    raw = getattr(row, column.attname)
    if raw is None:
        return Value(use, None)
    if path:
        return Value(use, raw, str(_follow(row, path)))
    if column.choices and raw != "":
        return Value(use, raw, str(dict(column.flatchoices).get(raw, raw)))
    return Value(use, raw)


def _follow(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = getattr(row, name, "")
    return row


def _plain(value: Any) -> Any:
    """What JSON knows."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return value


def _told(value: Value) -> Any:
    plain = _plain(value.raw)
    return {"value": plain, "words": value.words} if value.words and value.words != plain else plain


def _cell(value: Value) -> str:
    plain = _plain(value.raw)
    text = json.dumps(plain, ensure_ascii=False) if isinstance(plain, dict | list) else value.words or plain
    return "" if text is None else harmless(str(text))


def _as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return "\ufeff" + text.getvalue()


def _shown(section: Section) -> dict[str, Any]:
    """A section as the template draws it: what has a heading and is not empty, and the rest on request."""
    return {
        "title": section.declaration.title,
        "why": section.declaration.why,
        "kept": section.declaration.kept.says,
        "rows": [
            {
                "plain": [value for value in row if not value.is_technical and value.shown],
                "technical": [value for value in row if value.is_technical and value.shown],
            }
            for row in section.rows
        ],
    }
