"""Every kind of page, on a phone: left to right and right to left, with a script and without, and axe finds nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Locale

from amparo.actions.models import Action
from tests.factories.campaigns import a_campaign_page
from tests.factories.cases import a_case, a_case_page, a_safety_check, publish
from tests.factories.doing_pages import a_call_page, a_partner_page, a_postal_letter_page, a_share_page
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff
from tests.factories.signed_pages import a_petition, an_open_letter
from tests.journeys.conftest import PHONE, link_in
from tests.journeys.test_amina_writes_to_her_mp import later_work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SUZIE = "suzie@supporters.example.net"


@pytest.fixture
def pages(site):
    """One of each kind, in English and in Arabic; the hearing that the urgent one is for is in two days."""
    organization, campaign = site.organization, site.campaign
    bruno, chidi = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    case = a_case(organization, campaign=campaign, title="Ilan Sarr", summary="Held without trial.")
    a_safety_check(case, by=chidi)
    publish(case, "title", "summary", case=case, asked_by=bruno, agreed_by=chidi)
    shared = {"campaign": campaign}
    made = [
        a_petition(organization, slug="petition", **shared),
        an_open_letter(organization, slug="letter", **shared),
        an_email_page(
            organization,
            slug="urgent",
            title="Write before the hearing",
            deadline=timezone.now() + timedelta(days=2),
            **shared,
        ),
        a_call_page(organization, **shared),
        a_postal_letter_page(organization, **shared),
        a_share_page(organization, **shared),
        a_partner_page(organization, **shared),
        a_campaign_page(organization, campaign=campaign),
        a_case_page(case),
    ]
    arabic = Locale.objects.get(language_code="ar")
    both = {}
    for page in made:
        twin = page.copy_for_translation(arabic, copy_parents=True)
        twin.save_revision().publish()
        both[page.slug] = (page.url, twin.url)
    return both


@pytest.mark.parametrize("script", [False, True], ids=["no-javascript", "javascript"])
def test_every_kind_of_page_can_be_read_in_both_directions(visit, pages, script):
    readers = [visit(size=PHONE, script=script, language=language) for language in ("en", "ar")]
    for slug, addresses in pages.items():
        for reader, address, direction in zip(readers, addresses, ("ltr", "rtl"), strict=True):
            answer = reader.go(address)
            assert answer.status == 200, slug
            assert reader.page.get_attribute("html", "dir") == direction, slug
            assert reader.heading, slug
            reader.check_page()


@pytest.mark.parametrize("script", [False, True], ids=["no-javascript", "javascript"])
def test_suzie_signs_an_open_letter(visit, pages, work, script):
    suzie = visit(size=PHONE, script=script)
    suzie.go(pages["letter"][0])
    assert "The Honourable Edda Moss" in suzie.text
    suzie.fill(given_name="Suzie", family_name="Kowal", email=SUZIE)
    suzie.choose("shown-as", "name")
    suzie.page.click('main form fieldset:last-of-type label[for$="_1"]')
    suzie.press("sign")
    suzie.check_page()
    work()
    if not script:
        later_work(work)
    (mail,) = work.mails.to(SUZIE)
    suzie.page.goto(link_in(mail))
    suzie.press("confirm")
    suzie.check_page()
    action = Action.objects.get()
    assert (action.state, action.signature.version_id is not None) == ("confirmed", True)
