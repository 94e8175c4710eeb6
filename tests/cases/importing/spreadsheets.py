"""Spreadsheets of cases as groups keep them; everybody in them is invented."""

from __future__ import annotations

import io

from openpyxl import Workbook

from amparo.cases.importing import running
from amparo.cases.models import CaseImport
from tests.factories.moments import NOW

#: A row a case.
FLAT = (
    "reference,name,Person.birth date,responsible_state,CustodySpell.began,Time in custody: kind,Charge.text,"
    "Charge.2.text,Hearing.day,Source.title\n"
    "MT-1,Mira Talvik|Мира Тальвик,1990-05,Estonia,2025-10,before trial,Leaflets,Assembly,2026-12-14,Report\n"
    "IS-9,Ilan Sarr,,FR,12 October 2015,,,,,\n"
)


def workbook(**sheets) -> bytes:
    """A workbook with these sheets, each a list of rows; `_` stands for a blank in a title."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title.replace("_", " "))
        for row in rows:
            sheet.append(row)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def handed_over(content, organization, *, existing=CaseImport.Existing.REFUSE, by=None, now=NOW):
    """The dry run of a file."""
    content = content.encode() if isinstance(content, str) else content
    return running.receive(
        [content], organization=organization, file_name="cases.csv", existing=existing, by=by, now=now
    )


def brought_in(content, organization, **how):
    """A file that was handed over, and brought in."""
    return running.start(run=handed_over(content, organization, **how), by=None, now=how.get("now", NOW))


def said(run):
    """Its problems: sheet, row, letter and the first words of each sentence."""
    return [(each.sheet, each.row, each.letter, each.sentence[:30]) for each in running.problems_of(run)]
