"""An administrator says who the organization is, and whose law it follows."""

from __future__ import annotations

from datetime import time

import pytest
from django.urls import reverse

from amparo.accounts import describing
from amparo.accounts.models import AuditEntry, Role
from amparo.organizations.models import Organization
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization(boilerplate="We stand by people in prison.")


def typed(organization, **fields):
    held = {field: getattr(organization, field) for field in describing.DESCRIBED}
    held |= {field: "" for field, value in held.items() if value is None}
    held["is_statutory_charity"] = "on" if held["is_statutory_charity"] else ""
    return held | fields


def administrator(organization):
    return signed_in(a_member_of_staff(organization, Role.ADMINISTRATOR))


def test_the_law_and_the_charity_are_chosen_here_and_the_trail_names_them(organization):
    place = reverse("staff_organization", args=[organization.pk])
    browser = administrator(organization)
    assert "We stand by people in prison." in browser.get(place).content.decode()

    data = typed(organization, jurisdiction="de-at", is_statutory_charity="on", name="Offene Türen")
    assert browser.post(place, data).url == reverse("staff_organizations")

    held = Organization.objects.get()
    assert (held.jurisdiction, held.is_statutory_charity, held.name) == ("de-at", True, "Offene Türen")
    entry = AuditEntry.objects.get(verb="describe_organization")
    assert entry.details == {
        "fields": "name, jurisdiction, is_statutory_charity",
        "jurisdiction": "de-at",
        "is_statutory_charity": True,
    }
    assert "Germany and Austria" in browser.get(reverse("staff_organizations")).content.decode()


def test_quiet_hours_have_a_beginning_and_an_end(organization):
    place = reverse("staff_organization", args=[organization.pk])
    browser = administrator(organization)
    for half in ({"quiet_from": "22:00"}, {"quiet_from": "22:00", "quiet_until": "22:00"}):
        assert browser.post(place, typed(organization, **half)).status_code == 200
    assert (
        browser.post(place, typed(organization, quiet_from="22:00", quiet_until="08:00")).status_code == 302
    )
    held = Organization.objects.get()
    assert (held.quiet_from, held.quiet_until) == (time(22), time(8))
    assert 'value="22:00"' in browser.get(place).content.decode()


def test_saving_what_is_there_changes_and_notes_nothing(organization):
    administrator(organization).post(
        reverse("staff_organization", args=[organization.pk]), typed(organization)
    )
    assert not AuditEntry.objects.filter(verb="describe_organization").exists()


@pytest.mark.parametrize(
    "wrong",
    [{"jurisdiction": "mars"}, {"time_zone": "Moon/Sea"}, {"contact_email": "office"}, {"name": ""}],
)
def test_what_cannot_be_is_refused_and_the_title_stays(organization, wrong):
    place = reverse("staff_organization", args=[organization.pk])
    shown = administrator(organization).post(place, typed(organization, **wrong))
    assert shown.status_code == 200
    assert "<title>Open Doors" in " ".join(shown.content.decode().split())
    assert Organization.objects.get() == organization
    assert not AuditEntry.objects.filter(verb="describe_organization").exists()


def test_a_name_holds_no_second_line(organization):
    place = reverse("staff_organization", args=[organization.pk])
    data = typed(organization, sender_name="Open\r\nBcc: everybody@example.org")
    administrator(organization).post(place, data)
    assert "\n" not in Organization.objects.get().sender_name


def test_approvers_do_not_choose_the_law(organization):
    chidi = signed_in(a_member_of_staff(organization, Role.APPROVER))
    place = reverse("staff_organization", args=[organization.pk])
    assert chidi.get(place).status_code in {302, 403}
    chidi.post(place, typed(organization, jurisdiction="us"))
    assert Organization.objects.get().jurisdiction == "uk"
