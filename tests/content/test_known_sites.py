"""Which organization a host belongs to is remembered for a moment, never beyond a change, and never shared."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from amparo.content.known_sites import know_site
from amparo.content.models import SiteIdentity
from amparo.kit import remembering
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(rf):
    """A request to the site of one organization, as often as one likes."""

    def ask(slug="open-doors"):
        request = rf.get("/", headers={"host": f"{slug}.test"})
        request.user = AnonymousUser()
        return know_site(request)

    return ask


@pytest.fixture
def home():
    return a_site(an_organization())


def test_the_second_request_asks_the_database_nothing(home, asked, django_assert_num_queries):
    site, identity = asked()
    with django_assert_num_queries(0):
        again = asked()

    assert again == (site, identity)
    assert identity.organization.slug == "open-doors"
    assert site.root_page.pk == home.pk


def test_two_organizations_are_kept_apart(home, asked):
    a_site(an_organization("other"))

    assert [asked(slug)[1].organization.slug for slug in ("open-doors", "other", "open-doors")] == [
        "open-doors",
        "other",
        "open-doors",
    ]


def test_a_change_is_seen_at_once(home, asked):
    asked()
    identity = SiteIdentity.objects.get()
    identity.accent = "#004488"
    identity.save()

    assert asked()[1].accent == "#004488"


def test_each_request_has_its_own_copy(home, asked):
    """What one request sets on an organization or a page is nothing to the next."""
    first = asked()[1]
    first.organization.name = "Mallory"

    assert asked()[1].organization.name != "Mallory"


def test_after_a_second_the_database_is_asked_again(home, asked, monkeypatch, django_assert_num_queries):
    asked()
    later = remembering.time.monotonic() + remembering.CHECK_SECONDS
    monkeypatch.setattr(remembering.time, "monotonic", lambda: later)

    with django_assert_num_queries(2):
        asked()
