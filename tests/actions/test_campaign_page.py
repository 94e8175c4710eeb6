"""The page of a campaign: cases, demands with what came of them, asks, news, partners, voices; and answers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from amparo.actions import following_up
from amparo.actions.campaigns import answering, demanding, partner_links, response_wall, siding
from amparo.actions.models import Answer, CampaignDemand, DemandOutcome, PartnerLinkState, Stance
from amparo.kit import http
from tests.factories.campaigns import a_campaign_page, a_demand, a_stance, an_outcome
from tests.factories.cases import a_case, a_case_page, a_safety_check, publish
from tests.factories.letters import a_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, a_sign_up_page, an_email_page
from tests.factories.people import a_member_of_staff
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
DEPUTY = "alvenia/diet/N1"
PARTNER = "https://lamps.example.org/write"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def campaign(organization):
    return a_campaign(organization)


def browser(host="open-doors.test"):
    return Client(HTTP_HOST=host)


def read(page):
    answer = browser().get(page.url)
    assert answer.status_code == 200
    assert not answer.cookies
    return answer.content.decode()


# --- The page ---


def test_it_shows_demands_with_what_came_of_them_and_keeps_the_history(organization, campaign):
    first = a_demand(campaign, fr="Présentez Ilan à un juge.")
    a_demand(campaign, "Let a doctor see him.")
    an_outcome(first, "refused", dated=date(2026, 5, 2), sentence="The court said no.")
    an_outcome(first, "partly", source_url="https://gazette.example.org/1")
    shown = read(a_campaign_page(organization))
    assert shown.index("Bring Ilan before a judge.") < shown.index("Let a doctor see him.")
    assert "Partly met" in shown
    assert 'href="https://gazette.example.org/1"' in shown
    assert shown.index("A judge was named.") < shown.index("The court said no.")
    assert "Open" in shown
    with translation.override("fr"):
        assert str(first) == "Présentez Ilan à un juge."


def test_a_demand_says_what_was_written_last_of_the_latest_day(campaign, now):
    demand = a_demand(campaign)
    an_outcome(demand, "met", dated=date(2026, 11, 2))
    an_outcome(demand, "open", dated=date(2026, 1, 1), now=now + timedelta(hours=1))
    an_outcome(demand, "refused", dated=date(2026, 11, 2), now=now + timedelta(hours=2))
    assert CampaignDemand.objects.get().outcome == "refused"
    with pytest.raises(demanding.InTheFuture):
        an_outcome(demand, dated=now.date() + timedelta(days=1))
    demanding.withdraw(demand=demand, by=None, now=now)
    assert not CampaignDemand.objects.standing().exists()
    assert DemandOutcome.objects.count() == 3


def test_what_can_be_done_stands_with_the_most_urgent_first_and_what_is_over_not_at_all(
    organization, campaign
):
    at = timezone.now()
    an_email_page(organization, title="Later", slug="later", deadline=at + timedelta(days=30))
    an_email_page(organization, title="Whenever", slug="whenever")
    an_email_page(organization, title="Soon", slug="soon", deadline=at + timedelta(days=2))
    an_email_page(organization, title="Over", slug="over", deadline=at - timedelta(days=2))
    other = a_campaign(organization, title="Another")
    an_email_page(organization, title="Elsewhere", slug="elsewhere", campaign=other)
    a_sign_up_page(organization, title="Our news")
    shown = read(a_campaign_page(organization))
    assert shown.index("Soon") < shown.index("Later") < shown.index("Whenever") < shown.index("Our news")
    assert "Elsewhere" not in shown
    assert "<h3>Over" not in shown


def test_only_cases_that_lists_may_name_are_shown(organization, campaign, now):
    bruno, chidi = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    page = a_campaign_page(organization)
    for number, aftermath in enumerate(["shown", "quiet"]):
        case = a_case(
            organization, reference=f"C-{number}", slug=f"c-{number}", title=f"Case {aftermath}",
            campaign=campaign, aftermath=aftermath,
        )  # fmt: skip
        a_safety_check(case, by=chidi)
        publish(case, "title", case=case, asked_by=bruno, agreed_by=chidi)
        a_case_page(case, slug=f"case-{number}")
    shown = read(page)
    assert "Case shown" in shown
    assert "Case quiet" not in shown


def test_who_spoke_up_stands_with_day_and_source(organization, campaign, now):
    who = siding.Who("", "", "Edda Moss", "Senator")
    siding.raise_voice(
        campaign=campaign, who=who, kind="wrote", dated=date(2026, 10, 1),
        source_url="https://senate.example.org/7", agrees=True, by=None, now=now,
    )  # fmt: skip
    shown = read(a_campaign_page(organization))
    assert "Edda Moss" in shown
    assert 'href="https://senate.example.org/7"' in shown
    assert not Stance.objects.exists(), "nobody without a key has a stance"


def test_its_news_are_a_feed_of_its_own_site_alone(organization):
    page = a_campaign_page(organization, updates=[("2026-05-01", "A visit"), ("2026-11-01", "A hearing")])
    an_organization("lamp-light")
    a_campaign_page(an_organization("lamp-light"), slug="lamps")
    shown = read(page)
    assert shown.index("A hearing") < shown.index("A visit")
    place = reverse("campaign_feed", args=[page.pk])
    assert place in shown
    feed = browser().get(place)
    text = feed.content.decode()
    assert feed["Content-Type"].startswith("application/atom+xml")
    assert text.index("A hearing") < text.index("A visit")
    assert text.count("urn:uuid:") == 2
    assert browser("lamp-light.test").get(place).status_code == 404


def test_hashtags_stand_once_each_with_their_sign(organization):
    page = a_campaign_page(organization, hashtags="FreeIlan #Printers")
    page.campaign.hashtag = "#FreeIlan"
    assert page.all_hashtags == ["#FreeIlan", "#Printers"]


# --- Partners ---


@pytest.fixture
def says(monkeypatch):
    """What the server of a partner says: a status, or a refusal."""
    spoken = {"what": 200}

    def look(url):
        if isinstance(spoken["what"], int):
            return http.Answer(spoken["what"], url, {})
        raise spoken["what"]

    monkeypatch.setattr(partner_links.http, "look", look)
    return spoken


def run(at):
    line = partner_links.PartnerLinks()
    return line.perform(line.claim(limit=5, now=at), now=at)


def test_a_link_whose_address_nobody_knows_is_told_to_staff_alone(organization, says, now):
    page = a_campaign_page(organization, links=[("Lamps", "")])
    page.full_clean()
    assert "Lamps" not in read(page)
    ((link, state),) = partner_links.dead_links_of([organization])
    assert (link.url, state.reason) == ("", "its address is not known")
    assert run(now).handled == 0, "there is nothing to look at"


def test_a_link_that_fails_for_a_day_is_hidden_told_to_staff_and_comes_back(organization, says, now):
    page = a_campaign_page(organization, links=[("Lamps", PARTNER)])
    assert PARTNER in read(page)
    says["what"] = 404
    run(now)
    assert PARTNER in read(page), "one failure proves nothing"
    run(now + timedelta(hours=25))
    assert PARTNER not in read(page)
    ((link, state),) = partner_links.dead_links_of([organization])
    assert (link.url, state.reason) == (PARTNER, "404")
    assert partner_links.dead_links_of([an_organization("lamp-light")]) == []
    says["what"] = 200
    run(now + timedelta(hours=32))
    assert PARTNER in read(page)
    assert run(now + timedelta(hours=33)).handled == 0, "it is not asked again so soon"


@pytest.mark.parametrize(
    ("answer", "is_dead"),
    [
        (200, False),
        (403, False),
        (410, True),
        (503, True),
        (http.NoAnswer(), True),
        (http.NotAskedThere(), False),
    ],
)
def test_what_counts_as_dead(organization, says, now, answer, is_dead):
    a_campaign_page(organization, links=[("Lamps", PARTNER)])
    says["what"] = answer
    run(now)
    run(now + timedelta(hours=25))
    assert (PartnerLinkState.objects.get().state == "dead") is is_dead


def test_addresses_that_stand_on_no_live_page_are_forgotten(organization, says, now):
    page = a_campaign_page(organization, links=[("Lamps", PARTNER)])
    assert partner_links.PartnerLinks().due(now=now) == 1
    run(now)
    page.unpublish()
    run(now + timedelta(days=30))
    assert not PartnerLinkState.objects.exists()


# --- What offices answered ---


@pytest.fixture
def answer(organization, campaign, now):
    alvenia()
    a_demand(campaign)
    page = an_email_page(organization, campaign=campaign)
    letter = a_letter(page, state="sent", target_key=DEPUTY, target_name="Dr Marit Osk")
    told = following_up.Told(
        "yes", summary="She rang me.", text="Dear Amina, I shall ask.", agreed_words="You may."
    )
    return following_up.record(message=letter, told=told, now=now)


def settle(answer, **reading):
    fields = {
        "substance": "agrees",
        "public_summary": "She will ask the minister.",
        "is_shown": True,
    } | reading
    answering.settle(answer=answer, reading=answering.Reading(**fields), by=None, now=answer.recorded_at)
    return Answer.objects.select_related("message").get()


def wall(organization):
    return browser().get(reverse("office_answers", args=[DEPUTY]))


def test_readers_see_the_summary_by_staff_and_never_who_told_us(organization, answer):
    page = a_campaign_page(organization)
    assert wall(organization).status_code == 404
    assert "answered" not in read(page)
    settle(answer)
    for shown in (
        read(page),
        wall(organization).content.decode(),
        browser().get(reverse("campaign_answers", args=[page.pk])).content.decode(),
    ):
        assert "She will ask the minister." in shown
        assert "Dr Marit Osk" in shown
        for hidden in ("Rahal", "She rang me", "Dear Amina"):
            assert hidden not in shown


def test_the_offices_words_are_shown_by_consent_and_approval_alone(organization, answer, now):
    settle(answer, shows_text=True)
    assert "Dear Amina" in wall(organization).content.decode()
    letter = answer.message
    following_up.record(message=letter, told=following_up.Told("yes"), now=now + timedelta(hours=1))
    assert "Dear Amina" not in wall(organization).content.decode(), "the yes was taken back"
    with pytest.raises(answering.NotAgreedTo):
        settle(Answer.objects.get(), shows_text=True)
    with pytest.raises(answering.SummaryMissing):
        settle(Answer.objects.get(), public_summary=" ")


def test_a_no_takes_it_off_the_wall(organization, answer, now):
    settle(answer)
    following_up.record(message=answer.message, told=following_up.Told("no"), now=now + timedelta(hours=1))
    assert wall(organization).status_code == 404


def test_what_was_said_meanwhile_is_read_first(answer, now):
    following_up.record(
        message=answer.message, told=following_up.Told("yes", text="No."), now=now + timedelta(hours=1)
    )
    with pytest.raises(answering.SaidMeanwhile):
        settle(answer)


def test_the_stance_that_follows_is_set_in_the_same_step(organization, answer):
    (demand,) = answering.demands_about(answer)
    settle(answer, sides={demand: "supports"}, is_shown=False, public_summary="")
    stance = Stance.objects.get()
    assert (stance.side, stance.known_by, stance.name) == ("supports", "answer", "Dr Marit Osk")
    assert "Supports it" in wall(organization).content.decode()


def test_no_stance_is_recorded_of_somebody_who_holds_the_post_no_more(answer):
    (demand,) = answering.demands_about(answer)
    type(answer.message).objects.update(target_name="Edda Moss")
    with pytest.raises(answering.SomebodyElseNow):
        settle(Answer.objects.select_related("message").get(), sides={demand: "supports"})
    assert Answer.objects.get().looked_at is None, "nothing is half done"


@pytest.mark.parametrize(("answered", "shown"), [(0, 0), (9, None), (10, 10)])
def test_small_counts_stay_hidden_in_the_chart(organization, campaign, now, answered, shown):
    page = an_email_page(organization, campaign=campaign)
    for number in range(12):
        letter = a_letter(page, state="sent", target_key=DEPUTY, target_name="Dr Marit Osk")
        if number < answered:
            told = following_up.Told("yes", answered_on=now.date() + timedelta(days=number))
            following_up.record(message=letter, told=told, now=now)
    for _number in range(9):
        a_letter(page, state="sent", target_key="alvenia/diet/N2")
    (office,) = response_wall.chart(organization=organization, campaign=campaign)
    assert (office.delivered, office.answered, office.name) == (12, shown, "Dr Marit Osk")
    assert office.median_days == (4 if shown else None)


def test_the_wall_of_one_organization_is_not_anothers(organization, answer):
    an_organization("lamp-light")
    a_campaign_page(an_organization("lamp-light"), slug="lamps")
    settle(answer)
    place = reverse("office_answers", args=[DEPUTY])
    assert browser("lamp-light.test").get(place).status_code == 404


def test_a_campaign_that_shows_no_answers_has_no_wall(organization, answer):
    settle(answer)
    page = a_campaign_page(organization, shows_answers=False)
    assert "She will ask" not in read(page)
    assert browser().get(reverse("campaign_answers", args=[page.pk])).status_code == 404


def test_a_stance_that_is_known_is_counted_beside_its_demand(organization, campaign):
    alvenia()
    demand = a_demand(campaign)
    a_stance(demand, DEPUTY)
    a_stance(demand, "alvenia/diet/N2", "opposes")
    shown = " ".join(read(a_campaign_page(organization)).split())
    assert "1 person in office supports it, 1 opposes it." in shown
