"""Nothing is public until two people, a reason and, where it is somebody's own, a consent have made it so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from amparo.accounts.models import AuditEntry
from amparo.cases import publishing, register
from amparo.cases.models import Clearance
from tests.factories.cases import (
    a_case,
    a_publication_consent,
    a_safety_check,
    a_spell,
)
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def case(organization):
    return a_case(organization)


@pytest.fixture
def bruno(organization):
    return a_member_of_staff(organization)


@pytest.fixture
def chidi(organization, case):
    chidi = a_member_of_staff(organization, "approver")
    a_safety_check(case, by=chidi)
    return chidi


def ask(record, column, *, case, by, now, consent=None, reason="Readers should know who it is."):
    return publishing.ask(
        record=record, column=column, reason=reason, consent=consent, case=case, by=by, now=now
    )


def test_nothing_is_public_by_default(case, now):
    a_spell(case, "2026-03-03")

    assert publishing.public_columns(case, on=now.date()) == set()


def test_one_asks_and_another_agrees(case, bruno, chidi, now):
    clearance = ask(case, "summary", case=case, by=bruno, now=now)
    assert publishing.public_columns(case, on=now.date()) == set()

    publishing.agree(clearance=clearance, by=chidi, now=now)

    assert publishing.public_columns(case, on=now.date()) == {("Case", case.pk, "summary")}
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"ask_to_publish", "publish"}


def test_nobody_agrees_to_their_own_question(case, chidi, now):
    clearance = ask(case, "summary", case=case, by=chidi, now=now)

    with pytest.raises(publishing.SamePerson):
        publishing.agree(clearance=clearance, by=chidi, now=now)


def test_the_database_itself_asks_for_two_people(case, bruno, now):
    clearance = ask(case, "summary", case=case, by=bruno, now=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        Clearance.objects.filter(pk=clearance.pk).update(state="cleared", decided_by=bruno)


def test_nothing_is_published_before_the_safety_check(case, organization, bruno, now):
    clearance = ask(case, "summary", case=case, by=bruno, now=now)

    with pytest.raises(publishing.SafetyNotChecked):
        publishing.agree(clearance=clearance, by=a_member_of_staff(organization, "approver"), now=now)


def test_a_name_needs_the_persons_consent(case, bruno, now):
    name = case.person.names.get()
    health_only = a_publication_consent(case.person, "health")

    for consent in (None, health_only):
        with pytest.raises(publishing.ConsentMissing):
            ask(name, "text", case=case, by=bruno, now=now, consent=consent)

    consent = a_publication_consent(case.person, "name")
    assert ask(name, "text", case=case, by=bruno, now=now, consent=consent).state == "asked"


def test_what_the_state_did_needs_no_consent(case, bruno, now):
    assert ask(a_spell(case, "2026-03-03"), "began", case=case, by=bruno, now=now).state == "asked"


@pytest.mark.parametrize(
    ("kind", "column"), [("Case", "internal_note"), ("HealthNote", "text"), ("Contact", "phone")]
)
def test_some_columns_are_never_public(kind, column):
    assert not register.KINDS[kind].column(column).can_be_public


def test_asking_for_what_is_never_public_is_refused(case, bruno, now):
    for column in ("internal_note", "no_such_column"):
        with pytest.raises(publishing.NeverPublic):
            ask(case, column, case=case, by=bruno, now=now)


def test_without_a_reason_nothing_is_asked_for(case, bruno, now):
    with pytest.raises(publishing.ReasonMissing):
        ask(case, "summary", case=case, by=bruno, now=now, reason="  ")


def test_a_consent_that_is_over_ends_what_rests_on_it_by_itself(case, bruno, chidi, now):
    consent = a_publication_consent(case.person, "name", until=now.date())
    name = case.person.names.get()
    publishing.agree(
        clearance=ask(name, "text", case=case, by=bruno, now=now, consent=consent), by=chidi, now=now
    )

    assert publishing.public_columns(case, on=now.date())
    assert publishing.public_columns(case, on=now.date() + timedelta(days=1)) == set()


def test_a_consent_taken_back_takes_everything_back_at_once(case, bruno, chidi, now):
    consent = a_publication_consent(case.person, "name")
    name = case.person.names.get()
    publishing.agree(
        clearance=ask(name, "text", case=case, by=bruno, now=now, consent=consent), by=chidi, now=now
    )

    assert publishing.withdraw_consent(consent=consent, on=now.date(), by=bruno, now=now) == 1

    assert publishing.public_columns(case, on=now.date()) == set()
    with pytest.raises(publishing.AlreadyDecided):
        publishing.withdraw_consent(consent=consent, on=now.date(), by=bruno, now=now)


def test_a_consent_from_tomorrow_does_not_hold_today(case, now):
    consent = a_publication_consent(case.person, "name", given_on=now.date() + timedelta(days=1))

    assert not publishing.is_in_force(consent, on=now.date())
    assert publishing.is_in_force(consent, on=date(2027, 1, 1))


def test_one_person_is_enough_to_take_something_back(case, bruno, chidi, now):
    clearance = ask(case, "summary", case=case, by=bruno, now=now)
    publishing.agree(clearance=clearance, by=chidi, now=now)

    publishing.withdraw(clearance=clearance, by=bruno, now=now)

    assert publishing.public_columns(case, on=now.date()) == set()


def test_a_column_is_asked_for_once_and_can_be_asked_for_again_afterwards(case, bruno, chidi, now):
    clearance = ask(case, "summary", case=case, by=bruno, now=now)
    with pytest.raises(publishing.AlreadyDecided):
        ask(case, "summary", case=case, by=chidi, now=now)
    publishing.refuse(clearance=clearance, by=chidi, now=now)

    assert ask(case, "summary", case=case, by=bruno, now=now).state == "asked"


def test_two_who_decide_at_once_decide_once(case, bruno, chidi, now):
    clearance = ask(case, "summary", case=case, by=bruno, now=now)
    publishing.refuse(clearance=clearance, by=chidi, now=now)

    with pytest.raises(publishing.AlreadyDecided):
        publishing.agree(clearance=clearance, by=chidi, now=now)


def test_every_column_of_the_register_is_declared():
    for kind in register.KINDS.values():
        frame = {"id", "organization", "entered_at", "changed_at", "revision", "person", "case", kind.parent}
        columns = {field.name for field in kind.model._meta.concrete_fields if field.editable} - frame
        assert columns == {column.name for column in kind.columns}, kind.name
