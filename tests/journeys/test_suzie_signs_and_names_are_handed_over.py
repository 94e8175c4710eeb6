"""Suzie signs a petition from a phone, in Arabic; Bruno plans to hand the names over, Chidi agrees and brings them."""

from __future__ import annotations

import pytest
from django.utils import timezone
from wagtail.models import Locale

from amparo.actions.models import Action, HandOver
from amparo.kit.published import note_publication
from tests.factories.people import a_member_of_staff, signed_in
from tests.factories.signed_pages import a_petition, sign
from tests.journeys.conftest import DESK, PHONE, link_in
from tests.journeys.test_amina_writes_to_her_mp import later_work
from tests.journeys.test_chidi_approves_an_export import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SUZIE = "suzie@supporters.example.net"


@pytest.fixture
def petition(site):
    """In English, and in Arabic."""
    page = a_petition(site.organization, title="A judge for Ilan", slug="judge", campaign=site.campaign)
    arabic = page.copy_for_translation(Locale.objects.get(language_code="ar"))
    arabic.title, arabic.addressee = "قاضٍ لإيلان", "وزير العدل"
    arabic.standfirst = "إيلان سار طابع محتجز دون محاكمة منذ 3 مارس."
    arabic.save_revision().publish()
    return page, arabic


@pytest.mark.parametrize("script", [False, True], ids=["no-javascript", "javascript"])
def test_suzie_signs_from_a_phone_in_arabic(visit, petition, work, script):
    _english, arabic = petition
    suzie = visit(size=PHONE, script=script, language="ar")
    suzie.go(arabic.url)
    assert suzie.page.get_attribute("html", "dir") == "rtl"
    suzie.check_page()
    suzie.fill(given_name="Suzie", family_name="Kowal", email=SUZIE)
    suzie.choose("shown-as", "name")
    suzie.page.click('main form fieldset:last-of-type label[for$="_1"]')
    suzie.press("sign")
    suzie.check_page()
    assert SUZIE in suzie.text

    work()
    if not script:
        later_work(work)
    (mail,) = work.mails.to(SUZIE)
    suzie.page.goto(link_in(mail))
    assert Action.objects.get().state == "pending", "opening the link changes nothing"
    suzie.press("confirm")
    suzie.check_page()
    work()
    note_publication()  # the page of a moment ago is kept for some seconds

    suzie.go(arabic.url)
    assert "Suzie Kowal" in suzie.text
    assert "وقّع شخص واحد" in suzie.text


def test_bruno_plans_chidi_agrees_and_the_page_says_that_names_were_handed_over(
    visit, visit_staff, petition, work
):
    page, _arabic = petition
    for name, shown_as in (("Suzie", "name"), ("Amina", "initials")):
        sign(page, name, shown_as=shown_as, now=timezone.now())
    bruno = staff(visit_staff, a_member_of_staff(page.organization, email="bruno@example.org"))
    bruno.go(f"/staff/signed/{page.pk}/hand-overs/plan/")
    bruno.check_page()
    press(bruno, "Plan it")
    assert "/bundles/" in bruno.page.url
    place = bruno.page.url
    bruno.go(place)
    bruno.check_page()
    assert bruno.page.get_by_role("link", name="Agree…").count() == 0, "nobody agrees to their own plan"

    chidi = staff(visit_staff, a_member_of_staff(page.organization, "approver", email="chidi@example.org"))
    chidi.go(place)
    press(chidi, "Agree…")
    chidi.check_page()
    press(chidi, "I agree: hand it over like this")
    work()
    assert HandOver.objects.get().state == "made"
    chidi.go(place)
    press(chidi, "It was handed over…")
    chidi.page.fill('[name="at"]', f"{HandOver.objects.get().made_at:%Y-%m-%dT%H:%M:%S}")
    chidi.page.fill('[name="place"]', "The Ministry, Brennick")
    chidi.check_page()
    HandOver.objects.update(made_at=page.last_published_at)
    press(chidi, "It was handed over")
    chidi.go(place)
    chidi.check_page()

    suzie = visit(size=DESK)
    suzie.go(page.url)
    suzie.check_page()
    assert "2 signatures, handed to Minister of Justice" in suzie.text
    assert "The Ministry, Brennick" in suzie.text


def staff(visit_staff, user):
    """A browser in which this member of staff has signed in with both factors."""
    visitor = visit_staff(size=DESK)
    session = signed_in(user).cookies["sessionid"]
    visitor.context.add_cookies(
        [
            {
                "name": session.key,
                "value": session.value,
                "url": visitor.server.url.replace("127.0.0.1", "localhost"),
            }
        ]
    )
    return visitor
