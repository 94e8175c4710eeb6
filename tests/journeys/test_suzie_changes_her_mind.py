"""Suzie lost her link, gets a new one, takes back what she agreed to, pauses, moves, takes a copy, and is erased."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.kit import tokens
from amparo.supporters import consent, linking, wordings
from amparo.supporters.models import OtherAddress, Supporter
from tests.factories.letters import a_letter, an_action
from tests.factories.people import a_supporter
from tests.journeys.conftest import DESK, PHONE, link_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LAST_MONTH = timezone.now() - timedelta(days=30)

#: Where the letters of an element begin: its box may be as wide as the line.
BEGINS = """(words, side) => {
    const letters = document.createRange();
    letters.selectNodeContents(words);
    return Math.round(letters.getBoundingClientRect()[side]);
}"""


@pytest.fixture
def suzie(site):
    found = a_supporter(
        site.organization, given_name="Suzie", family_name="Okafor", email="suzie@example.org", now=LAST_MONTH
    )
    Supporter.objects.filter(pk=found.pk).update(confirmed_at=LAST_MONTH)
    (wording,) = wordings.questions(organization=site.organization, language="en")
    consent.record(supporter=found, answers={wording.pk: True}, source="/write/", now=LAST_MONTH)
    a_letter(site, action=an_action(site, supporter=found), state="sent", target_name="Marit Osk")
    return Supporter.objects.get(pk=found.pk)


def press(visitor, deed):
    with visitor.page.expect_navigation():
        visitor.page.click(f'button[name="deed"][value="{deed}"]')


def unfold(visitor, field):
    """Open the part of the page that a field lies folded away in, by its own line."""
    visitor.page.click(f'details:has([name="{field}"]) > summary')


@pytest.mark.parametrize(
    ("size", "language", "script"),
    [(PHONE, "en", True), (PHONE, "ar", False), (DESK, "ar", True), (DESK, "en", False)],
    ids=["phone-en-javascript", "phone-ar-no-javascript", "desk-ar-javascript", "desk-en-no-javascript"],
)
def test_suzie_changes_her_mind(visit, site, suzie, work, size, language, script):
    Supporter.objects.filter(pk=suzie.pk).update(language=language)
    reader = visit(size=size, script=script, language=language)

    def answered():
        suzie.refresh_from_db()
        assert reader.page.inner_text(".said"), "she is told what is now the case"
        reader.check_page()

    # The link, from the foot of the site.
    reader.go("/ar/" if language == "ar" else "/")
    with reader.page.expect_navigation():
        reader.page.click('footer a[href$="/me/"]')
    reader.check_page()
    reader.fill(email="suzie@example.org")
    reader.submit()
    reader.check_page()
    work()
    work()
    (mail,) = work.mails.to("suzie@example.org")
    reader.page.goto(link_in(mail))
    assert reader.page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    assert "Marit Osk" in reader.text
    reader.check_page()
    # Her name and address begin where every line begins, whatever letters they are in.
    side = "right" if language == "ar" else "left"
    for words in reader.page.query_selector_all(".facts dd > bdi"):
        assert words.evaluate(BEGINS, side) == words.evaluate(
            "(words, side) => Math.round(words.parentElement.getBoundingClientRect()[side])", side
        )

    # What she agreed to: one press to take it back, one to agree again.
    press(reader, "take_back")
    answered()
    assert suzie.agreed_to == 0
    press(reader, "give")
    answered()
    assert suzie.agreed_to == 1

    press(reader, "pause")
    answered()
    assert suzie.paused_until > timezone.now() + timedelta(days=29)
    press(reader, "resume")
    answered()
    assert suzie.paused_until is None

    reader.choose("frequency", "weekly")
    press(reader, "frequency")
    answered()
    assert suzie.frequency == "weekly"

    # Another name, and another mailbox.
    unfold(reader, "given-name")
    reader.fill(given_name="Suzanne")
    press(reader, "details")
    answered()
    assert suzie.full_name == "Suzanne Okafor"
    unfold(reader, "email")
    reader.fill(email="suzanne@example.net")
    press(reader, "address")
    answered()
    assert suzie.email == "suzie@example.org"
    work()
    (asked,) = work.mails.to("suzanne@example.net")
    reader.page.goto(link_in(asked))
    reader.check_page()
    reader.submit()
    reader.check_page()
    suzie.refresh_from_db()
    assert suzie.email == "suzanne@example.net"
    assert OtherAddress.objects.get().email == "suzie@example.org"
    with reader.page.expect_navigation():
        reader.page.click('main a[href*="/me/"]')

    # A word of complaint, a copy of everything, and good-bye.
    unfold(reader, "text")
    reader.fill(text="You wrote to me twice on Monday.")
    press(reader, "complain")
    answered()
    with reader.page.expect_download() as copy:
        reader.page.click('button[name="as"][value="json"]')
    assert "suzanne@example.net" in json.dumps(json.loads(copy.value.path().read_text()))
    with reader.page.expect_navigation():
        reader.page.click('main a[href$="/erase/"]')
    reader.check_page()
    press(reader, "erase")
    reader.check_page()
    suzie.refresh_from_db()
    assert suzie.anonymized_at is not None
    assert suzie.email is None
    reader.go(f"/me/{tokens.make(linking.ME, suzie.pk)}/")
    assert "Suzanne" not in reader.text


def test_one_press_on_the_unsubscribe_page_is_enough(visit, suzie):
    reader = visit(size=PHONE, script=False)
    reader.go(f"/unsubscribe/{tokens.make(linking.UNSUBSCRIBE, suzie.pk)}/")
    suzie.refresh_from_db()
    assert suzie.agreed_to == 1, "opening the page changes nothing"

    with reader.page.expect_navigation():
        reader.page.click('button[name="List-Unsubscribe"]')

    assert reader.heading == "You are unsubscribed"
    suzie.refresh_from_db()
    assert suzie.agreed_to == 0


def test_a_mistake_is_said_beside_the_field_and_the_rest_is_kept(visit, suzie):
    reader = visit(size=PHONE)
    reader.go(f"/me/{tokens.make(linking.ME, suzie.pk)}/")
    unfold(reader, "email")
    reader.fill(email="suzanne at example.net")
    press(reader, "address")

    assert reader.page.query_selector('[role="alert"] a[href="#id_email"]')
    assert reader.page.input_value('[name="email"]') == "suzanne at example.net"
    assert reader.page.is_visible('[name="email"]')
    reader.check_page()
