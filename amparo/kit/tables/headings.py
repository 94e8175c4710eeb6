"""What every kind of file comes to: named tables of rows of text, read one row at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

#: Nothing that is a list has more columns (Excel's own exports of people have some dozens).
MOST_COLUMNS = 500
#: Python's own limit for a cell of CSV; a letter has 20,000 characters at most.
LONGEST_CELL = 131_072
#: Rows looked at to find where the headings are.
PRELUDE = 10


class Unreadable(Refusal):
    """The file, or what follows from some row on, cannot be read."""

    sentence = _(
        "This file cannot be read as a list. Save it as CSV in the program it comes from, and try again."
    )


class TooWide(Unreadable):
    sentence = _("Row %(row)d has more than %(most)d columns. That is probably not a list of people.")


class EmptyList(Unreadable):
    sentence = _("There are no rows in this file.")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: a CSV, a sheet of a workbook, a file in an archive.

    `read` begins anew each time and gives rows from the very first line on; what cannot be read raises `Unreadable`.
    """

    name: str
    read: Callable[[], Iterator[list[str]]]
    #: How its text was read, where that had to be found out.
    encoding: str = ""
    #: Further things to say about it, as that only the first sheet is read.
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Headed:
    """A table whose headings were found: their names, and the number of the row they stand in (0 for none)."""

    table: Table
    headers: list[str]
    header_row: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows that say anything, with their number as a spreadsheet shows it."""
        for number, cells in enumerate(self.table.read(), start=1):
            if number <= self.header_row or not any(cells):
                continue
            if len(cells) > MOST_COLUMNS:
                raise TooWide(row=number, most=MOST_COLUMNS)
            yield number, cells


def find_headers(table: Table) -> Headed:
    """Where the headings stand: below a title, if there is one, or nowhere, if the first row is somebody already.

    Headings that are missing or that stand twice get names of their own. Raises `EmptyList`.
    """
    first = [(number, cells) for number, cells in _first_rows(table) if any(cells)]
    if not first:
        raise EmptyList
    number, cells = first[0]
    if sum(map(bool, cells)) == 1:
        # A title above the table: one cell alone, and fuller rows below.
        number, cells = next(((at, row) for at, row in first if sum(map(bool, row)) > 1), first[0])
    if any("@" in cell for cell in cells):
        widest = max(len(row) for _number, row in first)
        return Headed(table, named([""] * widest), 0)
    return Headed(table, named(cells), number)


def named(cells: list[str]) -> list[str]:
    """Each heading with a name of its own: empty ones are counted, repeated ones numbered."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[:100] or f"Column {place}"
        wanted, again = name, 2
        while name in names:
            name, again = f"{wanted} ({again})", again + 1
        names.append(name)
    return names


def key_of(header: str) -> str:
    """A heading as it is compared: small letters, and nothing but letters and digits between single spaces."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in header.casefold()).split())


def _first_rows(table: Table) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(table.read(), start=1):
        yield number, cells
        if number >= PRELUDE:
            return
