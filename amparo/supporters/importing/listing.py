"""A list as it is gone through: its tables in the right order, its rows counted over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from amparo.kit.tables.headings import Headed, key_of
from amparo.kit.tables.opening import open_tables
from amparo.organizations.models import Jurisdiction
from amparo.supporters.importing import stored_file
from amparo.supporters.importing.columns import CUSTOM
from amparo.supporters.importing.people import Person, Reading, RowReader
from amparo.supporters.importing.problems import Problem
from amparo.supporters.importing.registry import SHUT, load_sources
from amparo.supporters.importing.unfolding import unfold
from amparo.supporters.models import CustomField

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.supporters.models import ImportRun

#: Rows that one transaction writes: large enough that its cost does not count, short enough that nobody waits for it.
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One row that was read: whose it is, or why it is nobody's."""

    position: int
    table: str
    row: int
    person: Person | None
    problems: tuple[Problem, ...]


def tables_of(run: ImportRun) -> list[Headed]:
    """The tables of a run's file, with what its program keeps inside of cells as columns. Raises `Unreadable`."""
    tables = open_tables(lambda: stored_file.open_file(run), encoding=run.encoding)
    inside = load_sources().get(run.source).unfolds if run.source else ()
    headers = [column["header"] for column in run.columns]
    return [unfold(table, columns=inside, headers=headers) if inside else table for table in tables]


def reading_of(run: ImportRun, *, now: datetime) -> Reading:
    """How staff said the list is to be read."""
    fields = {key_of(column["header"]): column["field"] for column in run.columns}
    keys = {name.removeprefix(CUSTOM) for name in fields.values() if name.startswith(CUSTOM)}
    source = load_sources().get(run.source)
    day_first = source.day_first
    if day_first is None:
        day_first = run.organization.jurisdiction != Jurisdiction.UNITED_STATES
    own = CustomField.objects.for_organization(run.organization).filter(key__in=keys)
    return Reading(
        source=source,
        fields=fields,
        custom={field.key: field for field in own},
        country=run.country,
        day_first=day_first,
        tags=tuple(run.tags),
        today=now.date(),
    )


def chunks(run: ImportRun, *, skip: int = 0, now: datetime) -> Iterator[list[Line]]:
    """The list from row `skip` + 1 on, some rows at a time. Raises `Unreadable` where it cannot be read on.

    Tables of people who must not be written to come first, so that whoever stands in two is shut out at once.
    """
    reading = reading_of(run, now=now)
    readers = [reading.of(table) for table in tables_of(run)]
    readers.sort(key=lambda reader: reader.role not in SHUT)
    rows = islice(_rows(readers), skip, None)
    while some := list(islice(rows, CHUNK)):
        yield [_line(position, reader, number, cells) for position, reader, number, cells in some]


def _rows(readers: Sequence[RowReader]) -> Iterator[tuple[int, RowReader, int, list[str]]]:
    position = 0
    for reader in readers:
        for number, cells in reader.table.rows():
            position += 1
            yield position, reader, number, cells


def _line(position: int, reader: RowReader, number: int, cells: Sequence[str]) -> Line:
    person, problems = reader.read(number, cells)
    return Line(position, reader.name, number, person, tuple(problems))
