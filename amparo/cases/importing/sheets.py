"""From the tables of a file to entries: one for each record, with the place of each of its cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.cases import register
from amparo.cases.cells import SEPARATOR
from amparo.cases.importing import layout
from amparo.cases.importing.layout import BELOW, CASE, KEY, REFERENCE
from amparo.kit.refusal import Refusal
from amparo.kit.tables.cells import plain_again

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from amparo.cases.register import Kind
    from amparo.kit.tables.headings import Headed

#: Rows of one file. A register of a thousand cases has some twenty thousand; larger ones come in parts.
MOST_ROWS = 50_000
#: Problems that are kept: whoever has more sees what the others are by these.
MOST_PROBLEMS = 2_000


class TooManyRows(Refusal):
    sentence = _("This file has more than %(most)d rows. Bring it in in parts.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where it stands, and whether it keeps its case out."""

    sheet: str
    row: int
    letter: str
    column: str
    sentence: str
    case: str = ""
    keeps_out: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """One filled cell: its text and the letter of its column, as spreadsheets show it."""

    text: str
    letter: str


@dataclass(slots=True)
class Entry:
    """One record as a file says it."""

    kind: Kind
    case: str
    sheet: str
    row: int
    key: str = ""
    below: str = ""
    cells: dict[str, Cell] = field(default_factory=dict)
    #: The letters of the headings, for columns that were left empty.
    letters: dict[str, str] = field(default_factory=dict)
    #: Made because something hangs below it, with nothing said of it itself.
    is_implied: bool = False

    def problem(self, sentence: _StrOrPromise, column: str = "", *, keeps_out: bool = True) -> Problem:
        """Something about this entry, or about one column of it."""
        cell = self.cells.get(column)
        letter = cell.letter if cell else self.letters.get(column, "")
        return Problem(self.sheet, self.row, letter, column, str(sentence), self.case, keeps_out)


@dataclass(slots=True)
class Book:
    """Everything that a file says: entries by the reference of their case, and what cannot be understood of it."""

    cases: dict[str, list[Entry]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        self.cases.setdefault(entry.case, []).append(entry)

    def complain(self, sheet: str, row: int, letter: str, column: str, sentence: _StrOrPromise) -> None:
        """Note something that concerns the file, or a row of no case."""
        self.problems.append(Problem(sheet, row, letter, column, str(sentence)))


def letter_of(place: int) -> str:
    """What spreadsheets call the column at a place, from 1: A, B … Z, AA."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read(tables: Sequence[Headed]) -> Book:
    """Every entry of every table, in their order. Raises `Unreadable` and `TooManyRows`."""
    book, rows = Book(), 0
    for headed in tables:
        if headed.table.name in {layout.GUIDE, layout.CHOICES}:
            continue
        for _number, _cells in _read_table(headed, book):
            rows += 1
            if rows > MOST_ROWS:
                raise TooManyRows(most=MOST_ROWS)
    return book


def _read_table(headed: Headed, book: Book) -> Iterator[tuple[int, list[str]]]:
    kind = layout.kind_called(headed.table.name)
    names = [layout.column_called(kind, heading) if kind else None for heading in headed.headers]
    if kind is not None and (REFERENCE if kind.name == "Case" else CASE) in names:
        return _by_kind(headed, kind, names, book)
    places = [layout.place_called(heading) for heading in headed.headers]
    if any(place and (place[0].name, place[2]) == ("Case", REFERENCE) for place in places):
        return _by_case(headed, places, book)
    book.complain(
        headed.table.name,
        headed.header_row,
        "",
        "",
        _(
            "This table is none of ours: it is not called after a kind of record, and no column has the reference of"
            " the case."
        ),
    )
    return iter(())


# --- A sheet for each kind of record ------------------------------------------------------------------------------


def _by_kind(
    headed: Headed, kind: Kind, names: Sequence[str | None], book: Book
) -> Iterator[tuple[int, list[str]]]:
    _complain_of_headings(headed, names, book)
    letters = {name: letter_of(place) for place, name in enumerate(names, start=1) if name}
    for number, cells in headed.rows():
        yield number, cells
        texts = {
            name: Cell(plain_again(text), letters[name])
            for name, text in zip(names, cells, strict=False)
            if name and text
        }
        frame = {name: cell.text for name, cell in texts.items() if name in {CASE, KEY, BELOW}}
        reference = texts[REFERENCE].text if kind.name == "Case" and REFERENCE in texts else frame.get(CASE)
        if not reference:
            letter = letters.get(CASE, letters.get(REFERENCE, ""))
            book.complain(
                headed.table.name, number, letter, CASE, _("Write the reference of the case it belongs to.")
            )
            continue
        book.add(
            Entry(
                kind,
                reference,
                headed.table.name,
                number,
                key=frame.get(KEY, ""),
                below=frame.get(BELOW, ""),
                cells={name: cell for name, cell in texts.items() if name not in {CASE, KEY, BELOW}},
                letters=letters,
            )
        )


def _complain_of_headings(headed: Headed, known: Sequence[object], book: Book) -> None:
    for place, (heading, found) in enumerate(zip(headed.headers, known, strict=True), start=1):
        # Headings that are missing get a name of their own while reading.
        if found is None and heading != f"Column {place}":
            book.complain(
                headed.table.name,
                max(headed.header_row, 1),
                letter_of(place),
                heading,
                _("No column of the register is called so. Correct the heading, or take the column out."),
            )


# --- A row for each case ------------------------------------------------------------------------------------------


def _by_case(
    headed: Headed, places: Sequence[tuple[Kind, int, str] | None], book: Book
) -> Iterator[tuple[int, list[str]]]:
    _complain_of_headings(headed, places, book)
    for number, cells in headed.rows():
        yield number, cells
        found = {
            place: Cell(plain_again(text), letter_of(at))
            for at, (place, text) in enumerate(zip(places, cells, strict=False), start=1)
            if place and text
        }
        reference = next(
            (cell.text for place, cell in found.items() if (place[0].name, place[2]) == ("Case", REFERENCE)),
            "",
        )
        if not reference:
            book.complain(headed.table.name, number, "", REFERENCE, _("Write a reference for the case."))
            continue
        for entry in _entries(headed, number, reference, found):
            book.add(entry)


def _entries(
    headed: Headed, number: int, reference: str, found: dict[tuple[Kind, int, str], Cell]
) -> list[Entry]:
    by_record: dict[tuple[str, int], Entry] = {}
    for (kind, place, column), cell in found.items():
        for at, text in enumerate(_several(kind, column, cell.text)):
            entry = by_record.setdefault(
                (kind.name, place + at), _fresh(headed, number, reference, kind, place + at)
            )
            entry.cells[column] = Cell(text, cell.letter)
    for entry in list(by_record.values()):
        _hang(entry, by_record, headed)
    order = [kind.name for kind in layout.kinds()]
    return sorted(by_record.values(), key=lambda entry: (order.index(entry.kind.name), int(entry.key)))


def _several(kind: Kind, column: str, text: str) -> list[str]:
    """Several names of one person may stand in one cell."""
    if (kind.name, column) != ("PersonName", "text"):
        return [text]
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


def _fresh(headed: Headed, number: int, reference: str, kind: Kind, place: int) -> Entry:
    return Entry(kind, reference, headed.table.name, number, key=str(place))


def _hang(entry: Entry, by_record: dict[tuple[str, int], Entry], headed: Headed) -> None:
    """Below the row of the same number, or the first one; one that nothing is said of is made."""
    above = layout.kind_above(entry.kind)
    if above is None:
        return
    for place in (int(entry.key), 1):
        if (above.name, place) in by_record:
            entry.below = str(place)
            return
    implied = _fresh(headed, entry.row, entry.case, register.KINDS[above.name], 1)
    implied.is_implied = True
    by_record[above.name, 1] = implied
    entry.below = "1"
    _hang(implied, by_record, headed)
