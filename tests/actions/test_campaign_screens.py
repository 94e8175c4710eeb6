"""What staff do with a campaign: demands and outcomes, who spoke up, stances by the hundred, answers in a step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from amparo.accounts.models import AuditEntry
from amparo.actions import following_up
from amparo.actions.campaigns import stance_lists
from amparo.actions.models import Answer, CampaignDemand, DemandOutcome, Stance, Voice
from tests.factories.campaigns import a_demand, a_stance
from tests.factories.letters import a_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, an_email_page
from tests.factories.people import a_member_of_staff, signed_in
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
DEPUTY, OTHER = "alvenia/diet/N1", "alvenia/diet/N2"
GOOD = f"{DEPUTY}, supports, 2026-05-31, vote, https://diet.example.org/1\n{OTHER}, opposes, 2026-05-31, statement,"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def campaign(organization):
    return a_campaign(organization)


@pytest.fixture
def bruno(organization):
    return signed_in(a_member_of_staff(organization))


def test_bruno_adds_a_demand_in_two_languages_and_writes_down_what_came_of_it(campaign, bruno):
    bruno.post(
        reverse("staff_demand_add", args=[campaign.pk]), {"text": "Free Ilan.", "in_fr": "Libérez Ilan."}
    )
    demand = CampaignDemand.objects.get()
    assert (demand.text, demand.translations) == ("Free Ilan.", {"fr": "Libérez Ilan."})
    said = {
        "outcome": "partly",
        "dated": "2026-11-01",
        "sentence": "He may see a doctor.",
        "source": "Prison service",
        "source_url": "https://prisons.example.org/1",
    }
    bruno.post(reverse("staff_demand_outcome", args=[demand.pk]), said)
    assert DemandOutcome.objects.get().recorded_by.email.startswith("editor")
    shown = bruno.get(reverse("staff_campaign_demands", args=[campaign.pk])).content.decode()
    assert "He may see a doctor." in shown
    bruno.post(reverse("staff_demand", args=[demand.pk]), {"text": "Free him.", "position": "3"})
    bruno.post(reverse("staff_demand_withdraw", args=[demand.pk]))
    assert CampaignDemand.objects.get().text == "Free him."
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"demand", "record_outcome", "reword_demand", "withdraw_demand"} <= verbs
    assert bruno.get(reverse("staff_demand", args=[demand.pk])).status_code == 404


def test_an_outcome_without_a_source_or_of_tomorrow_is_not_recorded(campaign, bruno):
    demand = a_demand(campaign)
    said = {"outcome": "met", "dated": "2026-11-01", "sentence": "He is free."}
    place = reverse("staff_demand_outcome", args=[demand.pk])
    assert "source" in bruno.post(place, said).context["form"].errors
    answer = bruno.post(place, said | {"source": "Us", "dated": "2999-01-01"})
    assert "This day has not come yet." in answer.content.decode()
    assert not DemandOutcome.objects.exists()


def test_who_spoke_up_is_in_the_register_or_stands_by_name(campaign, bruno):
    alvenia()
    a_demand(campaign)
    place = reverse("staff_voice_add", args=[campaign.pk])
    said = {"kind": "signed", "dated": "2026-10-01", "source_url": "https://diet.example.org/2"}
    assert "target_key" in bruno.post(place, said).context["form"].errors
    assert "no target called" in bruno.post(place, said | {"target_key": "alvenia/x"}).content.decode()
    bruno.post(place, said | {"target_key": DEPUTY, "agrees": "on"})
    bruno.post(place, said | {"name": "Edda Moss", "office": "Senator", "agrees": "on"})
    assert set(Voice.objects.values_list("name", flat=True)) == {"Dr Marit Osk", "Edda Moss"}
    assert Stance.objects.get().target_key == DEPUTY
    voice = Voice.objects.get(name="Edda Moss")
    bruno.post(reverse("staff_voice_withdraw", args=[voice.pk]))
    assert Voice.objects.raised().get().name == "Dr Marit Osk"


# --- Many stances ---


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("alvenia/diet/N1, supports, 2026-05-31", "fewer than four columns"),
        ("alvenia/diet/X9, supports, 2026-05-31, vote", "no target called"),
        (f"{DEPUTY}, likes it, 2026-05-31, vote", "“likes it” is not known as stance"),
        (f"{DEPUTY}, supports, 31.5.2026, vote", "is no day"),
        (f"{DEPUTY}, supports, 2999-01-01, vote", "has not come yet"),
        (f"{DEPUTY}, supports, 2026-05-31, hearsay", "not known as how we know"),
        (f"{DEPUTY}, supports, 2026-05-31, vote, javascript:x", "no address of a page"),
        ("", "nothing to read"),
    ],
)
def test_each_wrong_line_is_named(organization, now, line, said):
    alvenia()
    found = stance_lists.read(line, organization=organization, now=now)
    assert found.said == []
    assert said in found.problems[0].sentence


@pytest.mark.parametrize("separator", [", ", ";", "\t"])
def test_a_paste_is_read_with_its_heading_and_separator(organization, now, separator):
    alvenia()
    lines = f"target, stance, date, how, source\n\n{GOOD}\n{DEPUTY}, opposes, 2026-01-01, vote,\n"
    found = stance_lists.read(
        lines.replace(", ", ",").replace(",", separator), organization=organization, now=now
    )
    assert (found.said[0].who.name, found.said[0].side) == ("Dr Marit Osk", "supports")
    assert len(found.said) == 2
    ((problem),) = found.problems
    assert (problem.line, problem.sentence) == (5, "Dr Marit Osk stands in line 3 already.")


def test_many_stances_are_looked_through_first_and_kept_by_a_second_press(campaign, bruno):
    alvenia()
    demand = a_demand(campaign)
    place, data = reverse("staff_stances_enter"), {"demand": str(demand.pk), "lines": GOOD}
    wrong = bruno.post(place, data | {"lines": GOOD + "\nx", "sure": "1"}).content.decode()
    assert "Line 3:" in wrong
    assert 'name="sure"' not in wrong
    looked = bruno.post(place, data).content.decode()
    assert "2 stances would be recorded" in looked
    assert 'name="sure"' in looked
    assert not Stance.objects.exists()
    bruno.post(place, data | {"sure": "1"})
    assert Stance.objects.count() == 2
    assert AuditEntry.objects.get(verb="record_stance").details["number"] == 2


def test_the_list_says_what_counts_today(campaign, bruno):
    alvenia()
    demand = a_demand(campaign)
    a_stance(demand, DEPUTY, "opposes", dated=demand_day(1))
    a_stance(demand, DEPUTY, "supports", dated=demand_day(2))
    shown = bruno.get(reverse("staff_stances"), {"demand": str(demand.pk), "is_latest": "true"})
    assert [row.side for row in shown.context["object_list"]] == ["supports"]
    assert len(bruno.get(reverse("staff_stances")).context["object_list"]) == 2


def demand_day(number):
    from datetime import date

    return date(2026, 11, number)


def test_demands_of_others_are_not_offered(bruno):
    theirs = a_demand(a_campaign(an_organization("lamp-light"), title="Theirs"), "Their demand.")
    assert "Their demand." not in bruno.get(reverse("staff_stances_enter")).content.decode()
    answer = bruno.post(
        reverse("staff_stances_enter"), {"demand": str(theirs.pk), "lines": GOOD, "sure": "1"}
    )
    assert "demand" in answer.context["form"].errors
    page = an_email_page(an_organization("open-doors"))
    form = bruno.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "Their demand." not in form
    assert "demand_list-__prefix__-campaign_demand" in form


# --- Answers ---


def test_chidi_reads_an_answer_sums_it_up_and_sets_the_stance_in_one_step(organization, campaign, now):
    alvenia()
    demand = a_demand(campaign)
    letter = a_letter(
        an_email_page(organization), state="sent", target_key=DEPUTY, target_name="Dr Marit Osk"
    )
    told = following_up.Told("yes", summary="She rang me.", text="I shall ask.", agreed_words="You may.")
    answer = following_up.record(message=letter, told=told, now=now)
    assert signed_in(a_member_of_staff(organization)).get(reverse("staff_answers")).status_code == 302
    chidi = signed_in(a_member_of_staff(organization, "approver"))
    assert "1 answer waits to be read" in chidi.get(reverse("wagtailadmin_home")).content.decode()
    place = reverse("staff_answer", args=[answer.pk])
    shown = chidi.get(place).content.decode()
    assert "She rang me." in shown
    assert "Rahal" not in shown
    said = {
        "substance": "agrees",
        "public_summary": "She will ask.",
        "is_shown": "on",
        "shows_text": "on",
        f"demand_{demand.pk.hex}": "supports",
    }
    refused = chidi.post(place, said | {"public_summary": ""})
    assert "Sum the answer up" in refused.content.decode()
    chidi.post(place, said)
    kept = Answer.objects.get()
    assert (kept.substance, kept.is_shown, kept.shows_text) == ("agrees", True, True)
    assert Stance.objects.get().side == "supports"


def test_without_consent_the_words_are_not_offered(organization, campaign, now):
    letter = a_letter(an_email_page(organization), state="sent")
    answer = following_up.record(message=letter, told=following_up.Told("yes", text="No."), now=now)
    chidi = signed_in(a_member_of_staff(organization, "approver"))
    assert "shows_text" not in chidi.get(reverse("staff_answer", args=[answer.pk])).content.decode()
    following_up.record(message=letter, told=following_up.Told("no"), now=now + timedelta(hours=1))
    assert chidi.get(reverse("staff_answer", args=[answer.pk])).status_code == 404
