"""Where a page lies is remembered; whether it may be read is asked each time."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from amparo.content import known_routes
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization())


def read(client, page):
    # An unknown step is the first one: a POST is never answered from the kept pages.
    return client.post(page.url, {"step": "details"}).status_code


def test_the_second_reader_is_not_led_down_the_tree_again(client, page):
    with CaptureQueriesContext(connection) as first:
        read(client, page)
    with CaptureQueriesContext(connection) as second:
        read(client, page)

    assert len(second) <= len(first) - 3


def test_a_page_that_was_taken_down_is_gone_at_once(client, page):
    assert read(client, page) == 422
    type(page).objects.filter(pk=page.pk).update(live=False)

    assert read(client, page) == 404


def test_a_page_that_was_moved_is_not_found_at_its_old_address(client, page):
    old = page.url
    read(client, page)
    page.slug = "elsewhere"
    page.save_revision().publish()
    known_routes.forget_routes()

    assert client.post(old, {"step": "details"}).status_code in {301, 302, 404}


def test_a_page_that_was_restricted_since_is_not_shown(client, page):
    read(client, page)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    assert read(client, page) == 302


def test_a_page_borrows_the_organization_of_its_site_and_of_no_other(rf, page):
    request = rf.get(page.url, headers={"host": "open-doors.test"})
    fresh = type(page).objects.get(pk=page.pk)

    known_routes._lend_organization(fresh, request)
    assert type(page).organization.is_cached(fresh)

    other = type(page).objects.get(pk=page.pk)
    other.organization_id = uuid4()
    known_routes._lend_organization(other, request)
    assert not type(page).organization.is_cached(other)
