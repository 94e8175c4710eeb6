"""A spreadsheet of cases on its way into the register: a dry run first, then case by case."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases.importing import sheets, stored_file
from amparo.cases.importing.referring import Fate
from amparo.cases.importing.sheets import MOST_PROBLEMS, Book, Problem
from amparo.cases.importing.writing import CaseWriter
from amparo.cases.models import CaseImport, ImportedRecord
from amparo.kit.claims import transition
from amparo.kit.ids import new_id
from amparo.kit.refusal import Refusal
from amparo.kit.tables.cells import harmless
from amparo.kit.tables.opening import open_tables

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

State = CaseImport.State
#: Beside the kinds, in the counts of a run.
NEW, ADDED_TO, LEFT_OUT, THERE = "new cases", "cases added to", "cases left out", "there already"


class CannotRun(Refusal):
    sentence = _("This file was brought in already, or is not there any more. Hand it over again.")


class NothingToBringIn(Refusal):
    sentence = _(
        "Nothing of this file can be brought in as it is. Correct what is listed, and hand it over again."
    )


class TooManyRecords(Refusal):
    sentence = _(
        "This file has more than %(most)d records. Bring it in in parts, or at a command line: amparo cases import."
    )


class FileNotUnderstood(Refusal):
    sentence = _(
        "There are columns or tables in this file that are none of ours. Correct them, and hand it over again."
    )


@dataclass(slots=True)
class Result:
    """What a file brought, or would bring."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


class _NotKept(Exception):  # noqa: N818 - a fact, which rolls a case back
    """Everything of a case was written, and must not stay."""


def receive(
    blocks: Iterable[bytes],
    *,
    organization: Organization,
    file_name: str,
    existing: str,
    by: User | None,
    now: datetime,
    most: int | None = None,
) -> CaseImport:
    """Take a file and try it: nothing is in the register afterwards.

    Raises `Unreadable`, `TooManyRows`, and `TooManyRecords` for more than `most`, where somebody waits for the answer.
    """
    run = CaseImport(
        id=new_id(),
        organization=organization,
        by=by,
        file_name=file_name[:200],
        existing=existing,
        entered_at=now,
        changed_at=now,
    )
    stored_file.store(blocks, organization_id=organization.pk, run_id=run.pk)
    try:
        book = _read(run)
        if most is not None and sum(map(len, book.cases.values())) > most:
            raise TooManyRecords(most=most)
        result = bring_in(book, run=run, save=False, now=now)
        run.counts, run.problems = dict(result.counts), _as_json(result.problems)
        with transaction.atomic():
            run.save(force_insert=True)
            audit.record(
                verb="check_cases", subject=run, by=by, organization=organization, now=now, details=run.counts
            )
    except BaseException:
        stored_file.remove(run)
        raise
    return run


def start(
    *, run: CaseImport, by: User | None, now: datetime, each: Callable[[], object] = lambda: None
) -> CaseImport:
    """Bring it in, one transaction a case; `each` is called after each. Nothing of it is public.

    Raises `CannotRun`, `FileNotUnderstood` and `NothingToBringIn`.
    """
    problems = problems_of(run)
    if any(not problem.case for problem in problems):
        raise FileNotUnderstood
    if not (run.counts.get(NEW) or run.counts.get(ADDED_TO)):
        raise NothingToBringIn
    waiting = CaseImport.objects.for_organization(run.organization).filter(pk=run.pk, state=State.CHECKED)
    if not transition(waiting, values={"state": State.DONE, "changed_at": now}):
        raise CannotRun
    try:
        book = _read(run)
    except (FileNotFoundError, Refusal):
        raise CannotRun from None
    result = bring_in(book, run=run, save=True, now=now, each=each)
    with transaction.atomic():
        run.state, run.changed_at, run.file_removed_at = State.DONE, now, now
        run.counts, run.problems = dict(result.counts), _as_json(result.problems)
        run.save()
        audit.record(
            verb="import_cases",
            subject=run,
            by=by,
            organization=run.organization,
            now=now,
            details=run.counts,
        )
        transaction.on_commit(partial(stored_file.remove, run))
    return run


def forget(*, run: CaseImport, by: User | None, now: datetime) -> None:
    """Remove a file that was not brought in. Raises `CannotRun`."""
    with transaction.atomic():
        waiting = CaseImport.objects.for_organization(run.organization).filter(pk=run.pk, state=State.CHECKED)
        values = {"state": State.FORGOTTEN, "changed_at": now, "file_removed_at": now}
        if not transition(waiting, values=values):
            raise CannotRun
        audit.record(verb="forget_cases_file", subject=run, by=by, organization=run.organization, now=now)
        transaction.on_commit(partial(stored_file.remove, run))


def forget_old(*, now: datetime) -> int:
    """Remove files that nobody brought in; how many."""
    old = CaseImport.objects.filter(state=State.CHECKED, entered_at__lt=now - stored_file.KEPT)
    found = list(old.select_related("organization")[:100])
    for run in found:
        forget(run=run, by=None, now=now)
    return len(found)


def bring_in(
    book: Book, *, run: CaseImport, save: bool, now: datetime, each: Callable[[], object] = lambda: None
) -> Result:
    """Every case of a file, each in a transaction of its own: saved, or only tried."""
    result = Result(problems=list(book.problems))
    fates = dict.fromkeys(book.cases, Fate.WAITS)
    for reference, entries in book.cases.items():
        writer = CaseWriter(
            reference, organization=run.organization, existing=run.existing, now=now, others=fates
        )
        try:
            with transaction.atomic():
                writer.write(entries)
                if writer.is_kept_out or not save:
                    raise _NotKept
                _note_what_is_new(run, writer)
        except _NotKept:
            pass
        fates[reference] = Fate.OUT if writer.is_kept_out else Fate.IN
        _count(result, writer)
        each()
    return result


def _note_what_is_new(run: CaseImport, writer: CaseWriter) -> None:
    ImportedRecord.objects.bulk_create(
        [
            ImportedRecord(run=run, record_type=type(record).__name__, record_id=record.pk)
            for record in writer.records
        ]
    )


def _count(result: Result, writer: CaseWriter) -> None:
    result.problems += writer.problems
    if writer.is_kept_out:
        result.counts[LEFT_OUT] += 1
        return
    if writer.is_new:
        result.counts[NEW] += 1
    elif writer.records:
        result.counts[ADDED_TO] += 1
    result.counts[THERE] += sum(writer.already_there.values())
    result.counts.update(type(record).__name__ for record in writer.records)


def _read(run: CaseImport) -> Book:
    return sheets.read(open_tables(lambda: stored_file.open_file(run), every_sheet=True))


# --- What is wrong with a file -------------------------------------------------------------------------------------


def _as_json(problems: list[Problem]) -> str:
    return json.dumps([asdict(problem) for problem in problems[:MOST_PROBLEMS]], ensure_ascii=False)


def problems_of(run: CaseImport) -> list[Problem]:
    """What the last run, dry or not, had to say, in the order of the file."""
    kept: list[dict[str, Any]] = json.loads(run.problems or "[]")
    return [Problem(**each) for each in kept]


def problems_as_csv(run: CaseImport) -> str:
    """The same as a table; no cell of it can become a formula."""
    into = io.StringIO()
    lines = csv.writer(into)
    lines.writerow(
        [_now("Sheet"), _now("Row"), _now("Column"), _now("Heading"), _now("Case"), _now("What is wrong")]
    )
    for each in problems_of(run):
        cells = (each.sheet, str(each.row), each.letter, each.column, each.case, each.sentence)
        lines.writerow([harmless(cell) for cell in cells])
    return "\ufeff" + into.getvalue()
