"""The empty workbook to fill in: a sheet for each kind of record, its choices to pick from, and a guide."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from amparo.cases.importing import layout
from amparo.cases.importing.layout import BELOW, CASE, CHOICES, GUIDE, KEY
from amparo.kit.tables.cells import LONGEST_TITLE

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from amparo.cases.register import Kind

#: Rows that offer their choices; below them a cell is filled in by hand.
ROWS = 1000
_HEAD = Font(bold=True)
_NEEDED = PatternFill("solid", fgColor="FFF2CC")


def workbook() -> bytes:
    """The template, in the language being read. It holds nothing of anybody."""
    book = Workbook()
    guide: Any = book.active
    guide.title = GUIDE
    lists = book.create_sheet(CHOICES)
    _head(
        guide, [_("Sheet"), _("Heading"), _("What it is"), _("How it is filled in"), _("Has to be filled in")]
    )
    for kind in layout.kinds():
        sheet = book.create_sheet(str(kind.plural)[:LONGEST_TITLE])
        _head(sheet, layout.columns(kind))
        for place, column in enumerate(layout.columns(kind), start=1):
            _column(sheet, place, kind, column, lists)
            guide.append([sheet.title, column, *_explained(kind, column)])
    for sheet, widths in ((guide, (26, 20, 26, 90, 12)), (lists, ())):
        for place, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def _head(sheet: Any, headings: Iterable[str]) -> None:
    sheet.append(list(headings))
    for cell in sheet[1]:
        cell.font = _HEAD
    sheet.freeze_panes = "A2"


def _column(sheet: Worksheet, place: int, kind: Kind, column: str, lists: Any) -> None:
    letter = get_column_letter(place)
    # As text: a spreadsheet would make a day of a month that somebody types, and a number of a reference.
    sheet.column_dimensions[letter].number_format = "@"
    sheet.column_dimensions[letter].width = 22
    if _is_needed(kind, column):
        sheet.cell(1, place).fill = _NEEDED
    labels = _labels(kind, column)
    if not labels:
        return
    at = get_column_letter(lists.max_column + 1 if lists["A1"].value else 1)
    for row, text in enumerate([f"{kind.name}.{column}", *labels], start=1):
        lists[f"{at}{row}"] = text
    offered = DataValidation(
        type="list", formula1=f"{CHOICES}!${at}$2:${at}${len(labels) + 1}", allow_blank=True
    )
    sheet.add_data_validation(offered)
    offered.add(f"{letter}2:{letter}{ROWS}")


def _labels(kind: Kind, column: str) -> list[str]:
    if column in {CASE, KEY, BELOW}:
        return []
    return [str(label) for code, label in layout.field_of(kind, column).flatchoices if code != ""]


def _is_needed(kind: Kind, column: str) -> bool:
    if column in {CASE, KEY, BELOW}:
        return column == CASE
    field = layout.field_of(kind, column)
    return not field.blank and not field.null and not field.has_default()


def _explained(kind: Kind, column: str) -> list[str]:
    above = layout.kind_above(kind)
    frame = {
        CASE: (_("case"), _("The reference of the case.")),
        KEY: (
            _("key of the row"),
            _("Any word of yours by which other rows of the same case name this one; it is not kept."),
        ),
        BELOW: (
            _("below"),
            _(
                "The key of the row that it belongs to, on the sheet “%(sheet)s”. Empty where there is only one."
            )
            % {"sheet": above.plural if above else ""},
        ),
    }
    if column in frame:
        return [*frame[column], _("yes") if column == CASE else ""]
    field = layout.field_of(kind, column)
    said = [str(field.help_text), *_how(kind, column, field)]
    needed = _("yes") if _is_needed(kind, column) else ""
    return [str(field.verbose_name), " ".join(part for part in said if part), needed]


def _how(kind: Kind, column: str, field: Any) -> list[str]:
    if labels := _labels(kind, column):
        return [_("One of: %(choices)s.") % {"choices": "; ".join(labels)}]
    if field.related_model is None or column == "record_id":
        return []
    if field.related_model.__name__ == "Person":
        return [_("The reference of their case; the name of somebody who has none.")]
    if field.related_model.__name__ in {"Campaign", "CreditedImage"}:
        return [_("Its title.")]
    return [_("The key of another row.")]
