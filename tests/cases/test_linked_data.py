"""A case for programs: who, hearings and claims, from what is public, and never what could do harm."""

from __future__ import annotations

from datetime import date, time

import pytest

from amparo.cases.models import Claim, HealthNote, PublicationConsent, Stay
from tests.factories.cases import (
    a_case,
    a_case_page,
    a_hearing,
    a_publication_consent,
    a_safety_check,
    a_spell,
    publish,
)
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    organization = an_organization()
    case = a_case(organization, summary="A printer, held without trial.")
    case.person.occupation = "printer"
    case.person.save()
    return case


@pytest.fixture
def clear(case):
    asks, agrees = a_member_of_staff(case.organization), a_member_of_staff(case.organization, "approver")
    a_safety_check(case, by=agrees)
    consent = a_publication_consent(case.person, *PublicationConsent.Scope.values)

    def _clear(record, *columns):
        publish(record, *columns, case=case, asked_by=asks, agreed_by=agrees, consent=consent)

    return _clear


def test_the_page_links_to_it_and_it_says_who_and_when(client, case, clear):
    frame = {"organization": case.organization, "entered_at": NOW, "changed_at": NOW}
    hearing = a_hearing(
        case, date(2026, 12, 14), hour=time(9, 30), time_zone="Europe/Paris", status="postponed"
    )
    claim = Claim.objects.create(
        case=case, subject="Trial", value="It was fair.", attributed_to="The court", **frame
    )
    clear(case, "title", "summary")
    clear(case.person.names.get(), "text")
    clear(case.person, "occupation", "birth_date")
    clear(hearing, "day", "hour", "time_zone", "status")
    clear(claim, "subject", "value", "attributed_to")
    page = a_case_page(case)

    shown = client.get(page.url).content.decode()
    answer = client.get(f"/cases/{page.pk}/case.jsonld")

    assert f'type="application/ld+json" href="/cases/{page.pk}/case.jsonld"' in shown
    assert answer["Content-Type"] == "application/ld+json; charset=utf-8"
    found = {each["@type"]: each for each in answer.json()["@graph"]}
    assert found["WebPage"]["name"] == "Ilan Sarr, printer"
    assert (found["Person"]["name"], found["Person"]["jobTitle"]) == ("Ilan Sarr", "printer")
    assert "1994" not in answer.content.decode()
    assert found["Event"]["startDate"] == "2026-12-14T09:30:00+01:00"
    assert found["Event"]["eventStatus"] == "https://schema.org/EventPostponed"
    assert found["Claim"]["author"] == {"@type": "Thing", "name": "The court"}


def test_health_and_where_somebody_is_held_are_not_in_it_even_when_they_are_public(client, case, clear):
    frame = {"organization": case.organization, "entered_at": NOW, "changed_at": NOW}
    note = HealthNote.objects.create(case=case, text="x", public_summary="Kanarek-health", **frame)
    stay = Stay.objects.create(spell=a_spell(case, "2020"), facility="Kanarek-place", **frame)
    clear(case, "title")
    clear(note, "public_summary")
    clear(stay, "facility")

    answer = client.get(f"/cases/{a_case_page(case).pk}/case.jsonld")

    assert "Kanarek" not in answer.content.decode()


def test_there_is_none_of_a_case_that_is_not_public(client, case):
    assert client.get(f"/cases/{a_case_page(case).pk}/case.jsonld").status_code == 404


def test_there_is_none_on_the_site_of_somebody_else(client, case, clear):
    clear(case, "title")
    page = a_case_page(case)
    from tests.factories.pages import a_site

    a_site(an_organization("others"))

    for name in ("case.jsonld", "dossier.pdf"):
        answer = client.get(f"/cases/{page.pk}/{name}", headers={"host": "others.test"})
        assert answer.status_code == 404
