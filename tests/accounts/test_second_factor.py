"""Staff without a second factor can do nothing but enrol one."""

from __future__ import annotations

import pytest

from amparo.accounts.models import Role
from amparo.accounts.roles import appoint
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_user, signed_in

pytestmark = pytest.mark.django_db


def test_bruno_without_one_is_sent_to_enrol(now):
    bruno = a_user(second_factor=False)
    appoint(user=bruno, organization=an_organization(), role=Role.EDITOR, by=None, now=now)
    browser = signed_in(bruno)

    assert browser.get("/staff/").headers["Location"] == "/accounts/2fa/"
    assert browser.post("/staff/pages/add/", {}).status_code == 403


def test_bruno_with_one_comes_in():
    assert signed_in(a_member_of_staff(an_organization())).get("/staff/").status_code == 200


def test_nobody_can_sign_up(client):
    answer = client.get("/accounts/signup/")

    assert b"password" not in answer.content.lower() or answer.status_code in {403, 404}


def test_strangers_are_asked_to_sign_in(client):
    assert client.get("/staff/").headers["Location"].startswith("/accounts/login/")


def test_no_password_is_reset_by_mail(client):
    assert client.get("/accounts/password/reset/").status_code == 404
    assert client.post("/accounts/password/reset/", {"email": "bruno@example.org"}).status_code == 404
