"""The pages on which staff sign in carry the organization's name, not the server's."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def host():
    page = an_email_page(an_organization(name="Open Doors of Exampletown", boilerplate="We open doors."))
    return page.get_site().hostname


def test_the_sign_in_page_names_the_organization_in_its_head_and_title(host):
    page = Client(HTTP_HOST=host).get("/accounts/login/").content.decode()

    assert "– Open Doors of Exampletown</title>" in page
    assert "<span>Open Doors of Exampletown</span>" in page
    assert f"<span>{host}</span>" not in page


def test_its_foot_says_who_they_are(host):
    assert "We open doors." in Client(HTTP_HOST=host).get("/accounts/login/").content.decode()


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/2fa/reauthenticate/"])
def test_so_do_the_pages_behind_it(host, path):
    browser = signed_in(a_member_of_staff(an_organization()), HTTP_HOST=host)

    assert "– Open Doors of Exampletown</title>" in browser.get(path).content.decode()
