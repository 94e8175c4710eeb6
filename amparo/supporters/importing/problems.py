"""What can be wrong with a row or a cell, in codes that are kept and sentences that are shown."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from amparo.supporters.models import ImportProblem

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from amparo.supporters.models import ImportRun

#: The whole row is left out.
REFUSED: dict[str, _StrOrPromise] = {
    "nobody": _("There is neither an e-mail address nor a telephone number that can be read."),
    "bad-email": _("That is not an e-mail address, and there is no telephone number."),
    "too-many-cells": _(
        "There are more cells than headings: a separator or a quotation mark is probably missing."
    ),
    "twice": _("The same person stands in row %(other)s already; the first row counts."),
    "suppressed": _("This address is on your suppression list, so nobody is brought in with it."),
    "shared-phone": _(
        "Several people have this telephone number, and there is no e-mail address to tell them apart."
    ),
    "someone-at-once": _("Somebody else was just changing this person. Bring the row in again."),
}
#: The row is brought in without this cell, or without leave to write.
NOTED: dict[str, _StrOrPromise] = {
    "email-ignored": _(
        "That is not an e-mail address; the person is brought in with the telephone number alone."
    ),
    "bad-further": _("A further address is no e-mail address; it is left out."),
    "further-of-another": _(
        "A further address is somebody else's here; it is left out. If the two are one person, merge them."
    ),
    "further-suppressed": _("A further address is on your suppression list; it is left out."),
    "bad-phone": _("That is not a telephone number that can exist; it is left out."),
    "phone-without-country": _("Without a country we cannot tell which number this is; it is left out."),
    "bad-date": _("That is not a date, so it says nothing about when they agreed."),
    "future-date": _("That date is in the future, so it says nothing about when they agreed."),
    "bad-country": _("We know no country of that name; it is left out."),
    "bad-language": _("We know no language of that name; it is left out."),
    "bad-answer": _("That does not fit the field it should go to; it is left out."),
    "bad-json": _("That cannot be read as JSON; the cell is left out."),
    "unknown-key": _("There is a key in it that none of the first 2,000 rows has; that key is left out."),
    "broken-letters": _("Some letters cannot be read in this encoding; the cell is left out."),
    "too-many-tags": _("The list has more than 200 tags; this one is left out."),
    "standing-unknown": _("We do not know what that says about their consent, so we may not write to them."),
    "not-lawful": _(
        "On the day they agreed, the law you chose did not let this count; we may not write to them."
    ),
    "said-no": _("They said no before, and that holds: we do not write to them."),
    "other-name": _("Another name stands there already; it is left as it is."),
}
#: What undoing left as it is.
LEFT: dict[str, _StrOrPromise] = {
    "did-something": _("They did something since, so they stay."),
    "changed-since": _("They were changed since, so they stay as they are."),
    "answered-since": _("They answered for themselves since, and that holds."),
}
SENTENCES = {**REFUSED, **NOTED, **LEFT}
#: Signs with which a cell becomes a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Problem:
    """One of them, where it stands."""

    table: str
    row: int
    column: str
    reason: str
    other_row: int | None = None


def keep(run: ImportRun, during: ImportProblem.During, problems: Iterable[Problem]) -> None:
    """Keep them with the run, in the order of the list, for staff to download."""
    found = list(problems)
    tables = list(dict.fromkeys(problem.table for problem in found))
    found.sort(key=lambda problem: (tables.index(problem.table), problem.row))
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                run=run,
                during=during,
                table=problem.table[:200],
                row=problem.row,
                column=problem.column[:120],
                reason=problem.reason,
                other_row=problem.other_row,
            )
            for problem in found
        ],
        batch_size=500,
    )


def sentence(reason: str, *, other_row: int | None = None) -> str:
    """What a reason says to a person."""
    said = str(SENTENCES[reason])
    return said % {"other": other_row} if other_row is not None else said


def as_csv(run: ImportRun, during: str) -> Iterator[str]:
    """The problems as a table, line by line; no cell of it can become a formula."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(
        [_now("File"), _now("Row"), _now("Column"), _now("Left out"), _now("Reason")]
    )
    found = ImportProblem.objects.filter(run=run, during=during).order_by("id")
    for problem in found.iterator(chunk_size=2000):
        yield writer.writerow(
            [
                harmless(problem.table),
                problem.row,
                harmless(problem.column),
                _now("row") if problem.reason in REFUSED else _now("cell"),
                sentence(problem.reason, other_row=problem.other_row),
            ]
        )


def harmless(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Echo:
    """A file that hands back what is written."""

    def write(self, text: str) -> str:
        return text
