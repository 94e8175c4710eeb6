"""Suzie signs up for the latest: one form, one mail, one press; and nobody can tell from outside what was known."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from django.test import Client
from django.urls import reverse

from amparo.actions import confirming, taking
from amparo.actions.models import Action, Confirmation, SignUpPage
from amparo.content.models import HomePage
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.supporters import consent, suppression
from amparo.supporters.models import Channel, ConsentRecord, Origin, Purpose, Supporter, Suppression
from tests.factories.deeds import a_deed
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question, a_sign_up_page, a_site, an_email_page

pytestmark = pytest.mark.django_db

TAKEN = "Now look in your mailbox"


@pytest.fixture
def page():
    return a_sign_up_page(an_organization())


@pytest.fixture
def news(page):
    return a_question(page.organization)


def browser(**headers):
    return Client(headers={"host": "open-doors.test", **headers})


def sign_up(page, *agreed, step="sign_up", email="suzie@example.org", **fields):
    data = {"step": step, "email": email, **fields} | {f"consent-{each.pk.hex}": "on" for each in agreed}
    return browser().post(page.url, data)


def press_the_button(now=None):
    confirmation = Confirmation.objects.filter(closed_at=None).get()
    return confirming.confirm(token=confirming.link_for(confirmation.pk), now=now or datetime.now(UTC))


def test_suzie_signs_up_confirms_and_is_in_the_ledger_with_the_exact_words(page, news, mail_server):
    assert TAKEN in sign_up(page, news).content.decode()
    assert Supporter.objects.get().agreed_to == 0, "nothing holds before she has confirmed it"
    run_line("notices", now_source=lambda: datetime.now(UTC) + timedelta(minutes=2))
    (mail,) = mail_server.to("suzie@example.org")
    assert mail["Subject"] == "Please confirm that you want to hear from us"
    assert "letter" not in mail.get_content()

    link = next(word for word in mail.get_content().split() if "/confirm/" in word)
    path = "/confirm/" + link.partition("/confirm/")[2]
    shown = browser().get(path).content.decode()
    assert "You said yes to:" in shown
    assert news.text in shown
    assert not ConsentRecord.objects.exists()
    thanks = browser().post(path, {"step": "confirm"}).content.decode()

    assert "Thank you" in thanks
    assert "letter" not in thanks
    line = ConsentRecord.objects.get()
    assert (line.granted, line.wording, line.origin, line.source) == (True, news, Origin.FORM, page.url)
    assert consent.may_contact(supporter=Supporter.objects.get(), purpose=Purpose.NEWS, channel=Channel.EMAIL)


def test_no_box_is_ticked_beforehand_and_one_yes_is_needed_which_is_said_kindly(page, news):
    shown = browser().get(page.url).content.decode()
    assert news.text in shown
    assert "checked" not in shown

    refused = sign_up(page, given_name="Suzie")

    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Without a yes from you we may not write at all" in text
    assert 'value="suzie@example.org"' in text, "what was typed is kept"
    assert not Action.objects.exists()


def test_an_unticked_box_takes_nothing_back(page, news):
    events = a_question(page.organization, purpose=Purpose.EVENTS, text="May we invite you?")
    sign_up(page, news)
    press_the_button()

    sign_up(page, events)
    press_the_button()

    suzie = Supporter.objects.get()
    assert consent.may_contact(supporter=suzie, purpose=Purpose.NEWS, channel=Channel.EMAIL)
    assert consent.may_contact(supporter=suzie, purpose=Purpose.EVENTS, channel=Channel.EMAIL)


def test_only_questions_about_mail_are_asked(page, news):
    by_text = a_question(page.organization, channel=Channel.SMS, text="May we send you text messages?")

    assert by_text.text not in browser().get(page.url).content.decode()


def test_without_a_question_there_is_no_form_and_nothing_is_taken(page):
    shown = browser().get(page.url)
    assert shown.status_code == 200
    assert "You cannot sign up yet" in shown.content.decode()

    assert sign_up(page).status_code == 410


def test_the_editor_chooses_what_is_asked_and_all_of_it_is_optional(page, news):
    SignUpPage.objects.update(asks_name=False, asks_postcode=True, asks_country=True)
    page.refresh_from_db()
    shown = browser().get(page.url).content.decode()
    assert 'name="given-name"' not in shown
    assert '<option value="NO">Norway</option>' in shown

    assert TAKEN in sign_up(page, news, **{"postal-code": "ex1  2ab", "country": "NO"}).content.decode()

    suzie = Supporter.objects.get()
    assert (suzie.postal_code, suzie.country, suzie.given_name) == ("EX1 2AB", "NO", "")


def test_a_double_click_and_a_reload_are_one_sign_up(page, news):
    for _click in range(3):
        assert TAKEN in sign_up(page, news).content.decode()

    assert Action.objects.count() == 1
    assert Notice.objects.count() == 1


# --- A slip of the finger -----------------------------------------------------------------------------------------


def test_a_common_slip_is_offered(page, news):
    asked = sign_up(page, news, email="suzie@gmial.com")
    text = asked.content.decode()
    assert "Did you mean" in text
    assert "suzie@gmail.com" in text
    assert not Action.objects.exists()

    sign_up(page, news, step="corrected", email="suzie@gmial.com")

    assert Supporter.objects.get().email == "suzie@gmail.com"


def test_and_never_forced(page, news):
    sign_up(page, news, step="as_typed", email="suzie@gmial.com")

    assert Supporter.objects.get().email == "suzie@gmial.com"


# --- Who left, and who comes back ---------------------------------------------------------------------------------


def test_somebody_who_left_may_come_back_by_their_own_hand(page, news):
    sign_up(page, news)
    press_the_button()
    now = datetime.now(UTC)
    suzie = Supporter.objects.get()
    consent.withdraw(supporter=suzie, origin=Origin.PREFERENCES, source="/preferences/", now=now)
    suppression.suppress(
        organization=page.organization,
        email="suzie@example.org",
        reason=Suppression.Reason.UNSUBSCRIBED,
        source="",
        now=now,
    )
    later = datetime.now(UTC) + timedelta(minutes=11)
    deed = a_deed(letters=[], consents={news.pk: True})
    taking.take(page=page, deed=deed, now=later)
    confirmation = press_the_button(later)

    suzie.refresh_from_db()
    assert suzie.unreachable == ""
    assert consent.may_contact(supporter=suzie, purpose=Purpose.NEWS, channel=Channel.EMAIL)
    assert Action.objects.confirmed().count() == 1, "a person counts once"
    shown = browser().get(reverse("confirm", args=[confirming.link_for(confirmation.pk)]))
    assert "Thank you" in shown.content.decode()


def test_who_complained_is_told_the_same_and_written_to_never_again(page, news, now):
    suppression.suppress(
        organization=page.organization,
        email="suzie@example.org",
        reason=Suppression.Reason.COMPLAINED,
        source="",
        now=now,
    )

    assert TAKEN in sign_up(page, news).content.decode()

    assert not Notice.objects.exists()


def test_what_nobody_confirms_agrees_to_nothing(page, news):
    """Mallory types Amina's address."""
    sign_up(page, news, email="amina@example.org")

    assert not ConsentRecord.objects.exists()


# --- The same answer (guarantee S9) -------------------------------------------------------------------------------


def everybody(organization, now, *, take):
    """Addresses of one length: new, pending, confirmed, unsubscribed, complained, suppressed everywhere."""
    known = {
        name: f"{name}@example.org" for name in ("newone", "waitin", "signed", "leaver", "hurted", "banned")
    }
    for name in ("waitin", "signed", "leaver", "hurted"):
        take(known[name])
        if name != "waitin":
            press_the_button(now)
    for name, reason in (("leaver", "unsubscribed"), ("hurted", "complained")):
        suppression.suppress(
            organization=organization,
            email=known[name],
            reason=Suppression.Reason(reason),
            source="",
            now=now,
        )
    suppression.suppress_everywhere(email=known["banned"], reason=Suppression.Reason.LAW, source="", now=now)
    return list(known.values())


def same(answers):
    """Status, length, and every byte but the address itself."""
    shown = [
        (answer.status_code, len(answer.content), re.sub(rb"\w{6}@example", b"X@example", answer.content))
        for answer in answers
    ]
    return all(one == other for one, other in combinations(shown, 2))


def test_signing_up_answers_everybody_alike(page, news, now):
    emails = everybody(
        page.organization,
        now,
        take=lambda email: (
            Confirmation.objects.filter(used_at=None).delete(),
            taking.take(page=page, deed=a_deed(letters=[], email=email), now=now),
        ),
    )

    answers = [sign_up(page, news, email=email) for email in emails]

    assert {answer.status_code for answer in answers} == {200}
    assert same(answers)
    assert same([sign_up(page, email=email) for email in emails])


def test_a_letter_answers_everybody_alike(now):
    organization = an_organization()
    page = an_email_page(organization)
    from tests.factories.targets import alvenia

    alvenia()
    page.posts = [("post", "alvenia/minister/interior")]
    page.save()
    emails = everybody(
        organization,
        now,
        take=lambda email: (
            Confirmation.objects.filter(used_at=None).delete(),
            taking.take(page=page, deed=a_deed(email=email), now=now),
        ),
    )
    key = "01890000-0000-7000-8000-00000000000"
    steps = [
        browser().post(
            page.url,
            {
                "step": "send",
                "given-name": "Suzie",
                "family-name": "Okafor",
                "email": email,
                "subject": "When will he see a judge?",
                "body": "Please ask when Ilan Sarr will see a judge. " * 5,
                "key": f"{key}{number}",
            },
        )
        for number, email in enumerate(emails)
    ]

    assert [TAKEN in answer.content.decode() for answer in steps] == [True] * len(emails)
    shown = [re.sub(rb"(name=\"key\" value=\")[^\"]+", rb"\1", answer.content) for answer in steps]
    assert len({len(each) for each in shown}) == 1


# --- The block ----------------------------------------------------------------------------------------------------


def test_the_form_stands_in_the_body_of_the_home_page_and_posts_to_its_own(page, news):
    home = a_site(page.organization)
    home.body = [("sign_up", {"page": page})]
    home.save_revision().publish()

    shown = browser().get("/").content.decode()

    assert f'action="{page.url}"' in shown
    assert news.text in shown
    assert page.standfirst in shown


def test_a_block_whose_page_was_taken_down_shows_nothing(page, news):
    home = a_site(page.organization)
    home.body = [("sign_up", {"page": page})]
    home.save_revision().publish()
    page.unpublish()

    shown = browser().get("/")

    assert shown.status_code == 200
    assert news.text not in shown.content.decode()


def test_only_a_page_that_can_be_filled_in_elsewhere_may_be_chosen(page):
    from django.core.exceptions import ValidationError

    from amparo.content.blocks import SignUpBlock

    letter = an_email_page(page.organization)
    block = SignUpBlock()
    assert block.clean(block.to_python({"page": page.pk}))["page"].pk == page.pk
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"page": letter.pk}))


def test_editors_are_offered_the_page_and_it_stands_among_what_can_be_read(page, news):
    assert SignUpPage in HomePage.allowed_subpage_models()
    shown = browser().get("/").content.decode()

    assert "Read more" in shown
    assert page.title in shown


def test_the_counter_is_shown_only_when_the_editor_wants_it(page, news):
    from amparo.actions import counting

    sign_up(page, news)
    press_the_button()
    counting.count_page(page.pk, now=datetime.now(UTC))
    assert "has signed up" not in browser().get(page.url).content.decode()

    SignUpPage.objects.update(shows_counter=True)
    page.refresh_from_db()
    page.save_revision().publish()

    shown = re.sub(r"<[^>]+>", "", browser().get(page.url).content.decode())
    assert "1 person has signed up" in shown
