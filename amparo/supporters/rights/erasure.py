"""Erase a person: at once, everywhere, so that no import and no old backup brings them back (GDPR Art. 17 and 19).

What is removed and what stays is read from the declarations (`kit/personal_data.py`). What stays names nobody: that a
deed was done, when and on which page; the lines of the ledger; each step of each letter. Letters that have not left are
withdrawn, and mails that wait are dropped, by those who hear `supporter_erased`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from amparo.accounts import audit
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.personal_data import Declaration, Fate, Person, Recipient, Who, declarations, recipients
from amparo.organizations.models import Organization
from amparo.supporters import consent, suppression
from amparo.supporters.models import Origin, Supporter, Suppression, Tombstone
from amparo.supporters.rights import tombstones
from amparo.supporters.rights.whole_person import person_made_of, records_of, survivor_of
from amparo.supporters.signals import supporter_erased

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import Field, Model

    from amparo.accounts.models import User

#: Where the ledger says that a yes ended by being erased.
SOURCE = "erased"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did: rows emptied or removed by model, and who else has to be told (GDPR Art. 19)."""

    rows: dict[str, int] = field(default_factory=dict)
    recipients: list[Recipient] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)
    #: Whether they had been erased before, and nothing was left to do.
    was_done: bool = False


def preview(*, supporter: Supporter) -> Erasure:
    """What `erase` would find and do, without doing it."""
    person = person_made_of(records_of(supporter))
    rows = {each.label: each.rows_of(person).count() for each in _to_clear()}
    return Erasure(rows=_present(rows), recipients=passed_on(person))


def passed_on(person: Person) -> list[Recipient]:
    """Everybody outside who was given something about this person."""
    return [recipient for _name, listed in recipients.items() for recipient in listed(person)]


def erase(*, supporter: Supporter, by: User | None, origin: Origin | str, now: datetime) -> Erasure:
    """Erase everything about the person whose record this is; doing it twice is the same as doing it once.

    `by` is the member of staff who did it at the person's wish, None when the person did. Their addresses are
    suppressed as keyed marks, which a later yes of their own lifts.
    """
    survivor = survivor_of(supporter)
    with transaction.atomic():
        _queue_behind_others(survivor)
        records = records_of(survivor)
        if Tombstone.objects.filter(supporter_id=survivor.pk).exists():
            return Erasure(was_done=True)
        consent.withdraw(supporter=survivor, origin=Origin(origin), source=SOURCE, now=now)
        done = _erase(records, by=by, origin=origin, at=now, now=now)
        lines = [tombstones.line_of(stone) for stone in done.tombstones]
        transaction.on_commit(partial(tombstones.write, lines))
        audit.record(
            verb="erase_supporter",
            subject=survivor,
            by=by,
            organization=survivor.organization,
            now=now,
            details={"origin": str(origin), "records": len(records), "told": len(done.recipients)},
        )
    return done


def anonymize(*, supporter: Supporter, now: datetime) -> None:
    """Remove everything personal about one person because its time is over.

    Nobody asked for it: their addresses are not suppressed, and they may come back like anybody.
    """
    with transaction.atomic():
        _queue_behind_others(supporter)
        records = records_of(supporter)
        _announce(records, now=now)
        _clear(person_made_of(records), now=now)


def replay(*, now: datetime) -> int:
    """Erase again whom an older backup brought back, and bring the journal up to date; how many were erased.

    Runs before anything is served or sent, and while the worker runs. Only the very records that were erased are
    touched: a backup may hold merges that were undone later.
    """
    again = 0
    for line in tombstones.missing_from_database():
        with transaction.atomic():
            again += _bury_again(line, now=now)
    tombstones.write(tombstones.missing_from_journal())
    return again


def _bury_again(line: tombstones.Line, *, now: datetime) -> bool:
    organization = Organization.objects.filter(pk=line.organization).first()
    if organization is None:
        return False
    found = Supporter.objects.for_organization(organization).select_related("organization")
    record = found.filter(pk=line.supporter).first()
    if record is None:
        _suppress_again(line, organization=organization)
        return bool(
            _bury(UUID(line.supporter), organization, line.marks, by=None, origin=line.origin, at=line.moment)
        )
    _queue_behind_others(record)
    _erase([record], by=None, origin=line.origin, at=line.moment, now=now, further_marks=line.marks)
    _suppress_again(line, organization=organization)
    audit.record(verb="erase_supporter_again", subject=record, by=None, organization=organization, now=now)
    return True


def _erase(
    records: Sequence[Supporter],
    *,
    by: User | None,
    origin: Origin | str,
    at: datetime,
    now: datetime,
    further_marks: Sequence[str] = (),
) -> Erasure:
    person = person_made_of(records)
    organization = records[0].organization
    told = passed_on(person)
    _announce(records, now=now)
    marks = dict.fromkeys(further_marks)
    for address in person.addresses:
        suppression.suppress(
            organization=organization,
            email=address,
            reason=Suppression.Reason.ERASED,
            source="",
            now=now,
            keep_digest=False,
        )
        digest = suppression.digests_of(address)[0]
        marks[suppression.mark_of(digest, organization=organization).hex()] = None
    rows = _clear(person, now=now)
    stones = [
        _bury(record.pk, organization, list(marks), by=by, origin=origin, at=at, told=told)
        for record in records
    ]
    fresh = [stone for stone in stones if stone is not None]
    return Erasure(rows=rows, recipients=told, tombstones=fresh)


def _bury(
    supporter_id: UUID,
    organization: Organization,
    marks: Sequence[str],
    *,
    by: User | None,
    origin: Origin | str,
    at: datetime,
    told: Sequence[Recipient] = (),
) -> Tombstone | None:
    """The tombstone; None when there was one."""
    stone = Tombstone(
        id=new_id(),
        organization=organization,
        supporter_id=supporter_id,
        marks=list(marks),
        origin=str(origin),
        passed_on_to=[
            {"name": each.name, "address": each.address, "at": each.at.isoformat()} for each in told
        ],
        erased_by=by,
        erased_at=at,
    )
    return stone if insert_if_new(stone) else None


def _suppress_again(line: tombstones.Line, *, organization: Organization) -> None:
    """The marks of a journal line, whose addresses this database may never have held."""
    for mark in line.marks:
        insert_if_new(
            Suppression(
                id=new_id(),
                organization=organization,
                mark=bytes.fromhex(mark),
                reason=Suppression.Reason.ERASED,
                suppressed_at=line.moment,
            )
        )


def _announce(records: Sequence[Supporter], *, now: datetime) -> None:
    for record in records:
        supporter_erased.send(sender=Supporter, supporter=record, now=now)


def _clear(person: Person, *, now: datetime) -> dict[str, int]:
    """Empty or remove every row about the person; how many, by model."""
    # Where a row is found depends on others: those are looked at before any is touched.
    found = [(each, list(each.rows_of(person).values_list("pk", flat=True))) for each in _to_clear()]
    counts = {}
    for declaration, pks in found:
        rows = declaration.model._base_manager.filter(pk__in=pks)
        if declaration.uses[0].fate is Fate.DELETED:
            rows.delete()
        else:
            rows.update(**_emptied(declaration, now=now))
        counts[declaration.label] = len(pks)
    return _present(counts)


def _to_clear() -> list[Declaration]:
    """Models about supporters of which erasing removes something."""
    return [
        declaration
        for declaration in declarations(Who.SUPPORTER)
        if any(use.fate is not Fate.STAYS for use in declaration.uses)
    ]


def _emptied(declaration: Declaration, *, now: datetime) -> dict[str, Any]:
    columns = declaration.model._meta
    values = {
        use.name: _nothing(columns.get_field(use.name))
        for use in declaration.uses
        if use.fate is Fate.EMPTIED
    }
    return values | ({declaration.stamp: now} if declaration.stamp else {})


def _nothing(column: Field[Any, Any] | Any) -> Any:
    """What a column holds when it holds nothing."""
    if column.null:
        return None
    return column.get_default()


def _present(counts: dict[str, int]) -> dict[str, int]:
    return {label: count for label, count in counts.items() if count}


def _queue_behind_others(record: Model) -> None:
    """Change nothing in the person's row: whoever does something with it at the same moment waits, and looks again."""
    Supporter.objects.filter(pk=record.pk).update(anonymized_at=F("anonymized_at"))
