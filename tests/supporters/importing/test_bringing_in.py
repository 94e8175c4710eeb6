"""A list comes in: who is new, who is known, who said no, and what the ledger says about it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from amparo.supporters import consent, suppression
from amparo.supporters.importing import listing
from amparo.supporters.models import Channel, ConsentRecord, Origin, Purpose, Supporter, Suppression
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter
from tests.supporters.importing.lists import AGREED, NEWS, PLAIN, UNKNOWN, brought_in, checked, reasons

pytestmark = pytest.mark.django_db

BIT = consent.bit(*NEWS)


def person(email, organization=None):
    from amparo.supporters import identity

    return identity.find(organization=organization or an_organization(), email=email)


def test_a_plain_list_becomes_supporters_with_leave_and_its_evidence():
    run = brought_in(PLAIN)
    assert run.state == "done"
    assert (run.counts["new"], run.counts["agreed"], run.rows_done, run.rows_total) == (2, 2, 2, 2)
    amina = person("amina@supporters.example.net")
    assert (amina.full_name, amina.phone, amina.postal_code) == ("Amina Rahal", "+441632960001", "AA1 1AA")
    assert (amina.postal_address, amina.country, amina.language) == ("Tallow", "GB", "en")
    assert amina.agreed_to == BIT
    assert sorted(tagging.tag.name for tagging in amina.taggings.all()) == ["local group", "press"]
    (line,) = consent.ledger_of(amina)
    assert (line.origin, line.legal_basis, line.granted) == (Origin.IMPORT, "imported", True)
    assert line.given_on == date(2024, 3, 5)
    assert "the form on our old site" in line.evidence
    assert "the export of 20 November 2026" in line.evidence
    assert consent.derive(supporter=amina) == BIT
    assert consent.may_contact(supporter=amina, purpose=Purpose.NEWS, channel=Channel.EMAIL)


def test_the_dry_run_counts_the_same_and_writes_nobody():
    run = checked(PLAIN)
    assert run.state == "checked"
    assert (run.forecast["new"], run.forecast["agreed"], run.rows_total, run.rows_done) == (2, 2, 2, 0)
    assert Supporter.objects.count() == 0
    assert ConsentRecord.objects.count() == 0


def test_who_does_not_know_brings_people_in_without_leave_to_write():
    run = brought_in(PLAIN, answer=UNKNOWN)
    assert run.counts["new"] == 2
    assert not run.counts.get("agreed")
    assert ConsentRecord.objects.count() == 0
    assert set(Supporter.objects.values_list("agreed_to", flat=True)) == {0}


def test_an_earlier_no_stands():
    organization = an_organization()
    suzie = a_supporter(organization, given_name="Suzie", email="suzie@supporters.example.net")
    consent.withdraw(
        supporter=suzie, questions=[NEWS], origin=Origin.ONE_CLICK, source="/", now=NOW - timedelta(days=1)
    )
    run = brought_in(PLAIN)
    suzie.refresh_from_db()
    assert suzie.agreed_to == 0
    assert len(consent.ledger_of(suzie)) == 1
    assert (3, "said-no") in reasons(run, "run")
    assert run.counts["said_no"] == run.forecast["said_no"] == 1


def test_suppressed_addresses_stay_suppressed_and_nobody_is_made_of_them():
    organization = an_organization()
    for form, email in (
        ("own", "Suzie@supporters.example.net"),
        ("everywhere", "amina@supporters.example.net"),
    ):
        if form == "own":
            suppression.suppress(
                organization=organization,
                email=email,
                reason=Suppression.Reason.UNSUBSCRIBED,
                source="",
                now=NOW,
            )
        else:
            suppression.suppress_everywhere(
                email=email, reason=Suppression.Reason.COMPLAINED, source="", now=NOW
            )
    run = brought_in(PLAIN)
    assert Supporter.objects.count() == 0
    assert run.counts["suppressed"] == run.forecast["suppressed"] == 2
    assert Suppression.objects.in_force().count() == 1


def test_filling_touches_only_what_is_empty_and_mixes_nobody_up():
    organization = an_organization()
    amina = a_supporter(
        organization,
        given_name="Amina",
        family_name="",
        email="amina@supporters.example.net",
        postal_address="",
    )
    suzie = a_supporter(
        organization,
        given_name="Omar",
        family_name="",
        email="suzie@supporters.example.net",
        postal_code="ZZ9",
    )
    run = brought_in(PLAIN)
    amina.refresh_from_db()
    suzie.refresh_from_db()
    assert (amina.full_name, amina.phone, amina.postal_address) == ("Amina Rahal", "+441632960001", "Tallow")
    assert suzie.full_name == "Omar"
    assert (suzie.postal_code, suzie.postal_address) == ("ZZ9", "1 Long Lane")
    assert run.counts["new"] == 0
    assert run.counts["changed"] == 2


def test_updating_replaces_what_differs_but_never_another_persons_name():
    organization = an_organization()
    a_supporter(organization, given_name="amina", family_name="Haddad", email="amina@supporters.example.net")
    a_supporter(organization, given_name="Omar", family_name="Haddad", email="suzie@supporters.example.net")
    run = brought_in(PLAIN, existing="update")
    assert person("amina@supporters.example.net").full_name == "Amina Rahal"
    assert person("suzie@supporters.example.net").full_name == "Omar Haddad"
    assert person("suzie@supporters.example.net").postal_code == "AA1 1AB"
    assert (3, "other-name") in reasons(run, "run")


def test_the_same_list_again_changes_nothing():
    brought_in(PLAIN)
    lines = ConsentRecord.objects.count()
    again = brought_in(PLAIN)
    assert (again.counts["new"], again.counts["unchanged"], again.counts["changed"]) == (0, 2, 0)
    assert ConsentRecord.objects.count() == lines
    assert Supporter.objects.count() == 2


def test_what_is_wrong_with_a_row_is_said_and_the_others_come_in():
    run = brought_in(
        "email;phone;country\n"
        "no address here;;\n"
        ";+44 1632 960002;\n"
        "amina@supporters.example.net;nonsense;Atlantis\n"
        "AMINA@supporters.example.net;;\n"
        ";;\n"
        "suzie@supporters.example.net;01632 960003;\n"
        "dana@example.org;;GB;Tallow;more\n"
    )
    assert reasons(run, "run") == [
        (2, "bad-email"),
        (4, "bad-country"),
        (4, "bad-phone"),
        (5, "twice"),
        (7, "phone-without-country"),
        (8, "too-many-cells"),
    ]
    assert run.counts["new"] == 3
    assert reasons(run, "check") == reasons(run, "run")


@pytest.mark.parametrize("rows_at_once", [1, 2000])
def test_a_no_further_down_the_list_is_not_lost_as_a_repetition(monkeypatch, rows_at_once):
    monkeypatch.setattr(listing, "CHUNK", rows_at_once)
    rows = (
        "email,status\namina@supporters.example.net,subscribed\namina@supporters.example.net,unsubscribed\n"
    )
    brought_in(rows)
    amina = person("amina@supporters.example.net")
    assert amina is None or (amina.unreachable, amina.agreed_to) == ("suppressed", 0)
    assert suppression.is_suppressed(organization=an_organization(), email="amina@supporters.example.net")


def test_a_yes_that_the_law_does_not_let_count_brings_the_person_in_without_leave():
    organization = an_organization(is_statutory_charity=True)
    answer = type(AGREED)(
        basis="soft-opt-in", questions=(NEWS,), where="the shop", given_on=None, proof="receipts"
    )
    run = brought_in(
        "email,joined\namina@supporters.example.net,2025-01-01\nsuzie@supporters.example.net,2026-03-01\n",
        organization=organization,
        answer=answer,
    )
    assert person("amina@supporters.example.net").agreed_to == 0
    assert person("suzie@supporters.example.net").agreed_to == BIT
    assert reasons(run, "run") == [(2, "not-lawful")]


def test_two_organizations_know_nothing_of_each_other():
    theirs = an_organization("lamp-light")
    a_supporter(theirs, given_name="Amina", email="amina@supporters.example.net")
    run = brought_in(PLAIN)
    assert run.counts["new"] == 2
    assert Supporter.objects.for_organization(theirs).count() == 1
