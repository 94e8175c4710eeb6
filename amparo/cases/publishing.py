"""Make a column of the register public, and take it back: two people, a reason, and consent where it is somebody's own.

Nothing is public by default, and nothing becomes public by being written. What is public stands in `Clearance`, one row
a column; `public_view` reads nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases import register
from amparo.cases.models import Case, Citation, Clearance, PublicationConsent, SafetyCheck, Source
from amparo.kit.claims import transition
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from amparo.accounts.models import User
    from amparo.cases.models.record import Record

State = Clearance.State


class NeverPublic(Refusal):
    sentence = _("This is never public. Write what may be said into a column that can be.")


class ReasonMissing(Refusal):
    sentence = _("Say why readers should know it. The reason stays on record; name nobody in it.")


class ConsentMissing(Refusal):
    sentence = _(
        "This is the person's own. Record first that they, or who may speak for them, agreed to have it published."
    )


class ConsentOver(Refusal):
    sentence = _("The consent for this has ended or was withdrawn.")


class SafetyNotChecked(Refusal):
    sentence = _("Answer the questions of the safety check for this case first.")


class SamePerson(Refusal):
    sentence = _("Somebody else has to agree: two people publish.")


class AlreadyDecided(Refusal):
    sentence = _("This has been asked for or decided already.")


def ask(
    *,
    record: Record,
    column: str,
    reason: str,
    consent: PublicationConsent | None,
    case: Case,
    by: User,
    now: datetime,
) -> Clearance:
    """Ask that a column be made public. It is not, until a second person agreed.

    Raises `NeverPublic`, `ReasonMissing`, `ConsentMissing`, `ConsentOver` and `AlreadyDecided`.
    """
    if not reason.strip():
        raise ReasonMissing
    _refuse_without_consent(record=record, column=column, consent=consent, on=now.date())
    clearance = Clearance(
        organization=case.organization,
        case=case,
        record_type=type(record).__name__,
        record_id=record.pk,
        column=column,
        reason=reason.strip()[:300],
        consent=consent,
        asked_by=by,
        asked_at=now,
        entered_at=now,
        changed_at=now,
    )
    try:
        with transaction.atomic():
            clearance.save(force_insert=True)
            _note(clearance, "ask_to_publish", by=by, now=now)
    except IntegrityError:
        raise AlreadyDecided from None
    return clearance


def agree(*, clearance: Clearance, by: User, now: datetime) -> None:
    """Make the column public.

    Raises `SamePerson`, `NeverPublic`, `SafetyNotChecked`, `ConsentOver` and `AlreadyDecided`.
    """
    if by.pk == clearance.asked_by_id:
        raise SamePerson
    record = (
        register.KINDS[clearance.record_type].model._default_manager.filter(pk=clearance.record_id).first()
    )
    # A source may have become one that stays unnamed since it was asked for.
    if record is not None and is_confidential(record):
        raise NeverPublic
    if not SafetyCheck.objects.for_organization(clearance.organization).filter(case=clearance.case).exists():
        raise SafetyNotChecked
    if clearance.consent is not None and not is_in_force(clearance.consent, on=now.date()):
        raise ConsentOver
    _move(clearance, frm=State.ASKED, to=State.CLEARED, verb="publish", by=by, now=now)


def refuse(*, clearance: Clearance, by: User, now: datetime) -> None:
    """Leave the column as it is: not public. Raises `AlreadyDecided`."""
    _move(clearance, frm=State.ASKED, to=State.REFUSED, verb="refuse_to_publish", by=by, now=now)


def withdraw(*, clearance: Clearance, by: User, now: datetime) -> None:
    """Take a public column back at once; one person is enough for that. Raises `AlreadyDecided`."""
    _move(clearance, frm=State.CLEARED, to=State.WITHDRAWN, verb="unpublish", by=by, now=now)


def withdraw_consent(*, consent: PublicationConsent, on: date, by: User, now: datetime) -> int:
    """The person takes their consent back: everything that rests on it is public no more; how many columns."""
    with transaction.atomic():
        held = PublicationConsent.objects.filter(pk=consent.pk, withdrawn_on__isnull=True)
        if not transition(held, values={"withdrawn_on": on, "changed_at": now}):
            raise AlreadyDecided
        resting = Clearance.objects.filter(consent=consent, state__in=[State.ASKED, State.CLEARED])
        count = resting.update(state=State.WITHDRAWN, decided_at=now, changed_at=now)
        audit.record(
            verb="withdraw_publication_consent",
            subject=consent,
            by=by,
            organization=consent.organization,
            now=now,
            details={"columns": count},
        )
        transaction.on_commit(note_publication)
    return count


#: Free text may hold the name: after a renaming it is asked for again, once somebody has read it.
FREE_TEXT = {
    "Case": {"title", "summary", "story"},
    "Person": {"about", "image", "birth_date", "occupation"},
    "PersonName": {"text"},
    "Relation": {"note"},
    "Development": {"title", "text"},
    "Claim": {"subject", "value", "attributed_to"},
    "Quotation": {"words", "speaker", "role"},
    "Intervention": {"by", "addressed_to", "about"},
    "Source": {"title", "publisher", "url", "archived_url"},
    "Citation": {"passage", "page"},
}


def change_aftermath(*, case: Case, to: Case.Aftermath, by: User, now: datetime) -> int:
    """How the page goes on, as the person wishes; how many columns stopped being public by it.

    Without the name means without any text that may hold it: those are taken back, and asked for again when somebody
    has read them. A page that was removed keeps what was cleared, and shows none of it.
    """
    with transaction.atomic():
        Case.objects.for_organization(case.organization).filter(pk=case.pk).update(
            aftermath=to, changed_at=now
        )
        taken = 0
        if to == Case.Aftermath.RENAMED:
            held = Clearance.objects.filter(case=case, state__in=[State.ASKED, State.CLEARED])
            for record_type, columns in FREE_TEXT.items():
                taken += held.filter(record_type=record_type, column__in=columns).update(
                    state=State.WITHDRAWN, decided_at=now, changed_at=now
                )
        audit.record(
            verb="change_aftermath",
            subject=case,
            by=by,
            organization=case.organization,
            now=now,
            details={"to": str(to), "columns": taken},
        )
        transaction.on_commit(note_publication)
    case.aftermath = to
    return taken


def is_in_force(consent: PublicationConsent, *, on: date) -> bool:
    """Whether a consent holds on a day."""
    return (
        consent.given_on <= on
        and (consent.until is None or on <= consent.until)
        and (consent.withdrawn_on is None or on < consent.withdrawn_on)
    )


def is_confidential(record: Record) -> bool:
    """Whether nothing of it may ever be public: a source that stays unnamed, and what is cited from it."""
    source = record.source if isinstance(record, Citation) else record
    return isinstance(source, Source) and source.is_confidential


def public_columns(case: Case, *, on: date) -> set[tuple[str, UUID, str]]:
    """Every column of the case that is public on a day, as type, row and name.

    A consent that ran out ends what rests on it on that very day, without anybody doing anything.
    """
    cleared = Clearance.objects.for_organization(case.organization).in_force().filter(case=case)
    return {
        (clearance.record_type, clearance.record_id, clearance.column)
        for clearance in cleared.select_related("consent")
        if clearance.consent is None or is_in_force(clearance.consent, on=on)
    }


def resting_on_ended_consent(clearances: Iterable[Clearance], *, on: date) -> list[Clearance]:
    """Those of `clearances` that nobody sees any more because the consent they rest on is over."""
    return [one for one in clearances if one.consent is not None and not is_in_force(one.consent, on=on)]


def _refuse_without_consent(
    *, record: Record, column: str, consent: PublicationConsent | None, on: date
) -> None:
    try:
        declared = register.kind_of(record).column(column)
    except KeyError:
        raise NeverPublic from None
    if not declared.can_be_public or is_confidential(record):
        raise NeverPublic
    if declared.scope is None:
        return
    if consent is None or declared.scope not in consent.scopes:
        raise ConsentMissing
    if not is_in_force(consent, on=on):
        raise ConsentOver


def _move(
    clearance: Clearance, *, frm: Clearance.State, to: Clearance.State, verb: str, by: User, now: datetime
) -> None:
    with transaction.atomic():
        held = Clearance.objects.filter(pk=clearance.pk, state=frm)
        values = {"state": to, "decided_at": now, "changed_at": now}
        if frm == State.ASKED:
            values["decided_by"] = by
        if not transition(held, values=values):
            raise AlreadyDecided
        _note(clearance, verb, by=by, now=now)
        transaction.on_commit(note_publication)


def _note(clearance: Clearance, verb: str, *, by: User, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=clearance,
        by=by,
        organization=clearance.organization,
        now=now,
        details={"record": clearance.record_type, "column": clearance.column},
    )
