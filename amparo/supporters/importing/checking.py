"""The dry run: everything that bringing the list in would do, counted; nothing written about anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from amparo.kit.tables.headings import Unreadable
from amparo.kit.work import stopping
from amparo.supporters import consent_in_bulk
from amparo.supporters.importing import further, stored_file
from amparo.supporters.importing.changes import compare
from amparo.supporters.importing.claiming import go_on, let_go
from amparo.supporters.importing.listing import chunks
from amparo.supporters.importing.problems import keep
from amparo.supporters.importing.seen import Seen
from amparo.supporters.importing.sorting import Sorted, answers_for, sort
from amparo.supporters.importing.writing import Writer
from amparo.supporters.models import ImportProblem, ImportRun

if TYPE_CHECKING:
    from datetime import datetime

State = ImportRun.State


def check(
    run: ImportRun, token: UUID, *, clock: Callable[[], datetime], heard: Callable[[ImportRun], None]
) -> bool:
    """Go through the whole list and keep what was counted and found; False when the worker was asked to stop.

    After each chunk `heard` is told how many rows are done.

    Whoever is interrupted begins again from the first row, which changes nothing for anybody.
    """
    ImportProblem.objects.filter(run=run, during=ImportProblem.During.CHECK).delete()
    now = clock()
    writer = Writer(run, now=now)
    counts: Counter[str] = Counter()
    done = 0
    try:
        with Seen(stored_file.seen_path(run), fresh=True) as seen:
            for lines in chunks(run, now=now):
                result = sort(lines, matcher=writer.matcher, seen=seen, note=True)
                _foresee(result, writer)
                counts += result.counts
                done += len(lines)
                with transaction.atomic():
                    go_on(run.pk, token, now=clock(), state=State.CHECKING, rows_done=done)
                    keep(run, ImportProblem.During.CHECK, result.problems)
                run.rows_done = done
                heard(run)
                if stopping():
                    let_go(run.pk, token, now=clock(), rows_done=0)
                    return False
    except Unreadable as trouble:
        let_go(run.pk, token, now=clock(), state=State.FAILED, trouble=str(trouble)[:300])
        return True
    let_go(
        run.pk,
        token,
        now=clock(),
        state=State.CHECKED,
        checked_at=clock(),
        forecast=dict(counts),
        rows_total=done,
        rows_done=0,
        trouble="",
    )
    return True


def _foresee(result: Sorted, writer: Writer) -> None:
    """Count what writing would do with what was sorted."""
    counts = result.counts
    counts["shut"] += len(result.shut)
    counts["new"] += len(result.new)
    for found in result.new:
        answers, too_old = answers_for(found, writer.run.pk, judge=writer.judge, title=writer.title)
        counts["agreed"] += any(answer.granted for answer in answers)
        if too_old:
            result.note(found, "not-lawful")
    further.judge(result, matcher=writer.matcher)
    answers = _foresee_changes(result, writer)
    with transaction.atomic():
        fresh = consent_in_bulk.what_is_new(answers, organization=writer.organization)
    counts["agreed"] += len({each.answer.supporter_id for each in fresh if each.answer.granted})
    said_yes = {answer.supporter_id for answer in answers if answer.granted}
    last = consent_in_bulk.last_lines(organization=writer.organization, supporters=sorted(said_yes))
    said_no = {pk for (pk, *_question), line in last.items() if line.said_no and not line.granted}
    counts["said_no"] += len(said_no)
    for found in result.known:
        if found.supporter_id in said_no:
            result.note(found, "said-no")


def _foresee_changes(result: Sorted, writer: Writer) -> list[consent_in_bulk.Answer]:
    there = writer.records.read(
        (found.supporter_id for found in result.known if found.supporter_id), lock=False
    )
    answers: list[consent_in_bulk.Answer] = []
    for found in result.known:
        pk = found.supporter_id
        if pk is None or pk not in there:
            continue
        fresh, other_name = compare(there[pk], found.person, existing=writer.run.existing)
        fresh = {} if found.repeated else fresh
        result.counts["changed" if fresh else "unchanged"] += 1
        if other_name:
            result.note(found, "other-name")
        theirs, too_old = answers_for(found, pk, judge=writer.judge, title=writer.title)
        if too_old:
            result.note(found, "not-lawful")
        answers += theirs
    return answers


def note_again(run: ImportRun, *, now: datetime) -> None:
    """Note anew who stands where, when that was lost: the list is gone through once more."""
    writer = Writer(run, now=now)
    with Seen(stored_file.seen_path(run), fresh=True) as seen:
        for lines in chunks(run, now=now):
            sort(lines, matcher=writer.matcher, seen=seen, note=True)
