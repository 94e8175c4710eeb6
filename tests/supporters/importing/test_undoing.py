"""An import is taken back: as if it had not been, but for what happened since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.supporters import consent, custom_fields, identity, suppression, wordings
from amparo.supporters.importing import listing, undoing
from amparo.supporters.models import (
    ConsentRecord,
    CustomField,
    ImportChange,
    Note,
    Origin,
    Supporter,
    Suppression,
    Tag,
    Tagging,
)
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter
from tests.supporters.importing.lists import NEWS, PLAIN, UNKNOWN, brought_in, reasons, undone

pytestmark = pytest.mark.django_db

BIT = consent.bit(*NEWS)
LATER = NOW + timedelta(hours=1)


def person(email):
    return identity.find(organization=an_organization(), email=email)


def test_who_came_goes_and_their_answers_are_taken_back():
    run = undone(brought_in(PLAIN), now=LATER)
    assert run.state == "undone"
    assert run.undone_counts["removed"] == 2
    assert person("amina@supporters.example.net") is None
    assert not Supporter.objects.present().exists()
    assert not Tagging.objects.exists()
    assert not Tag.objects.exists()
    for supporter in Supporter.objects.all():
        assert supporter.agreed_to == consent.derive(supporter=supporter) == 0
        yes, no = sorted(consent.ledger_of(supporter), key=lambda line: line.recorded_at)
        assert (yes.granted, no.granted, no.origin) == (True, False, Origin.UNDONE)


def test_who_came_without_an_answer_leaves_nothing_behind():
    undone(brought_in(PLAIN, answer=UNKNOWN), now=LATER)
    assert Supporter.objects.count() == 0


def test_the_list_can_come_again_after_it_was_undone():
    organization = an_organization()
    a_supporter(organization, given_name="Amina", email="amina@supporters.example.net")
    undone(brought_in(PLAIN), now=LATER)
    again = brought_in(PLAIN, now=LATER + timedelta(hours=1))
    assert (again.counts["new"], again.counts["agreed"]) == (1, 2)
    assert person("amina@supporters.example.net").agreed_to == BIT


def test_who_did_something_since_stays():
    organization = an_organization()
    run = brought_in(PLAIN)
    amina = person("amina@supporters.example.net")
    Note.objects.create(organization=organization, supporter=amina, text="Called us", written_at=NOW)
    suzie = person("suzie@supporters.example.net")
    consent.withdraw(supporter=suzie, origin=Origin.PREFERENCES, source="/", now=LATER)
    assert undoing.foresee(run) == {"created": 2, "stay": 2, "suppressed": 0, "changed": 0}
    undone(run, now=LATER)
    run.refresh_from_db()
    assert Supporter.objects.present().count() == 2
    assert run.undone_counts["did-something"] == 2
    assert {reason for _row, reason in reasons(run, "undo")} == {"did-something"}


def test_who_was_changed_since_stays():
    run = brought_in(PLAIN)
    amina = person("amina@supporters.example.net")
    amina.family_name = "Haddad"
    amina.save()
    undone(run, now=LATER)
    amina.refresh_from_db()
    assert (amina.full_name, amina.anonymized_at) == ("Amina Haddad", None)
    assert person("suzie@supporters.example.net") is None


def test_old_values_come_back_unless_changed_since():
    organization = an_organization()
    field = custom_fields.make_field(
        organization=organization,
        label="Trade",
        kind=CustomField.Kind.TEXT,
        privacy=CustomField.Privacy.PERSONAL,
        by=None,
        now=NOW,
    )
    amina = a_supporter(
        organization, given_name="Amina", family_name="Haddad", email="amina@supporters.example.net"
    )
    custom_fields.answer(supporter=amina, field=field, text="printer", by=None, now=NOW)
    rows = "email,last name,postcode,tags,trade\namina@supporters.example.net,Rahal,BB1 1BB,press,baker\n"
    from tests.supporters.importing import lists

    run = lists.received(rows)
    from amparo.supporters.importing import preparing

    fields = {column["header"]: column["field"] for column in run.columns} | {"trade": "custom:trade"}
    run.organization.refresh_from_db()
    preparing.say_columns(run=run, fields=fields, now=NOW)
    preparing.say_rest(run=run, existing="update", tags=["from old site"], country="", language="", now=NOW)
    preparing.ask_for_check(run=run, now=NOW)
    lists.work(run)
    preparing.start(run=run, by=None, now=NOW)
    lists.work(run)
    amina.refresh_from_db()
    assert (amina.postal_code, amina.family_name) == ("BB1 1BB", "Haddad")
    assert custom_fields.shown(amina.custom_values.get()) == "baker"
    assert amina.taggings.count() == 2
    amina.postal_code = "CC1 1CC"
    amina.save()
    undone(run, now=LATER)
    amina.refresh_from_db()
    assert amina.postal_code == "CC1 1CC"
    assert custom_fields.shown(amina.custom_values.get()) == "printer"
    assert amina.taggings.count() == 0
    assert reasons(run, "undo") == [(0, "changed-since")]
    assert not ImportChange.objects.exists()


def test_what_was_suppressed_is_lifted_and_the_answer_before_holds_again():
    organization = an_organization()
    amina = a_supporter(organization, given_name="Amina", email="amina@supporters.example.net")
    wording = wordings.word(
        organization=organization,
        purpose=NEWS[0],
        channel=NEWS[1],
        language="en",
        text="May we write to you?",
    )
    consent.record(supporter=amina, answers={wording.pk: True}, source="/write/", now=NOW - timedelta(days=9))
    run = brought_in("email,status\namina@supporters.example.net,unsubscribed\ndana@example.org,bounced\n")
    amina.refresh_from_db()
    assert (amina.agreed_to, amina.unreachable) == (0, "suppressed")
    assert Suppression.objects.in_force().count() == run.counts["shut"] == 2
    undone(run, now=LATER)
    amina.refresh_from_db()
    assert (amina.agreed_to, amina.unreachable) == (BIT, "")
    assert consent.derive(supporter=amina) == BIT
    assert not suppression.is_suppressed(organization=organization, email="amina@supporters.example.net")
    last = ConsentRecord.objects.order_by("-recorded_at").first()
    assert (last.origin, last.wording_id) == (Origin.UNDONE, wording.pk)


def test_an_answer_of_their_own_since_is_left_alone():
    organization = an_organization()
    amina = a_supporter(organization, given_name="Amina", email="amina@supporters.example.net")
    run = brought_in(PLAIN)
    amina.refresh_from_db()
    assert amina.agreed_to == BIT
    consent.withdraw(supporter=amina, origin=Origin.ONE_CLICK, source="/", now=LATER)
    undone(run, now=LATER)
    amina.refresh_from_db()
    assert amina.agreed_to == 0
    assert (0, "answered-since") in reasons(run, "undo")


def test_somebody_who_came_and_was_shut_out_further_down_goes_too(monkeypatch):
    monkeypatch.setattr(listing, "CHUNK", 1)
    rows = (
        "email,status\namina@supporters.example.net,subscribed\namina@supporters.example.net,unsubscribed\n"
    )
    run = undone(brought_in(rows), now=LATER)
    assert run.undone_counts["removed"] == 1
    assert not Supporter.objects.present().exists()
    assert not Suppression.objects.in_force().exists()


def test_undoing_twice_or_what_was_never_brought_in_is_refused():
    from amparo.supporters.importing.preparing import NotNow
    from tests.supporters.importing.lists import checked

    run = undone(brought_in(PLAIN), now=LATER)
    with pytest.raises(NotNow):
        undoing.start(run=run, by=None, now=LATER)
    with pytest.raises(undoing.NothingToUndo):
        undoing.start(run=checked(PLAIN), by=None, now=LATER)
