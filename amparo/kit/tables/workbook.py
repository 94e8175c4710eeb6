"""Workbooks of Excel and its kin (XLSX): the first sheet that holds anything, or all; values alone, a row at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from amparo.kit.tables.headings import LONGEST_CELL, Table, Unreadable

#: The words of a workbook are read into memory before its rows; sheets of 200,000 people stay below.
MOST_SHARED = 48 * 1024 * 1024
#: What damaged or strange workbooks make the libraries raise.
_DAMAGED = (
    BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, IndexError, TypeError, AttributeError,
    EOFError, OSError, NotImplementedError, OverflowError,
)  # fmt: skip


class DamagedWorkbook(Unreadable):
    sentence = _(
        "This workbook is damaged, or its end is missing. Open it in its program, save it again as XLSX or CSV."
    )


class WorkbookTooLarge(Unreadable):
    sentence = _("This workbook is too large to be read as one. Save the sheet as CSV, and bring that in.")


def workbook_table(name: str, file: IO[bytes]) -> Table:
    """The first visible sheet with anything in it. Raises `DamagedWorkbook` and `WorkbookTooLarge`."""
    _refuse_too_large(file)
    sheet, *others = _filled_sheets(file)
    remarks = []
    if others:
        remarks.append(
            _now("Only the sheet “%(sheet)s” is read; the workbook has others too.") % {"sheet": sheet}
        )
    return Table(name, lambda: _rows(file, sheet), remarks=remarks)


def workbook_tables(file: IO[bytes]) -> list[Table]:
    """Every visible sheet with anything in it, in the order of the workbook. Raises as `workbook_table` does."""
    _refuse_too_large(file)
    return [Table(title, _reader(file, title)) for title in _filled_sheets(file)]


def _reader(file: IO[bytes], title: str) -> Callable[[], Iterator[list[str]]]:
    return lambda: _rows(file, title)


def _refuse_too_large(file: IO[bytes]) -> None:
    try:
        file.seek(0)
        with ZipFile(file) as archive:
            shared = sum(each.file_size for each in archive.infolist() if "sharedStrings" in each.filename)
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        raise DamagedWorkbook from None
    if shared > MOST_SHARED:
        raise WorkbookTooLarge


def _filled_sheets(file: IO[bytes]) -> list[str]:
    """The titles of those that say anything; of the first one, where none does."""
    try:
        book = _open(file)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        filled = [sheet.title for sheet in visible if any(any(row) for row in _beginning(sheet))]
        book.close()
    except _DAMAGED:
        raise DamagedWorkbook from None
    return filled or [sheet.title for sheet in visible][:1]


def _beginning(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()
    yield from sheet.iter_rows(max_row=20, values_only=True)


def _open(file: IO[bytes]) -> Any:
    file.seek(0)
    with warnings.catch_warnings():
        # Styles and filters that openpyxl does not know are none of our business.
        warnings.simplefilter("ignore")
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)


def _rows(file: IO[bytes], title: str) -> Iterator[list[str]]:
    try:
        book = _open(file)
        sheet = book[title]
        # The size that a workbook states may be wrong, and says nothing we need.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            cells = [_text(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            yield cells
        book.close()
    except _DAMAGED:
        raise DamagedWorkbook from None


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a point, dates by ISO 8601, a formula's last value, errors as nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.strip()[:LONGEST_CELL]
        return "" if text.startswith("#") and text.rstrip("!?/0").isupper() and len(text) < 10 else text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if value.time() == time.min
            else value.isoformat(sep=" ", timespec="seconds")
        )
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if isinstance(value, timedelta) else str(value)
