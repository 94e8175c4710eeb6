"""A workbook that goes straight into its file, sheet by sheet and row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

from amparo.kit.tables.cells import LONGEST_CELL, LONGEST_TITLE, harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from amparo.kit.tables.cells import Into, Rows


def write(sheets: Mapping[str, Rows], *, into: Into) -> None:
    """Sheets of texts by their titles; the first row of each stays in sight."""
    book = Workbook(write_only=True)
    rows_of = {}
    for title, rows in sheets.items():
        sheet = book.create_sheet(title[:LONGEST_TITLE])
        sheet.freeze_panes = "A2"
        rows_of[sheet.title] = rows
    with ZipFile(cast("BinaryIO", into), "w", ZIP_DEFLATED, allowZip64=True) as archive:
        _Streamed(book, archive, rows_of).write_data()


class _Streamed(ExcelWriter):
    """openpyxl's writer, with the sheet going straight into the archive.

    As it comes, openpyxl writes a sheet into a temporary file first, where every name would lie in the clear.
    """

    def __init__(self, book: Workbook, archive: ZipFile, rows_of: Mapping[str, Rows]) -> None:
        super().__init__(book, archive)
        self._rows_of = rows_of

    def write_worksheet(self, ws: WriteOnlyWorksheet) -> None:
        ws._drawing = SpreadsheetDrawing()
        with self._archive.open(ws.path[1:], "w", force_zip64=True) as out:
            ws._writer = WorksheetWriter(ws, out=out)
            ws._writer.write_top()
            for row in self._rows_of[ws.title]:
                ws.append([_text_cell(ws, cell) for cell in row])
            ws.close()
        ws._rels = ws._writer._rels
        self.manifest.append(ws)


def _text_cell(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, harmless(text)[:LONGEST_CELL])
    # Whatever it looks like, it is text: never a number, a date, an error or a formula.
    cell.data_type = "s"
    return cell
