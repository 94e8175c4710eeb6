"""Bruno signs in: password, then a code from his telephone; and enrols a passkey in the browser itself."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import PASSWORD, TOTP_SECRET, a_member_of_staff, a_user
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def organization():
    organization = an_organization()
    an_email_page(organization)
    return organization


def code():
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(TOTP_SECRET, counter))


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_bruno_signs_in_with_his_code(visit_staff, organization, size):
    bruno = visit_staff(size=size)
    user = a_member_of_staff(organization)
    bruno.go("/staff/")
    bruno.check_page()
    bruno.fill(login=user.email, password=PASSWORD)
    bruno.submit()
    bruno.check_page()
    bruno.fill(code=code())
    bruno.submit()

    assert "/staff/" in bruno.page.url
    assert "Sign" not in bruno.page.title()


def test_bruno_enrols_a_passkey_and_signs_in_with_it(visit_staff, organization, settings):
    bruno = visit_staff()
    devtools = bruno.context.new_cdp_session(bruno.page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    user = a_member_of_staff(organization)
    user.authenticator_set.all().delete()
    bruno.go("/staff/")
    bruno.fill(login=user.email, password=PASSWORD)
    bruno.submit()
    assert "/accounts/2fa/" in bruno.page.url, "without a second factor there is nothing but enrolling"
    bruno.check_page()

    bruno.go("/accounts/2fa/webauthn/add/")
    bruno.check_page()
    if bruno.page.query_selector('[name="password"]'):
        bruno.fill(password=PASSWORD)
        bruno.submit()
    bruno.page.check('[name="passwordless"]')
    with bruno.page.expect_navigation():
        bruno.page.click("#mfa_webauthn_add, button[type=button], button.button")
    assert user.authenticator_set.filter(type="webauthn").exists()

    bruno.context.clear_cookies()
    bruno.go("/staff/")
    with bruno.page.expect_navigation(url="**/staff/**"):
        bruno.page.click("#passkey_login")
    assert "/staff/" in bruno.page.url
    assert a_user(user.email).pk == user.pk
