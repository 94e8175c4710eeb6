"""The first organization of a fresh server, and the second one."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import GroupPagePermission, Page, Site

from amparo.accounts.models import Role
from amparo.content.models import HomePage, SiteIdentity
from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db
FIRST = {
    "name": "Open Doors",
    "slug": "open-doors",
    "site_host": "open-doors.test",
    "sender_email": "letters@open-doors.example.org",
    "contact_email": "office@open-doors.example.org",
}


def found(**said):
    out = StringIO()
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {**FIRST, **said}.items()]
    call_command("organization", "found", *options, stdout=out)
    return out.getvalue()


def test_one_command_makes_a_site_that_answers_and_that_its_staff_may_edit():
    said = found(language="en", also="fr,ar", time_zone="Europe/London")

    organization = Organization.objects.get()
    assert "open-doors" in said
    assert (organization.time_zone, organization.locale) == ("Europe/London", "en")
    assert Site.objects.get().is_default_site
    assert SiteIdentity.objects.get().organization == organization
    browser = Client(HTTP_HOST="open-doors.test")
    for path in ("/", "/fr/", "/ar/"):
        response = browser.get(path)
        assert response.status_code == 200, path
        assert "Open Doors" in response.content.decode()
    for home in HomePage.objects.all():
        assert GroupPagePermission.objects.filter(page=home).exists()
    bruno = a_member_of_staff(organization, Role.EDITOR)
    home = HomePage.objects.get(locale__language_code="ar")
    assert (
        signed_in(bruno, HTTP_HOST="open-doors.test").get(f"/staff/pages/{home.pk}/edit/").status_code == 200
    )


def test_a_site_may_have_another_first_language():
    found(language="ar")

    response = Client(HTTP_HOST="open-doors.test").get("/ar/")

    assert response.status_code == 200
    assert 'dir="rtl"' in response.content.decode()


def test_the_second_organization_leaves_the_first_one_alone():
    found()
    found(name="Lanterns", slug="lanterns", site_host="lanterns.test")

    assert Site.objects.get(is_default_site=True).hostname == "open-doors.test"
    assert "Lanterns" in Client(HTTP_HOST="lanterns.test").get("/").content.decode()
    assert "Open Doors" in Client(HTTP_HOST="open-doors.test").get("/").content.decode()
    out = StringIO()
    call_command("organization", "list", "--json", stdout=out)
    assert [row["slug"] for row in json.loads(out.getvalue())] == ["lanterns", "open-doors"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"slug": "open-doors"}, "already"),
        ({"site_host": "open-doors.test"}, "already"),
        ({"site_host": "elsewhere.example.org"}, "does not answer"),
        ({"language": "de"}, "does not speak"),
        ({"also": "fr,xx"}, "does not speak"),
        ({"sender_email": "nobody"}, "cannot be used"),
        ({"slug": "Not A Slug"}, "cannot be used"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_made(said, why):
    found()
    before = [Organization.objects.count(), Site.objects.count(), Page.objects.count()]

    with pytest.raises(Refusal, match=why):
        found(**{"slug": "lanterns", "site_host": "lanterns.test", **said})

    assert [Organization.objects.count(), Site.objects.count(), Page.objects.count()] == before
