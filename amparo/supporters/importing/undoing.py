"""Undoing a whole import: who came goes again, what changed gets its old value back, and what happened since stays."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import bell, bulk_rows, sealing
from amparo.kit.claims import transition
from amparo.kit.refusal import Refusal
from amparo.kit.work import stopping
from amparo.supporters import consent_in_bulk, rules
from amparo.supporters.importing import further
from amparo.supporters.importing.changes import Records
from amparo.supporters.importing.claiming import LINE, go_on, let_go
from amparo.supporters.importing.filing import put_custom
from amparo.supporters.importing.preparing import AnotherIsRunning, NotNow
from amparo.supporters.importing.problems import Problem, keep
from amparo.supporters.importing.traces import ENTRY, digest_of
from amparo.supporters.models import (
    ConsentRecord,
    CustomField,
    CustomValue,
    ImportChange,
    ImportChunk,
    ImportProblem,
    ImportRun,
    Origin,
    OtherAddress,
    Supporter,
    Suppression,
    Tag,
    Tagging,
)

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User

State = ImportRun.State

#: Lines of the ledger that are nobody's own word.
_NOT_THEIR_WORD = [Origin.IMPORT, Origin.UNDONE, Origin.LAPSED]
#: Rows about a person that say nothing of what the person did.
_NOT_THEIR_DEED: list[type[models.Model]] = [Tagging, CustomValue, ConsentRecord]
#: Chunks looked through to say beforehand who stays; a longer list is only counted.
FORESEEN = 20
CUSTOM = "custom:"


class NothingToUndo(Refusal):
    sentence = _("Nothing of this list was brought in, so there is nothing to undo.")


def foresee(run: ImportRun) -> Counter[str]:
    """What undoing would do, as far as can be said beforehand: people who go, who stay, who get old values back."""
    counted: Counter[str] = Counter()
    chunks = ImportChunk.objects.filter(run=run, undone_at__isnull=True)
    few = chunks.count() <= FORESEEN
    for chunk in chunks.iterator(chunk_size=5):
        ids = [pk for pk, _digest in created_in(chunk)]
        counted["created"] += len(ids)
        counted["suppressed"] += len(bytes(chunk.suppressed)) // 16
        if few:
            counted["stay"] += len(who_acted(ids, run=run))
    counted["changed"] = ImportChange.objects.filter(chunk__in=chunks).count()
    return counted


def start(*, run: ImportRun, by: User | None, now: datetime) -> None:
    """Undo all that this import did, in the background. Raises `NotNow`, `NothingToUndo`, `AnotherIsRunning`."""
    if not ImportChunk.objects.filter(run=run).exists():
        raise NothingToUndo
    there = ImportRun.objects.filter(pk=run.pk, state__in=ImportRun.UNDOABLE)
    try:
        with transaction.atomic():
            if not transition(there, values={"state": State.UNDOING, "changed_at": now}):
                raise NotNow
            audit.record(verb="undo_import", subject=run, by=by, organization=run.organization, now=now)
    except IntegrityError:
        raise AnotherIsRunning from None
    transaction.on_commit(lambda: bell.ring(LINE))
    run.refresh_from_db()


def undo_on(run: ImportRun, token: UUID, *, clock: Callable[[], datetime]) -> bool:
    """Undo what is left, the last chunk first; False when the worker was asked to stop before the end."""
    chunks = ImportChunk.objects.filter(run=run, undone_at__isnull=True)
    while (chunk := chunks.order_by("-number").first()) is not None:
        _undo(run, token, chunk, now=clock())
        if stopping():
            let_go(run.pk, token, now=clock())
            return False
    now = clock()
    with transaction.atomic():
        _remove_empty_tags(run)
        if let_go(run.pk, token, now=now, state=State.UNDONE, undone_at=now):
            audit.record(
                verb="finish_undoing_import",
                subject=run,
                by=None,
                organization=run.organization,
                now=now,
                details={name: count for name, count in run.undone_counts.items() if count},
            )
    return True


def created_in(chunk: ImportChunk) -> Iterator[tuple[UUID, bytes]]:
    """Who came with a chunk, and the digest of what was written about them."""
    kept = bytes(chunk.created)
    for at in range(0, len(kept), ENTRY):
        yield UUID(bytes=kept[at : at + 16]), kept[at + 16 : at + ENTRY]


def who_acted(ids: Iterable[UUID], *, run: ImportRun) -> set[UUID]:
    """Those of `ids` of whom anything is known that they, or somebody about them, did since.

    Any row of any app that leads to a supporter counts, so that an app that is added later is not forgotten here.
    """
    wanted = list(ids)
    acted: set[UUID] = set()
    for some in bulk_rows.in_lists(wanted):
        for model, column in _references():
            rows = model._base_manager.all()
            if model is ImportChange:
                rows = rows.exclude(chunk__run=run)
            elif model is OtherAddress:
                rows = rows.exclude(added_at__in=ImportChunk.objects.filter(run=run).values("done_at"))
            acted.update(rows.filter(**{f"{column}__in": some}).values_list(column, flat=True).distinct())
        theirs = ConsentRecord.objects.filter(supporter__in=some).exclude(origin__in=_NOT_THEIR_WORD)
        acted.update(theirs.values_list("supporter", flat=True))
        moved = models.Q(confirmed_at__isnull=False) | models.Q(merged_into__isnull=False)
        acted.update(Supporter.objects.filter(moved, pk__in=some).values_list("pk", flat=True))
    return acted


def _references() -> list[tuple[type[models.Model], str]]:
    found = []
    for relation in Supporter._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ForeignObjectRel):
            model: Any = relation.related_model
            if model not in _NOT_THEIR_DEED:
                found.append((model, cast("Any", relation.field).attname))
    return found


def _undo(run: ImportRun, token: UUID, chunk: ImportChunk, *, now: datetime) -> None:
    """One chunk: what goes back and the note that it did are committed together."""
    counts: Counter[str] = Counter()
    problems: list[Problem] = []
    source = f"undone import of {run.created_at.date().isoformat()}"
    with transaction.atomic():
        go_on(run.pk, token, now=now, state=State.UNDOING)
        _remove_created(run, chunk, counts, problems, source=source, now=now)
        for change in chunk.changes.order_by("supporter"):
            _give_back(run, change, counts, problems, source=source, at=chunk.done_at, now=now)
        _lift(chunk, counts, now=now)
        # Nobody needs the old values any more.
        chunk.changes.all().delete()
        keep(run, ImportProblem.During.UNDO, problems)
        ImportChunk.objects.filter(pk=chunk.pk).update(undone_at=now)
        counts.update(run.undone_counts)
        ImportRun.objects.filter(pk=run.pk).update(undone_counts=dict(counts))
    run.undone_counts = dict(counts)


# --- Who came with it ---


def _remove_created(
    run: ImportRun,
    chunk: ImportChunk,
    counts: Counter[str],
    problems: list[Problem],
    *,
    source: str,
    now: datetime,
) -> None:
    written = dict(created_in(chunk))
    going: list[UUID] = []
    key = sealing.data_key_for(run.organization_id)
    # Locked before anything is asked, so that nobody acts between the question and the answer.
    there = Records(run.organization).read(written, lock=True)
    acted = who_acted(there, run=run)
    for pk, texts in there.items():
        if pk in acted:
            _left(problems, counts, pk, "did-something")
        elif digest_of(texts, key=key) != written[pk]:
            _left(problems, counts, pk, "changed-since")
        else:
            going.append(pk)
    counts["removed"] += len(going)
    for some in bulk_rows.in_lists(going):
        answered = set(ConsentRecord.objects.filter(supporter__in=some).values_list("supporter", flat=True))
        Tagging.objects.filter(supporter__in=some).delete()
        CustomValue.objects.filter(supporter__in=some).delete()
        OtherAddress.objects.filter(supporter__in=some).delete()
        # The ledger names them, so their row stays, without a person.
        Supporter.objects.filter(pk__in=answered).update(
            given_name=None,
            family_name=None,
            email=None,
            email_fingerprint=None,
            phone=None,
            phone_fingerprint=None,
            postal_code=None,
            postal_address=None,
            area="",
            agreed_to=0,
            anonymized_at=now,
        )
        consent_in_bulk.take_back(
            organization=run.organization, supporters=sorted(answered), source=source, now=now
        )
        Supporter.objects.filter(pk__in=set(some) - answered).delete()


# --- Who was there before ---


def _give_back(
    run: ImportRun,
    change: ImportChange,
    counts: Counter[str],
    problems: list[Problem],
    *,
    source: str,
    at: datetime,
    now: datetime,
) -> None:
    pk = change.supporter_id
    records = Records(run.organization)
    there = records.read([pk], lock=True).get(pk)
    if there is None:
        counts["gone"] += 1
        return
    before, after = json.loads(change.before or "{}"), json.loads(change.after or "{}")
    further.take_back(pk, after, organization=run.organization)
    own = {name: text for name, text in after.items() if not name.startswith((CUSTOM, further.FURTHER))}
    back = {name: before[name] for name, text in own.items() if there[name] == text}
    if back:
        records.write(pk, back)
    stayed = len(back) < len(own)
    for name, text in after.items():
        if name.startswith(CUSTOM):
            stayed |= not _give_custom_back(run, pk, UUID(name.removeprefix(CUSTOM)), text, before[name])
    if stayed:
        _left(problems, counts, pk, "changed-since")
    counts["given_back"] += 1
    Tagging.objects.filter(supporter=pk, tag__in=change.tags).delete()
    _give_answers_back(run, change, counts, problems, source=source, at=at, now=now)


def _give_custom_back(run: ImportRun, pk: UUID, field_id: UUID, after: str, before: str) -> bool:
    value = (
        CustomValue.objects.for_organization(run.organization)
        .filter(supporter=pk, field=field_id)
        .select_related("field")
        .first()
    )
    if value is None:
        return False
    present = value.plain if value.plain is not None else value.sealed
    if present != after:
        return False
    if before:
        put_custom(value, CustomField.objects.get(pk=field_id), before)
        value.save()
    else:
        value.delete()
    return True


def _give_answers_back(
    run: ImportRun,
    change: ImportChange,
    counts: Counter[str],
    problems: list[Problem],
    *,
    source: str,
    at: datetime,
    now: datetime,
) -> None:
    pk = change.supporter_id
    last = consent_in_bulk.last_lines(organization=run.organization, supporters=[pk])
    for purpose, channel, _granted, before in change.answers:
        line = last.get((pk, purpose, channel, ""))
        if line is None or line.origin != Origin.IMPORT or line.recorded_at != at:
            _left(problems, counts, pk, "answered-since")
            continue
        try:
            consent_in_bulk.give_back(
                organization=run.organization,
                supporter_id=pk,
                purpose=purpose,
                channel=channel,
                before=UUID(before) if before else None,
                source=source,
                now=now,
            )
        except (rules.BasisNotPermitted, rules.NotProved):
            _left(problems, counts, pk, "not-lawful")


# --- Addresses that were suppressed by it ---


def _lift(chunk: ImportChunk, counts: Counter[str], *, now: datetime) -> None:
    kept = bytes(chunk.suppressed)
    ids = [UUID(bytes=kept[at : at + 16]) for at in range(0, len(kept), 16)]
    for some in bulk_rows.in_lists(ids):
        counts["lifted"] += (
            Suppression.objects.in_force()
            .filter(pk__in=some)
            .update(lifted_at=now, lifted_because="The import it came with was undone.")
        )


def _remove_empty_tags(run: ImportRun) -> None:
    """Tags that came with the list and that nobody has."""
    moments: Sequence[Any] = list(ImportChunk.objects.filter(run=run).values_list("done_at", flat=True))
    for some in bulk_rows.in_lists(moments):
        made = Tag.objects.for_organization(run.organization).filter(created_at__in=some)
        made.filter(taggings__isnull=True).delete()


def _left(problems: list[Problem], counts: Counter[str], pk: UUID, reason: str) -> None:
    problems.append(Problem("", 0, str(pk), reason))
    counts[reason] += 1
