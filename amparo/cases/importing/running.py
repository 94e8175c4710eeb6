"""A spreadsheet of cases on its way into the register: a dry run first, then case by case.

At a command line one call does each; from a screen `hand_over` and `begin` leave the work to a worker (`working`).
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases.importing import sheets, stored_file
from amparo.cases.importing.referring import Fate
from amparo.cases.importing.sheets import MOST_PROBLEMS, Book, Problem
from amparo.cases.importing.writing import CaseWriter
from amparo.cases.models import Case, CaseImport, ImportedRecord
from amparo.kit import bell
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
#: Far longer than the largest register takes.
AT_A_COMMAND_LINE = timedelta(days=1)
#: The name of the line of work.
LINE = "case_imports"
_LET_GO: dict[str, Any] = {"claimed_by": None, "claimed_until": None}
Each = Callable[[int], object]
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


def _nothing(_done: int) -> None:
    """Nobody waits."""


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
) -> CaseImport:
    """Take a file and try it: nothing is in the register afterwards. Raises `Unreadable` and `TooManyRows`."""
    run = hand_over(
        blocks,
        organization=organization,
        file_name=file_name,
        existing=existing,
        by=by,
        now=now,
        here=True,
    )
    try:
        return check(run=run, now=now)
    except BaseException:
        # Whoever waits for the answer hands it over again.
        CaseImport.objects.filter(pk=run.pk).delete()
        stored_file.remove(run)
        raise


def hand_over(
    blocks: Iterable[bytes],
    *,
    organization: Organization,
    file_name: str,
    existing: str,
    by: User | None,
    now: datetime,
    most: int | None = None,
    here: bool = False,
) -> CaseImport:
    """Take a file that can be read; a worker, or whoever calls, tries it next. Nothing of it is in the register.

    Raises `Unreadable`, `TooManyRows`, and `TooManyRecords` for more than `most`.
    """
    run = CaseImport(
        id=new_id(),
        organization=organization,
        by=by,
        file_name=file_name[:200],
        existing=existing,
        state=State.CHECKING,
        entered_at=now,
        changed_at=now,
        **(_held(now=now) if here else {}),
    )
    stored_file.store(blocks, organization_id=organization.pk, run_id=run.pk)
    try:
        book = _read(run)
        if most is not None and sum(map(len, book.cases.values())) > most:
            raise TooManyRecords(most=most)
        run.cases_total, run.problems = len(book.cases), _as_json(book.problems)
        with transaction.atomic():
            run.save(force_insert=True)
            transaction.on_commit(partial(bell.ring, LINE))
    except BaseException:
        stored_file.remove(run)
        raise
    return run


def check(*, run: CaseImport, now: datetime, each: Each = _nothing) -> CaseImport:
    """Try it; `each` is told after each case how many are done. Raises `FileNotFoundError`."""
    result = bring_in(_read(run), run=run, save=False, now=now, each=each)
    run.counts, run.problems = dict(result.counts), _as_json(result.problems)
    with transaction.atomic():
        checking = CaseImport.objects.filter(pk=run.pk, state=State.CHECKING)
        if transition(checking, values={"state": State.CHECKED, "counts": run.counts, **_LET_GO}):
            run.state = State.CHECKED
            run.save(update_fields=["problems"])
            audit.record(
                verb="check_cases",
                subject=run,
                by=run.by,
                organization=run.organization,
                now=now,
                details=run.counts,
            )
    return run


def start(*, run: CaseImport, by: User | None, now: datetime, each: Each = _nothing) -> CaseImport:
    """Bring it in, one transaction a case; `each` is told after each how many are done. Nothing of it is public.

    Raises `CannotRun`, `FileNotUnderstood` and `NothingToBringIn`.
    """
    begin(run=run, by=by, now=now, here=True)
    try:
        return go_on(run=run, now=now, each=each)
    except (FileNotFoundError, Refusal):
        raise CannotRun from None


def begin(*, run: CaseImport, by: User | None, now: datetime, here: bool = False) -> None:
    """Let it be brought in by a worker, or by whoever calls, `here`.

    Raises `CannotRun`, `FileNotUnderstood` and `NothingToBringIn`.
    """
    problems = problems_of(run)
    if any(not problem.case for problem in problems):
        raise FileNotUnderstood
    if not (run.counts.get(NEW) or run.counts.get(ADDED_TO)):
        raise NothingToBringIn
    waiting = CaseImport.objects.for_organization(run.organization).filter(pk=run.pk, state=State.CHECKED)
    values: dict[str, Any] = {
        "state": State.RUNNING,
        "changed_at": now,
        "started_by": by,
        "cases_done": 0,
        "counts": {},
        **(_held(now=now) if here else _LET_GO),
    }
    with transaction.atomic():
        if not transition(waiting, values=values):
            raise CannotRun
        for name, value in values.items():
            setattr(run, name, value)
        run.problems = _as_json([problem for problem in problems if not problem.case])
        run.save(update_fields=["problems"])
        transaction.on_commit(partial(bell.ring, LINE))


def go_on(*, run: CaseImport, now: datetime, each: Each = _nothing) -> CaseImport:
    """Bring in what is left of it, and end it; what a dead worker brought in stays and is counted.

    Everything that comes with a file has the moment at which it was begun, by which `undoing` knows it again.
    """
    result = bring_in(_read(run), run=run, save=True, now=run.changed_at, each=each)
    run.counts, run.problems = dict(result.counts), _as_json(result.problems)
    ended = {"state": State.DONE, "file_removed_at": now, "counts": run.counts}
    with transaction.atomic():
        running = CaseImport.objects.filter(pk=run.pk, state=State.RUNNING)
        if transition(running, values=ended | _LET_GO):
            run.save(update_fields=["problems"])
            audit.record(
                verb="import_cases",
                subject=run,
                by=run.started_by,
                organization=run.organization,
                now=now,
                details=run.counts,
            )
            run.state, run.file_removed_at = State.DONE, now
            transaction.on_commit(partial(stored_file.remove, run))
    return run


def _held(*, now: datetime) -> dict[str, Any]:
    """What keeps workers off a file that is worked on at a command line; one that was killed there they finish."""
    return {"claimed_by": uuid4(), "claimed_until": now + AT_A_COMMAND_LINE}


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


def bring_in(book: Book, *, run: CaseImport, save: bool, now: datetime, each: Each = _nothing) -> Result:
    """Every case of a file, each in a transaction of its own: saved, or only tried.

    What is saved is counted with it, so that somebody else can go on after the last one that is there.
    """
    result = Result(problems=list(book.problems))
    fates = dict.fromkeys(book.cases, Fate.WAITS)
    done = run.cases_done if save else 0
    if done:
        result = Result(Counter(run.counts), problems_of(run))
        fates |= _fates_of(run, list(book.cases)[:done])
    for number, (reference, entries) in enumerate(book.cases.items(), start=1):
        if number <= done:
            continue
        writer = CaseWriter(
            reference, organization=run.organization, existing=run.existing, now=now, others=fates
        )
        try:
            with transaction.atomic():
                writer.write(entries)
                if writer.is_kept_out or not save:
                    raise _NotKept
                _count(result, writer)
                _note_what_is_new(run, writer)
                _note_how_far(run, number, result, found=bool(writer.problems))
        except _NotKept:
            _count(result, writer)
            if save:
                _note_how_far(run, number, result, found=bool(writer.problems))
        fates[reference] = Fate.OUT if writer.is_kept_out else Fate.IN
        each(number)
    return result


def _note_how_far(run: CaseImport, number: int, result: Result, *, found: bool) -> None:
    """Raises `CannotRun` when it is somebody else's by now, which undoes the case at hand."""
    mine = CaseImport.objects.filter(pk=run.pk, state=State.RUNNING, claimed_by=run.claimed_by)
    with transaction.atomic():
        if not mine.update(cases_done=number, counts=dict(result.counts)):
            raise CannotRun
        if found:
            run.problems = _as_json(result.problems)
            run.save(update_fields=["problems"])


def _fates_of(run: CaseImport, references: list[str]) -> dict[str, Fate]:
    """What became of the cases that were done before: those with a problem stayed out."""
    out = {problem.case for problem in problems_of(run)}
    there = set(
        Case.objects.for_organization(run.organization)
        .filter(reference__in=references)
        .values_list("reference", flat=True)
    )
    return {name: Fate.IN if name in there - out else Fate.OUT for name in references}


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
