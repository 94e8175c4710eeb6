"""Bruno hands an alert on, Chidi approves it, Suzie gets it in Arabic and signs by two clicks; Dana gets none."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from wagtail.models import Locale

from amparo.accounts.models import Role
from amparo.actions.models import Action
from amparo.kit.work import run_line
from amparo.mailings.composer import composing
from amparo.mailings.models import Mailing
from tests.factories.composed import WORDS, a_button, a_draft, rewrite
from tests.factories.mailings import a_reader, a_segment
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter, signed_in
from tests.factories.signed_pages import a_petition
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def organization():
    return an_organization(postal_address="1 Long Lane", second_person_above=1)


@pytest.fixture
def petition(organization):
    """In English and in Arabic, at the address of the server."""
    page = a_petition(organization)
    arabic, _made = Locale.objects.get_or_create(language_code="ar")
    page.get_parent().specific.copy_for_translation(arabic).save_revision().publish()
    twin = page.copy_for_translation(arabic)
    twin.title = "قاض من أجل إيلان سار"
    twin.save_revision().publish()
    return page


@pytest.fixture
def alert(organization, petition):
    """Bruno's draft to everybody, in two languages, with a button to the petition."""
    mailing = a_draft(organization, WORDS, a_button(petition, "Sign for Ilan")).mailing
    arabic = composing.add_text(mailing=mailing, language="ar", variant="a", by=None, now=NOW)
    rewrite(arabic, WORDS, a_button(petition, "وقع من أجل إيلان"), subject="ثلاثة أيام من أجل إيلان")
    a_segment(organization)
    return mailing


def at_their_desk(visit_staff, user, *, size=DESK):
    visitor = visit_staff(size=size)
    cookie = signed_in(user).cookies[django_settings.SESSION_COOKIE_NAME]
    visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": visitor.server.url}])
    return visitor


def press(visitor, words):
    link = visitor.page.get_by_role("link", name=words, exact=True)
    with visitor.page.expect_navigation():
        link.or_(visitor.page.get_by_role("button", name=words, exact=True)).first.click()


def html_of(mail):
    return mail.get_body(("html",)).get_content()


def test_an_alert_goes_from_bruno_by_chidi_to_suzie_who_signs_in_two_clicks(
    visit, visit_staff, organization, petition, alert, work
):
    suzie = a_reader(organization, "Suzie", family_name="Storm", email="suzie@example.org", language="ar")
    a_reader(organization, "Amina", email="amina@example.org", language="en")
    a_supporter(organization, given_name="Dana", email="dana@example.org")

    bruno = at_their_desk(
        visit_staff, a_member_of_staff(organization, Role.EDITOR, email="bruno@example.org")
    )
    bruno.go(f"/staff/mailings/{alert.pk}/")
    bruno.check_page()
    press(bruno, "Choose the audience…")
    press(bruno, "Save and count")
    assert "2 people" in bruno.text
    press(bruno, "Hand it on for approval…")
    press(bruno, "It is ready")

    chidi = at_their_desk(
        visit_staff, a_member_of_staff(organization, Role.APPROVER, email="chidi@example.org"), size=PHONE
    )
    chidi.go(f"/staff/mailings/{alert.pk}/")
    press(chidi, "Approve…")
    chidi.check_page()
    press(chidi, "Approve it")

    begins = timezone.now() + timedelta(minutes=11)
    run_line("audiences", now_source=lambda: begins)
    bruno.go(f"/staff/mailings/{alert.pk}/")
    bruno.check_page()
    press(bruno, "Pause…")
    press(bruno, "Pause it")
    work(at=begins)
    assert work.mails.to("suzie@example.org") == [], "the button works at once"
    chidi.go(f"/staff/mailings/{alert.pk}/")
    press(chidi, "Go on…")
    press(chidi, "Go on")
    work(at=begins)

    (mail,) = work.mails.to("suzie@example.org")
    assert mail["Subject"] == "ثلاثة أيام من أجل إيلان"
    assert len(work.mails.to("amina@example.org")) == 1
    assert work.mails.to("dana@example.org") == []
    link = re.search(r'href="([^"]+#me=[a-z2-7]{48})"', html_of(mail))[1]

    reader = visit(size=PHONE, language="ar")
    reader.go(link)  # the first click
    assert reader.page.evaluate("location.hash") == ""
    assert all("#me" not in url and "me=" not in url for url in reader.asked)
    reader.check_page()
    with reader.page.expect_navigation():
        reader.page.click("form#known button[type=submit]")  # the second
    reader.check_page()

    (action,) = Action.objects.all()
    assert (action.state, action.supporter_id) == ("confirmed", suzie.pk)
    assert action.via == Mailing.objects.get().link_source
