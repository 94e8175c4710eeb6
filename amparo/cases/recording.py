"""Write into the register: open a case, add, change and remove records, each on record itself.

What was cleared for readers was cleared as it stood. Whoever changes a public column takes it off the page with that,
and asks anew; a second person agrees anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases import chronology, citing, prose, publishing
from amparo.cases.models import (
    Case,
    Clearance,
    Condition,
    CustodySpell,
    Hearing,
    Person,
    PersonName,
    PublicationConsent,
    SafetyCheck,
    Source,
    Stay,
)
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.cases.models.record import Record
    from amparo.organizations.models import Organization

State = Clearance.State


class ReferenceTaken(Refusal):
    sentence = _("There is a case with this reference, or at this public address, already.")


class NotAllowedThere(Refusal):
    sentence = _("This does not go together with what is there already.")


def open_case(*, organization: Organization, reference: str, name: str, by: User, now: datetime) -> Case:
    """A new case of a person who is not in the register yet; nothing of it is public. Raises `ReferenceTaken`."""
    frame: dict[str, Any] = {"organization": organization, "entered_at": now, "changed_at": now}
    try:
        with transaction.atomic():
            person = Person.objects.create(**frame)
            PersonName.objects.create(person=person, text=name, **frame)
            case = Case.objects.create(person=person, reference=reference, **frame)
            audit.record(verb="open_case", subject=case, by=by, organization=organization, now=now)
    except IntegrityError:
        raise ReferenceTaken from None
    return case


def add(*, record: Record, case: Case, by: User, now: datetime) -> None:
    """Put a new record into the register. Raises what `refuse` raises."""
    record.organization, record.entered_at, record.changed_at = case.organization, now, now
    refuse(record, now=now)
    _save(record, "add_to_case", case=case, by=by, now=now, columns=[])


def change(*, record: Record, columns: Sequence[str], case: Case, by: User, now: datetime) -> int:
    """Write a record that was changed in `columns`; how many of them were public, and have to be agreed to anew."""
    refuse(record, now=now)
    record.changed_at = now
    if isinstance(record, Hearing):
        record.revision += 1
    if isinstance(record, Source) and "url" in columns:
        record.look_anew()
    with transaction.atomic():
        _save(record, "change_in_case", case=case, by=by, now=now, columns=columns)
        if isinstance(record, Source) and record.is_confidential:
            citing.take_back(record, by=by, now=now)
        return _ask_anew(record, columns, case=case, by=by, now=now)


def remove(*, record: Record, case: Case, by: User, now: datetime) -> None:
    """Take a record out of the register, and off the page."""
    with transaction.atomic():
        _open_clearances(record).update(state=State.WITHDRAWN, decided_at=now, changed_at=now)
        audit.record(
            verb="remove_from_case",
            subject=record,
            by=by,
            organization=case.organization,
            now=now,
            details={"case": str(case.pk)},
        )
        citing.forget_citations(record)
        record.delete()
        transaction.on_commit(note_publication)


def check_safety(*, case: Case, answers: str, by: User, now: datetime) -> SafetyCheck:
    """Keep the answers to the safety questions, as JSON."""
    check = SafetyCheck(
        organization=case.organization,
        case=case,
        answers=answers,
        checked_by=by,
        checked_on=now.date(),
        entered_at=now,
        changed_at=now,
    )
    check.save(force_insert=True)
    audit.record(verb="check_safety", subject=check, by=by, organization=case.organization, now=now)
    return check


def record_consent(*, consent: PublicationConsent, case: Case, by: User, now: datetime) -> None:
    """Keep what the person, or who may speak for them, agreed to."""
    consent.organization, consent.person = case.organization, case.person
    consent.entered_at = consent.changed_at = now
    consent.save(force_insert=True)
    audit.record(
        verb="record_publication_consent",
        subject=consent,
        by=by,
        organization=case.organization,
        now=now,
        details={"scopes": list(consent.scopes)},
    )


def refuse(record: Record, *, now: datetime) -> None:
    """Raises a refusal for what cannot be: days that run backwards, two times in custody at once, unknown words."""
    today = now.date()
    if isinstance(record, CustodySpell | Stay | Condition):
        chronology.refuse_impossible(record, today=today)
    if isinstance(record, CustodySpell):
        others = CustodySpell.objects.for_organization(record.organization).filter(case=record.case_id)
        chronology.refuse_overlap(record, others=others, today=today)
    if isinstance(record, Case):
        prose.check(record.story or "")


def _save(record: Record, verb: str, *, case: Case, by: User, now: datetime, columns: Sequence[str]) -> None:
    try:
        with transaction.atomic():
            record.save()
            audit.record(
                verb=verb,
                subject=record,
                by=by,
                organization=case.organization,
                now=now,
                details={"case": str(case.pk), **({"columns": list(columns)} if columns else {})},
            )
    except IntegrityError:
        raise (ReferenceTaken if isinstance(record, Case) else NotAllowedThere) from None
    transaction.on_commit(note_publication)


def _ask_anew(record: Record, columns: Sequence[str], *, case: Case, by: User, now: datetime) -> int:
    public = list(
        _open_clearances(record).filter(state=State.CLEARED, column__in=columns).select_related("consent")
    )
    for clearance in public:
        publishing.withdraw(clearance=clearance, by=by, now=now)
        Clearance.objects.create(
            organization=case.organization,
            case=case,
            record_type=clearance.record_type,
            record_id=clearance.record_id,
            column=clearance.column,
            reason=clearance.reason,
            consent=clearance.consent,
            asked_by=by,
            asked_at=now,
            entered_at=now,
            changed_at=now,
        )
    return len(public)


def _open_clearances(record: Record) -> Any:
    return Clearance.objects.for_organization(record.organization).filter(
        record_type=type(record).__name__, record_id=record.pk, state__in=[State.ASKED, State.CLEARED]
    )
