"""Where people in office stand: the latest counts, it is the person's and not the post's, and who agrees is thanked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from amparo.accounts.models import AuditEntry
from amparo.actions import following_up
from amparo.actions.campaigns import demanding, siding
from amparo.actions.models import Demand, Stance, Voice
from amparo.targets import finding
from tests.factories.campaigns import a_demand, a_stance
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import LETTER, a_campaign, an_email_page
from tests.factories.people import a_member_of_staff
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
DEPUTY, OTHER = "alvenia/diet/N1", "alvenia/diet/N2"
AMINA = {
    "given-name": "Amina",
    "family-name": "Rahal",
    "email": "amina@supporters.example.net",
    "postal-code": "1001",
}


@pytest.fixture
def organization():
    alvenia()
    return an_organization()


@pytest.fixture
def demand(organization):
    return a_demand(a_campaign(organization))


def a_page(organization, *demands, **fields):
    page = an_email_page(
        organization,
        dataset_slug="alvenia",
        **({"posts": [("post", DEPUTY)]} | fields),
    )
    page.demand_list = [
        Demand(campaign_demand=one) if not isinstance(one, str) else Demand(text=one) for one in demands
    ]
    page.save_revision().publish()
    return type(page).objects.get(pk=page.pk)


def target(key, organization, now):
    return finding.target_by_key(key, organization=organization, now=now)


def post(page, **fields):
    return Client(HTTP_HOST="open-doors.test").post(page.url, AMINA | fields)


# --- The record ---


def stance(side, day, *, minute=0, name="Tove Ek", code="", now=None):
    return Stance(
        demand_id=NONE, target_key="exa/a/1", person_code=code, name=name, side=side, dated=day,
        recorded_at=now + timedelta(minutes=minute),
    )  # fmt: skip


NONE = "00000000-0000-7000-8000-000000000000"


def test_the_latest_day_counts_and_of_one_day_what_was_written_later(now):
    march, may = date(2026, 3, 1), date(2026, 5, 1)
    written = [
        stance("opposes", may, minute=1, now=now),
        stance("supports", may, minute=2, now=now),
        stance("undecided", march, minute=3, now=now),
    ]
    assert [one.side for one in siding.present(written)] == ["supports"]


def test_two_people_in_one_post_are_two(now):
    day = date(2026, 3, 1)
    written = [
        stance("supports", day, name="Tove  Ek", now=now),
        stance("opposes", day, name="tove ek", minute=1, now=now),
    ]
    assert [one.side for one in siding.present(written)] == ["opposes"]
    assert len(siding.present([*written, stance("supports", day, name="Edda Moss", now=now)])) == 2


def test_a_stance_is_written_once_and_is_on_record(demand, organization, now):
    bruno = a_member_of_staff(organization)
    a_stance(demand, DEPUTY, by=bruno)
    assert AuditEntry.objects.get(verb="record_stance").details == {"targets": [DEPUTY], "number": 1}
    for change in (lambda: Stance.objects.update(side="opposes"), Stance.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_nobody_says_anything_tomorrow(demand, organization, now):
    with pytest.raises(demanding.InTheFuture):
        a_stance(demand, DEPUTY, dated=now.date() + timedelta(days=1))


def test_who_spoke_up_and_agrees_supports_every_demand(organization, demand, now):
    second = a_demand(demand.campaign, "Let a doctor see him.")
    who = siding.holder_of(DEPUTY, organization=organization, now=now)
    voice = siding.raise_voice(
        campaign=demand.campaign, who=who, kind="signed", dated=date(2026, 10, 1),
        source_url="https://diet.example.org/letter", agrees=True, by=None, now=now,
    )  # fmt: skip
    assert {one.demand_id for one in siding.on_demands([demand, second])} == {demand.pk, second.pk}
    siding.withdraw_voice(voice=voice, by=None, now=now)
    assert not Voice.objects.raised().exists()
    with pytest.raises(demanding.WithdrawnAlready):
        siding.withdraw_voice(voice=voice, by=None, now=now)


# --- Who agrees ---


def test_whoever_supports_every_demand_of_the_page_agrees(organization, demand, now):
    second = a_demand(demand.campaign, "Let a doctor see him.")
    page = a_page(organization, demand, second)
    deputy = target(DEPUTY, organization, now)
    a_stance(demand, DEPUTY)
    assert siding.agreed(page=page, targets=[deputy]) == set()
    a_stance(second, DEPUTY)
    assert siding.agreed(page=page, targets=[deputy, target(OTHER, organization, now)]) == {DEPUTY}
    a_stance(second, DEPUTY, "undecided", dated=date(2026, 11, 20))
    assert siding.agreed(page=page, targets=[deputy]) == set()


def test_a_demand_that_is_only_the_pages_is_agreed_to_by_nobody(organization, demand, now):
    a_stance(demand, DEPUTY)
    deputy = target(DEPUTY, organization, now)
    assert siding.agreed(page=a_page(organization, demand), targets=[deputy]) == {DEPUTY}
    assert siding.agreed(page=a_page(organization, demand, "And more.", slug="b"), targets=[deputy]) == set()
    assert siding.agreed(page=a_page(organization, slug="c"), targets=[deputy]) == set()


def test_whoever_holds_the_post_next_has_said_nothing(organization, demand, now):
    before = siding.Who(DEPUTY, "somebody-before", "Edda Moss", "Member for N1")
    a_stance(demand, DEPUTY, who=before)
    page = a_page(organization, demand)
    assert siding.agreed(page=page, targets=[target(DEPUTY, organization, now)]) == set()


# --- The journey ---


def test_amina_is_told_that_they_agree_and_may_write_all_the_same(organization, demand):
    page = a_page(organization, demand)
    a_stance(demand, DEPUTY)
    told = post(page, step="details").content.decode()
    assert "They agree already" in told
    assert "Dr Marit Osk" in told
    assert 'name="anyway"' in told
    letter = post(page, step="details", anyway="1")
    assert letter.context["form"].initial["body"] == LETTER
    assert ("anyway", "1") in letter.context["carried"]
    assert "already supports what is asked here" in letter.content.decode()


def test_the_letter_to_who_agrees_is_the_pages_letter_of_thanks(organization, demand):
    page = a_page(
        organization,
        demand,
        thanks_subject="Thank you for {area}",
        thanks_paragraphs=[
            ("paragraph", {"wordings": ["Thank you for standing up for Ilan."], "only_for": {}})
        ],
        reasons=[("reason", {"label": "I print too", "sentence": "I am a printer."})],
    )
    a_stance(demand, DEPUTY)
    answer = post(page, step="details")
    assert answer.context["form"].initial["body"] == "Thank you for standing up for Ilan."
    assert "Your letter of thanks" in answer.content.decode()
    assert "I print too" not in answer.content.decode()


def test_of_two_only_the_one_who_does_not_agree_is_pressed(organization, demand):
    page = a_page(organization, demand, posts=[("post", DEPUTY), ("post", OTHER)])
    a_stance(demand, DEPUTY)
    answer = post(page, step="details")
    assert len(answer.context["targets"]) == 1
    assert answer.context["agreed"] == ["Dr Marit Osk"]
    assert answer.context["form"].initial["body"] == LETTER


def test_whoever_came_to_agree_is_not_reminded(organization, demand, now):
    page = a_page(organization, demand)
    sent = a_letter(page, state="sent", target_key=DEPUTY, action=an_action(page))
    assert following_up.reminder(message=sent, now=now).chases == sent
    a_stance(demand, DEPUTY)
    with pytest.raises(following_up.AgreedAlready):
        following_up.reminder(message=sent, now=now)


def test_thanks_need_a_subject_and_known_words(organization, demand):
    page = a_page(organization, demand)
    page.thanks_paragraphs = [("paragraph", {"wordings": ["Thank you, {minister}."], "only_for": {}})]
    for subject, field in (("", "thanks_subject"), ("Thank you", "thanks_paragraphs")):
        page.thanks_subject = subject
        with pytest.raises(Exception, match=field):
            page.clean()


def test_the_same_line_names_nobody_else(organization, demand, now):
    """By code, where the source has one: another spelling of the name is the same person."""
    who = siding.holder_of(DEPUTY, organization=organization, now=now)
    assert who.person_code
    a_stance(demand, DEPUTY, who=replace(who, name="M. Osk"))
    assert siding.agreed(page=a_page(organization, demand), targets=[target(DEPUTY, organization, now)])
