"""What staff do with a list: hand it over, say what it is, have it checked, start it, pause it, forget its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import addresses, bell
from amparo.kit.claims import transition
from amparo.kit.ids import new_id
from amparo.kit.refusal import Refusal
from amparo.kit.tables.headings import Headed, key_of
from amparo.supporters.importing import answers, stored_file
from amparo.supporters.importing.answers import ConsentAnswer
from amparo.supporters.importing.claiming import LINE
from amparo.supporters.importing.columns import Field, choices, is_network_address, propose
from amparo.supporters.importing.listing import tables_of
from amparo.supporters.importing.people import STANDINGS
from amparo.supporters.importing.registry import SHUT, load_sources, recognise
from amparo.supporters.importing.values import LONGEST_TAG
from amparo.supporters.models import ImportRun, SavedMapping

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

State = ImportRun.State
#: In these nothing was begun yet, and everything may still be said differently.
OPEN = [State.DRAFT, State.CHECKED, State.FAILED]
#: Rows of a list shown before it is brought in.
PREVIEWED = 5
#: Rows of each table in which a column without a telling heading is looked through.
LOOKED_AT = 200


class NobodyToFind(Refusal):
    sentence = _("Say which column holds the e-mail address, or the telephone number.")


class NotNow(Refusal):
    sentence = _("That cannot be done with this list any more. Look at it again.")


class AnotherIsRunning(Refusal):
    sentence = _("Another list is just being brought in or undone. Wait until it is done, or pause it.")


class FileGone(Refusal):
    sentence = _("The file of this list was removed. Bring it in again.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file looks like: its headings, what each column is taken for, and the first rows."""

    headers: list[str]
    fields: list[str]
    rows: list[list[str]]
    tables: list[Headed]


def receive(
    blocks: Iterable[bytes], *, organization: Organization, file_name: str, by: User | None, now: datetime
) -> ImportRun:
    """Keep a file, sealed, and look at it: where it comes from, and what its columns are.

    Raises `Unreadable`, and keeps nothing then.
    """
    run = ImportRun(id=new_id(), organization=organization, made_by=by, created_at=now, changed_at=now)
    run.file_name = addresses.one_line(file_name, 200) or "list"
    run.file_kept_until = now + stored_file.KEPT
    run.file_size, run.file_mark = stored_file.store(blocks, organization_id=organization.pk, run_id=run.pk)
    try:
        tables = tables_of(run)
        run.source = recognise(_headers(tables), [table.table.name for table in tables])
        run.columns = _proposed(run, tables_of(run))
        with transaction.atomic():
            run.save(force_insert=True)
            audit.record(
                verb="receive_list",
                subject=run,
                by=by,
                organization=organization,
                now=now,
                details={"bytes": run.file_size, "source": run.source},
            )
    except BaseException:
        stored_file.remove(run)
        raise
    return run


def same_file_before(run: ImportRun) -> ImportRun | None:
    """The last time that this very file was brought in and not undone."""
    others = ImportRun.objects.for_organization(run.organization).filter(file_mark=run.file_mark)
    written = others.filter(state__in=[State.RUNNING, State.PAUSED, State.DONE, State.CANCELLED])
    return written.exclude(pk=run.pk).order_by("-created_at").first()


def preview(run: ImportRun) -> Preview:
    """The headings of a list and its first rows. Raises `Unreadable`."""
    if not run.has_file:
        raise FileGone
    tables = tables_of(run)
    said = {column["header"]: column["field"] for column in run.columns}
    headers = _headers(tables)
    first = tables[0]
    rows = []
    for _number, cells in islice(first.rows(), PREVIEWED):
        by_header = dict(zip(first.headers, cells, strict=False))
        rows.append([by_header.get(header, "") for header in headers])
    return Preview(headers, [said.get(header, "") for header in headers], rows, tables)


def say_source(*, run: ImportRun, source: str, encoding: str, now: datetime) -> None:
    """Say which program the list comes from and how its text is written; columns are proposed anew."""
    load_sources().get(source)
    run.source, run.encoding, run.columns = source, encoding, []
    run.columns = _proposed(run, tables_of(run))
    _say(run, now=now, source=source, encoding=encoding, columns=run.columns)


def say_columns(*, run: ImportRun, fields: Mapping[str, str], now: datetime) -> None:
    """Say what each column is, by its heading; kept for the next list of this source. Raises `NobodyToFind`."""
    allowed = {value for value, _label in choices(run.organization)}
    columns = [
        {
            "header": column["header"],
            "field": found if (found := fields.get(column["header"], "")) in allowed else "",
        }
        for column in run.columns
    ]
    if not {Field.EMAIL, Field.PHONE} & {column["field"] for column in columns}:
        raise NobodyToFind
    with transaction.atomic():
        _say(run, now=now, columns=columns)
        kept, _made = SavedMapping.objects.get_or_create(
            organization=run.organization, source=run.source, defaults={"saved_at": now}
        )
        kept.columns = {**kept.columns, **{key_of(each["header"]): each["field"] for each in columns}}
        kept.saved_at = now
        kept.save()
    run.columns = columns


def say_consent(*, run: ImportRun, answer: ConsentAnswer, by: User | None, now: datetime) -> None:
    """Say what these people agreed to. Raises the refusals of `answers.check`."""
    tells_days = {Field.AGREED, Field.CONFIRMED, Field.JOINED} & {column["field"] for column in run.columns}
    checked = answers.check(
        answer, organization=run.organization, days_in_file=bool(tells_days), today=now.date()
    )
    with transaction.atomic():
        _say(run, now=now, answer=checked.as_json())
        audit.record(
            verb="say_consent_of_list",
            subject=run,
            by=by,
            organization=run.organization,
            now=now,
            details={"basis": checked.basis, "questions": [list(each) for each in checked.questions]},
        )
    run.answer = checked.as_json()


def say_rest(
    *, run: ImportRun, existing: str, tags: Sequence[str], country: str, language: str, now: datetime
) -> None:
    """Say what becomes of people who are known, which tags everybody gets, and where they are if the list is silent."""
    names = [name for name in (addresses.one_line(tag, LONGEST_TAG) for tag in tags) if name]
    values: dict[str, Any] = {
        "existing": existing,
        "tags": list(dict.fromkeys(names)),
        "country": country,
        "language": language,
    }
    _say(run, now=now, **values)
    for name, value in values.items():
        setattr(run, name, value)


def ask_for_check(*, run: ImportRun, now: datetime) -> None:
    """Have the whole list gone through, in the background. Raises `NotNow` and `FileGone`."""
    if not run.has_file:
        raise FileGone
    open_run = ImportRun.objects.filter(pk=run.pk, state__in=OPEN, chunks__isnull=True)
    values = {"state": State.CHECKING, "changed_at": now, "rows_done": 0, "rows_total": None, "trouble": ""}
    if not transition(open_run, values=values):
        raise NotNow
    transaction.on_commit(lambda: bell.ring(LINE))
    run.refresh_from_db()


def start(*, run: ImportRun, by: User | None, now: datetime) -> None:
    """Bring the checked list in, in the background. Raises `NotNow` and `AnotherIsRunning`."""
    _move(run, [State.CHECKED], State.RUNNING, verb="start_import", by=by, now=now, started_at=now)


def pause(*, run: ImportRun, by: User | None, now: datetime) -> None:
    """Stop after the chunk in hand, to go on later. Raises `NotNow`."""
    _move(run, [State.RUNNING], State.PAUSED, verb="pause_import", by=by, now=now)


def resume(*, run: ImportRun, by: User | None, now: datetime) -> None:
    """Go on where it was paused. Raises `NotNow`, `FileGone` and `AnotherIsRunning`."""
    if not run.has_file:
        raise FileGone
    _move(run, [State.PAUSED, State.FAILED], State.RUNNING, verb="resume_import", by=by, now=now, trouble="")


def cancel(*, run: ImportRun, by: User | None, now: datetime) -> None:
    """Bring in no more rows; what was brought in stays, until it is undone. Raises `NotNow`."""
    states = [State.RUNNING, State.PAUSED]
    _move(run, states, State.CANCELLED, verb="cancel_import", by=by, now=now, finished_at=now)


def forget_file(*, run: ImportRun, by: User | None, now: datetime) -> bool:
    """Remove the file at once; False when it was removed before. An import that needs it is not interrupted."""
    idle = ImportRun.objects.filter(pk=run.pk, file_removed_at__isnull=True).exclude(
        state__in=[State.CHECKING, State.RUNNING]
    )
    with transaction.atomic():
        if not transition(idle, values={"file_removed_at": now, "changed_at": now}):
            return False
        audit.record(verb="remove_list", subject=run, by=by, organization=run.organization, now=now)
        transaction.on_commit(lambda: stored_file.remove(run))
    return True


def forget_old_files(*, now: datetime) -> int:
    """Remove files whose thirty days are over; how many."""
    old = ImportRun.objects.filter(file_removed_at__isnull=True, file_kept_until__lte=now)
    return sum(
        forget_file(run=run, by=None, now=now)
        for run in old.select_related("organization").order_by("pk")[:200]
    )


def _move(
    run: ImportRun,
    before: Sequence[ImportRun.State],
    to: ImportRun.State,
    *,
    verb: str,
    by: User | None,
    now: datetime,
    **values: Any,
) -> None:
    there = ImportRun.objects.filter(pk=run.pk, state__in=before)
    if to is State.RUNNING:
        there = there.filter(checked_at__isnull=False)
    fresh = {"state": to, "changed_at": now, "claimed_by": None, "claimed_until": None, **values}
    try:
        with transaction.atomic():
            if not transition(there, values=fresh):
                raise NotNow
            audit.record(verb=verb, subject=run, by=by, organization=run.organization, now=now)
    except IntegrityError:
        raise AnotherIsRunning from None
    transaction.on_commit(lambda: bell.ring(LINE))
    run.refresh_from_db()


def _say(run: ImportRun, *, now: datetime, **values: Any) -> None:
    """Keep what staff said. A list that was checked has to be checked again."""
    there = ImportRun.objects.filter(pk=run.pk, state__in=OPEN, chunks__isnull=True)
    fresh = {**values, "state": State.DRAFT, "changed_at": now, "trouble": ""}
    if not transition(there, values=fresh):
        raise NotNow


def _headers(tables: Sequence[Headed]) -> list[str]:
    """The headings of all tables, each once."""
    return list(dict.fromkeys(header for table in tables for header in table.headers))


def _proposed(run: ImportRun, tables: Sequence[Headed]) -> list[dict[str, str]]:
    saved = SavedMapping.objects.for_organization(run.organization).filter(source=run.source).first()
    headers = _headers(tables)
    fields = propose(
        headers,
        source=load_sources().get(run.source),
        saved=saved.columns if saved else {},
        allowed=[value for value, _label in choices(run.organization)],
    )
    if not saved:
        fields = _guess_by_cells(tables, headers, fields)
    return [{"header": header, "field": field} for header, field in zip(headers, fields, strict=True)]


def _guess_by_cells(tables: Sequence[Headed], headers: Sequence[str], fields: Sequence[str]) -> list[str]:
    """Take columns for what stands in them, where no heading says it: addresses, and words for having left."""
    cells: dict[str, list[str]] = {}
    for table in tables:
        for _number, row in islice(table.rows(), LOOKED_AT):
            for header, cell in zip(table.headers, row, strict=False):
                if cell:
                    cells.setdefault(header, []).append(cell)
    guessed = list(fields)
    for field, fits in ((Field.EMAIL, _are_addresses), (Field.STANDING, _are_standings)):
        if field not in guessed:
            open_places = (place for place, found in enumerate(guessed) if not found)
            place = next((place for place in open_places if fits(cells.get(headers[place], []))), None)
            if place is not None and not is_network_address(headers[place]):
                guessed[place] = str(field)
    return guessed


def _are_addresses(cells: Sequence[str]) -> bool:
    return sum("@" in cell for cell in cells) * 2 > len(cells)


def _are_standings(cells: Sequence[str]) -> bool:
    """Whether these are words for a status, some of which nobody uses for anything else."""
    words = [key_of(cell) for cell in cells]
    known = sum(word in STANDINGS for word in words)
    telling = {word for word, standing in STANDINGS.items() if standing in SHUT}
    return bool(telling.intersection(words)) and known * 5 >= len(words) * 4
