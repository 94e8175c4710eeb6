"""Administrators say what is asked; who answered is not asked again, and nothing answered is lost."""

from __future__ import annotations

import pytest

from amparo.accounts.models import AuditEntry
from amparo.supporters import asking, consent, wordings
from amparo.supporters.models import Channel, ConsentWording, Purpose
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter, signed_in

pytestmark = pytest.mark.django_db

TEXT = "May we write to you about Ilan?"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def chidi(organization):
    return a_member_of_staff(organization, "administrator")


def ask(organization, text=TEXT, *, by=None, now, **fields):
    fields = {"purpose": Purpose.NEWS, "channel": Channel.EMAIL, "language": "en", **fields}
    return asking.ask(organization=organization, text=text, by=by, now=now, **fields)


def asked(organization, language="en"):
    return [question.text for question in wordings.questions(organization=organization, language=language)]


def test_what_is_asked_stands_in_every_form_from_then_on(organization, chidi, now):
    assert asked(organization) == []

    ask(organization, by=chidi, now=now)

    assert asked(organization) == [TEXT]
    assert AuditEntry.objects.filter(verb="ask_supporters").exists()


def test_new_words_replace_the_old_and_old_words_can_come_back(organization, now):
    for text in (TEXT, "May we send you news?", TEXT):
        ask(organization, text, now=now)

    assert asked(organization) == [TEXT]
    assert ConsentWording.objects.get(version=3).text == TEXT


def test_a_question_that_is_not_asked_any_more_keeps_its_answers(organization, chidi, now):
    wording = ask(organization, now=now)
    ask(organization, "Pouvons-nous vous écrire ?", language="fr", now=now)
    suzie = a_supporter(organization)
    consent.record(supporter=suzie, answers={wording.pk: True}, source="/", now=now)

    asking.stop_asking(wording=wording, by=chidi, now=now)

    assert asked(organization) == asked(organization, "fr") == []
    assert consent.may_contact(supporter=suzie, purpose=Purpose.NEWS, channel=Channel.EMAIL)
    with pytest.raises(asking.NotAskedAnyMore):
        asking.stop_asking(wording=wording, by=chidi, now=now)


def test_a_question_can_be_asked_again(organization, chidi, now):
    asking.stop_asking(wording=ask(organization, now=now), by=chidi, now=now)

    ask(organization, now=now)

    assert asked(organization) == [TEXT]


def test_sharing_names_its_partner_and_nothing_else_does(organization, now):
    with pytest.raises(asking.PartnerMissing):
        ask(organization, purpose=Purpose.PARTNER, now=now)
    with pytest.raises(asking.PartnerMissing):
        ask(organization, partner="Lanterns", now=now)
    ask(organization, purpose=Purpose.PARTNER, partner="Lanterns", now=now)


def test_chidi_asks_and_stops_asking_on_screens(organization, chidi):
    browser = signed_in(chidi)
    form = {
        "purpose": "news",
        "channel": "email",
        "language": "en",
        "text": TEXT,
        "partner": "",
        "organization": organization.pk,
    }

    browser.post("/staff/supporters/questions/add/", form)
    assert asked(organization) == [TEXT]
    address = f"/staff/supporters/questions/{ConsentWording.objects.get().pk}/stop/"
    assert TEXT in browser.get("/staff/supporters/questions/").content.decode()
    browser.get(address)
    assert asked(organization) == [TEXT]
    browser.post(address)

    assert asked(organization) == []


def test_an_editor_does_not_change_what_is_asked(organization):
    bruno = signed_in(a_member_of_staff(organization))

    assert bruno.get("/staff/supporters/questions/add/").status_code in {302, 403}
