"""Bruno asks for a list, Chidi approves it; each with both factors. Bruno fetches it, and a week later it is gone."""

from __future__ import annotations

import csv
import io
import time
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from amparo.supporters.exports import export_making, exporting
from amparo.supporters.models import ExportRequest
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import PASSWORD, TOTP_SECRET, a_member_of_staff, a_supporter
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def organization(settings, tmp_path, monkeypatch):
    """Three supporters, where two are many."""
    settings.AMPARO_VAR = tmp_path
    for module in (exporting, export_making):
        monkeypatch.setattr(module, "SECOND_PERSON_ABOVE", 2)
    organization = an_organization()
    an_email_page(organization)
    for name in ("Amina", "Suzie", "=Mallory"):
        a_supporter(organization, given_name=name, email=f"{name.strip('=').lower()}@supporters.example.net")
    return organization


def code():
    # Each code counts once; a journey has no half-minute to wait for the next.
    cache.clear()
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(TOTP_SECRET, counter))


def sign_in(visitor, user):
    visitor.go("/staff/")
    visitor.fill(login=user.email, password=PASSWORD)
    visitor.submit()
    visitor.fill(code=code())
    visitor.submit()


def press(visitor, words):
    link = visitor.page.get_by_role("link", name=words, exact=True)
    with visitor.page.expect_navigation():
        link.or_(visitor.page.get_by_role("button", name=words, exact=True)).click()


def six_minutes_pass():
    """For the second factors of everybody who is signed in."""
    for kept in Session.objects.all():
        session = kept.get_decoded()
        for record in session["account_authentication_methods"]:
            record["at"] = time.time() - 360
        kept.session_data = type(kept).get_session_store_class()().encode(session)
        kept.save()


def test_chidi_approves_an_export_that_bruno_asked_for(visit_staff, organization, work):
    bruno, chidi = visit_staff(size=DESK), visit_staff(size=PHONE)
    sign_in(bruno, a_member_of_staff(organization, "approver", email="bruno@example.org"))
    bruno.go("/staff/supporters/")
    bruno.check_page()
    press(bruno, "Export them…")
    bruno.check_page()
    bruno.page.get_by_label("Everybody whose address is not suppressed: 3 people").check()
    bruno.page.fill('[name="reason"]', "Badges for the vigil on Sunday")
    press(bruno, "Ask for the list")
    assert "Somebody else has to approve this list now." in bruno.page.inner_text("main")
    place = bruno.page.url
    bruno.go(place)  # without the message, which Wagtail fades in
    bruno.check_page()

    sign_in(chidi, a_member_of_staff(organization, "administrator", email="chidi@example.org"))
    six_minutes_pass()
    chidi.go(place)
    chidi.check_page()
    press(chidi, "Approve…")
    assert "/accounts/2fa/reauthenticate/" in chidi.page.url
    chidi.check_page()
    chidi.fill(code=code())
    chidi.submit()
    assert "Badges for the vigil on Sunday" in chidi.page.inner_text("main")
    chidi.check_page()
    press(chidi, "Approve")
    work()

    bruno.go(place)
    press(bruno, "Fetch the file…")
    bruno.fill(code=code())
    bruno.submit()
    with bruno.page.expect_download() as fetched:
        bruno.page.get_by_role("button", name="Download").click()
    rows = list(csv.DictReader(io.StringIO(Path(fetched.value.path()).read_text("utf-8-sig"))))
    assert {row["first_name"] for row in rows} >= {"Amina", "Suzie", "'=Mallory"}
    assert len(rows) == 4

    ExportRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    work()
    bruno.go(place)
    assert "The file is deleted" in bruno.page.inner_text("main")
    assert bruno.page.get_by_role("link", name="Fetch the file…").count() == 0
    bruno.check_page()
