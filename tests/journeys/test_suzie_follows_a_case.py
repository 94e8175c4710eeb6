"""Suzie reads a campaign in Arabic on a small phone, without a script, goes on to the case, follows it and confirms."""

from __future__ import annotations

from datetime import date

import pytest
from wagtail.models import Locale

from amparo.actions.campaigns import siding
from amparo.actions.models import CaseFollowing
from tests.factories.campaigns import a_campaign_page, a_demand, an_outcome
from tests.factories.cases import a_case, a_case_page, a_safety_check, publish
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff
from tests.journeys.conftest import PHONE, link_in
from tests.journeys.test_amina_writes_to_her_mp import later_work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def campaign_page(site):
    """A campaign in Arabic: a case, a demand that is met in part, somebody who spoke up, news, and something to do."""
    organization, campaign = site.organization, site.campaign
    bruno, chidi = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    case = a_case(
        organization, campaign=campaign, title="إيلان سار، طابع", summary="محتجز دون محاكمة منذ 3 مارس."
    )
    a_safety_check(case, by=chidi)
    publish(case, "title", "summary", case=case, asked_by=bruno, agreed_by=chidi)
    a_case_page(case, slug="is-1")
    demand = a_demand(campaign, by=bruno, ar="أن يمثل إيلان أمام قاض.")
    an_outcome(demand, by=bruno, translations={"ar": "عُيّن قاض."}, source_url="https://gazette.example.org/1")
    siding.raise_voice(
        campaign=campaign, who=siding.Who("", "", "Edda Moss", "Senator"), kind="asked", dated=date(2026, 10, 1),
        source_url="https://senate.example.org/7", agrees=False, by=bruno, now=case.entered_at,
    )  # fmt: skip
    page = a_campaign_page(
        organization, campaign=campaign, updates=[("2026-11-01", "A hearing")],
        links=[("Lamps", "https://lamps.example.org/write")],
    )  # fmt: skip
    arabic = page.copy_for_translation(Locale.objects.get(language_code="ar")).specific
    arabic.title, arabic.introduction = "الحرية لإيلان", "إيلان سار طابع محتجز دون محاكمة منذ 3 مارس."
    arabic.save_revision().publish()
    an_email_page(organization, campaign=campaign, slug="another")
    return arabic


@pytest.mark.parametrize("script", [False, True], ids=["no-javascript", "axe"])
def test_suzie_reads_a_campaign_in_arabic_and_follows_the_case(visit, campaign_page, work, script):
    suzie = visit(size=PHONE, script=script, language="ar")
    suzie.go(campaign_page.url)
    suzie.check_page()
    assert suzie.heading == "الحرية لإيلان"
    assert "أن يمثل إيلان أمام قاض." in suzie.text
    assert "عُيّن قاض." in suzie.text
    assert "Edda Moss" in suzie.text

    with suzie.page.expect_navigation():
        suzie.page.click(".people a")
    suzie.check_page()
    suzie.fill(email="suzie@example.org")
    suzie.page.click('label[for$="-agrees"]')
    suzie.press("follow")
    suzie.check_page()
    assert not CaseFollowing.objects.in_force().exists()
    later_work(work)
    (mail,) = work.mails.to("suzie@example.org")
    suzie.go(link_in(mail))
    suzie.check_page()
    suzie.press("confirm")
    suzie.check_page()
    assert CaseFollowing.objects.in_force().count() == 1
