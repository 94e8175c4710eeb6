"""A joint action asks one question for each organization, separately, and answers none of them for the reader."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, Purpose
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question, a_sign_up_page, an_email_page
from tests.factories.people import a_supporter
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
PARTNERS = ("Lamp Light", "Open Books")


@pytest.fixture
def asked():
    """What Open Doors asks: for itself, and for each of two partners by name."""
    organization = an_organization()
    ours = a_question(organization)
    partners = [
        wordings.word(
            organization=organization,
            purpose=Purpose.PARTNER,
            channel=Channel.EMAIL,
            language="en",
            text=f"May we pass your name and address to {partner}?",
            partner=partner,
        )
        for partner in PARTNERS
    ]
    return [ours, *partners]


def browser():
    return Client(headers={"host": "open-doors.test"})


def letter_step(page):
    data = {"given-name": "Suzie", "family-name": "Okafor", "email": "suzie@example.org"}
    return browser().post(page.url, data | {"step": "details", "key": str(uuid4())}).content.decode()


def inputs_of(html, wording):
    return re.findall(rf'<input[^>]*name="consent-{wording.pk.hex}"[^>]*>', html)


def test_each_organization_has_its_own_question(asked):
    organization = asked[0].organization
    questions = wordings.questions(organization=organization, language="en")
    assert [(each.purpose, each.partner) for each in questions] == [
        ("news", ""),
        ("partner", "Lamp Light"),
        ("partner", "Open Books"),
    ]


def test_a_newer_wording_for_one_partner_leaves_the_others(asked):
    newer = wordings.word(
        organization=asked[0].organization,
        purpose=Purpose.PARTNER,
        channel=Channel.EMAIL,
        language="en",
        text="May Lamp Light write to you as well?",
        partner="Lamp Light",
    )
    questions = wordings.questions(organization=asked[0].organization, language="en")
    assert {each.text for each in questions} == {asked[0].text, newer.text, asked[2].text}


@pytest.mark.parametrize("kind", ["letter", "sign-up"])
def test_no_question_is_answered_for_the_reader(asked, kind, tmp_path, settings):
    settings.AMPARO_VAR = tmp_path
    organization = asked[0].organization
    if kind == "letter":
        alvenia()
        page = an_email_page(
            organization, dataset_slug="alvenia", posts=[("post", "alvenia/minister/interior")]
        )
        html = letter_step(page)
    else:
        html = browser().get(a_sign_up_page(organization).url).content.decode()

    for wording in asked:
        inputs = inputs_of(html, wording)
        assert inputs, wording.text
        assert not [each for each in inputs if "checked" in each or "selected" in each]
    assert html.count(asked[1].text) == html.count(asked[2].text) == 1


def test_a_yes_to_one_partner_is_none_to_another_and_none_to_news(asked, now):
    suzie = a_supporter(asked[0].organization, given_name="Suzie")
    answers = {asked[0].pk: False, asked[1].pk: True, asked[2].pk: False}
    consent.record(supporter=suzie, answers=answers, source="/write/", now=now)

    def may_share_with(partner):
        return consent.may_contact(
            supporter=suzie, purpose=Purpose.PARTNER, channel=Channel.EMAIL, partner=partner
        )

    assert [may_share_with(partner) for partner in PARTNERS] == [True, False]
    suzie.refresh_from_db()
    assert suzie.agreed_to == 0
