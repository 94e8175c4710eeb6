"""Bringing a checked list in, chunk by chunk, until it is done, paused, or the worker has to stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from amparo.accounts import audit
from amparo.kit.tables.headings import Unreadable
from amparo.kit.work import stopping
from amparo.supporters.importing import checking, stored_file
from amparo.supporters.importing.claiming import go_on, let_go
from amparo.supporters.importing.listing import Line, chunks
from amparo.supporters.importing.problems import keep
from amparo.supporters.importing.seen import Seen
from amparo.supporters.importing.sorting import Sorted
from amparo.supporters.importing.writing import Writer
from amparo.supporters.models import ImportChunk, ImportProblem, ImportRun

if TYPE_CHECKING:
    from datetime import datetime

State = ImportRun.State


def run_on(
    run: ImportRun, token: UUID, *, clock: Callable[[], datetime], heard: Callable[[ImportRun], None]
) -> bool:
    """Bring in what is left of the list; False when the worker was asked to stop before the end.

    After each chunk `heard` is told how many rows are done.

    Raises `LostClaim` when somebody paused it or another worker has it: the chunk in hand is then not written.
    """
    now = clock()
    writer = Writer(run, now=now)
    if not stored_file.seen_path(run).exists():
        checking.note_again(run, now=now)
    try:
        with Seen(stored_file.seen_path(run)) as seen:
            for lines in chunks(run, skip=run.rows_done, now=now):
                _bring_in(writer, token, lines, seen=seen, now=clock())
                heard(run)
                if stopping():
                    let_go(run.pk, token, now=clock())
                    return False
    except Unreadable as trouble:
        _end(run, token, state=State.FAILED, now=clock(), trouble=str(trouble)[:300])
        return True
    _end(run, token, state=State.DONE, now=clock())
    return True


def _bring_in(writer: Writer, token: UUID, lines: list[Line], *, seen: Seen, now: datetime) -> None:
    """One chunk: what it brings, the trace of it and the cursor are committed together, or none of them."""
    run, writer.now = writer.run, now
    result: Sorted = writer.sort(lines, seen=seen)
    with transaction.atomic():
        counts = Counter(run.counts)
        done = run.rows_done + len(lines)
        # First of all: from here on nobody else has this import, and a pause waits until the chunk is committed.
        go_on(run.pk, token, now=now, state=State.RUNNING, rows_done=done)
        writer.write(
            result,
            number=ImportChunk.objects.filter(run=run).count(),
            first_row=lines[0].position,
            last_row=lines[-1].position,
        )
        keep(run, ImportProblem.During.RUN, result.problems)
        counts.update(result.counts)
        ImportRun.objects.filter(pk=run.pk).update(counts=dict(counts))
    run.rows_done, run.counts = done, dict(counts)


@transaction.atomic
def _end(run: ImportRun, token: UUID, *, state: ImportRun.State, now: datetime, trouble: str = "") -> None:
    if not let_go(run.pk, token, now=now, state=state, finished_at=now, trouble=trouble):
        return
    audit.record(
        verb="finish_import",
        subject=run,
        by=None,
        organization=run.organization,
        now=now,
        details={"state": str(state), **{name: count for name, count in run.counts.items() if count}},
    )
