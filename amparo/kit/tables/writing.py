"""Tables as files, CSV and XLSX, written row by row into an open file; no cell of them is a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, BinaryIO, cast

from amparo.kit.tables.cells import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amparo.kit.tables.cells import Into, Rows

#: The most that Excel's format holds (1,048,576 rows), less the headings.
MOST_ROWS_IN_XLSX = 1_048_575


def write_csv(rows: Rows, *, into: Into, byte_order_mark: bool) -> None:
    """RFC 4180 in UTF-8; with the mark in front, Excel reads it as UTF-8 too."""
    encoding = "utf-8-sig" if byte_order_mark else "utf-8"
    text = io.TextIOWrapper(cast("BinaryIO", into), encoding=encoding, newline="", write_through=True)
    lines = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        lines.writerow([harmless(cell) for cell in row])
    text.flush()
    text.detach()


def write_xlsx(sheets: Mapping[str, Rows], *, into: Into) -> None:
    """Sheets of texts by their titles; the first row of each stays in sight."""
    # Here, not above: what writes workbooks takes a tenth of a process's start, and few processes write any.
    from amparo.kit.tables.streamed_workbook import write

    write(sheets, into=into)
