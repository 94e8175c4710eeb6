"""The ways that are not straight: split postcodes, empty seats, forms, double clicks, old links, bad input, robots."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.actions import confirming
from amparo.actions.models import Action, Confirmation, EmailTargetPage, Message
from amparo.mailings.models import Notice
from amparo.supporters.models import Supporter
from tests.journeys.conftest import PHONE, link_in
from tests.journeys.test_amina_writes_to_her_mp import AMINA, OWN_WORDS, answer_every_question

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def start(visit, *, postal_code="1001", **how):
    visitor = visit(**how)
    visitor.go("/write-to-your-minister/")
    visitor.fill(**{**AMINA, "postal_code": postal_code})
    visitor.press("details")
    return visitor


def write_and_preview(visitor, *, with_address=False):
    visitor.fill(body=OWN_WORDS + visitor.page.input_value('textarea[name="body"]'))
    if with_address:
        visitor.fill(address_line1="4 Quay Street", address_level2="Brennick")
    answer_every_question(visitor, "no")
    visitor.press("preview")


@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no-javascript"])
def test_a_postcode_in_two_areas_asks_and_never_picks(visit, site, script):
    amina = start(visit, postal_code="1002", size=PHONE, script=script)
    assert "Brennick" in amina.text
    assert "Saltmarsh" in amina.text
    amina.check_page()

    amina.press("choose")
    assert "choose the area" in amina.text
    amina.check_page()

    amina.choose("choice", "N1")
    amina.press("choose")
    assert "Marit Osk" in amina.text
    write_and_preview(amina, with_address=True)
    amina.press("send")
    assert Message.objects.get().target_key == "alvenia/diet/N1"
    assert Message.objects.get().evidence == "user"


def test_who_does_not_know_their_area_is_helped_on(visit, site):
    amina = start(visit, postal_code="1002")
    amina.choose("choice", "unknown")
    amina.press("choose")

    assert "Minister of the Interior" in amina.text
    amina.check_page()


def test_a_postcode_nobody_knows_offers_another_try_and_somebody_else(visit, site):
    amina = start(visit, postal_code="7777")
    assert "do not know this postcode" in amina.text
    amina.check_page()

    amina.fill(postal_code="1001")
    amina.press("details")
    assert "Marit Osk" in amina.text


def test_an_empty_seat_says_so_and_the_minister_gets_the_letter_instead(visit, site, work):
    amina = start(visit, postal_code="2001")
    assert "empty" in amina.heading.lower()
    amina.check_page()

    with amina.page.expect_navigation():
        amina.page.click('button[name="fallback"]')
    assert "Ebba Roan" in amina.text
    write_and_preview(amina)
    amina.press("send")
    work()
    amina.page.goto(link_in(work.mails.to("amina@example.net")[0]))
    amina.press("confirm")
    work()
    assert len(work.mails.to("minister@interior.example.org")) == 1


@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no-javascript"])
def test_an_office_with_only_a_form_gets_a_letter_to_copy(visit, site, work, script):
    amina = start(visit, postal_code="1003", script=script)
    write_and_preview(amina)
    assert (
        amina.page.get_attribute('a[href^="https://diet.example.org"]', "href")
        == "https://diet.example.org/write/n2"
    )
    assert "a topic" in amina.text
    amina.check_page()

    amina.press("form_sent")
    work(at=timezone.now() + timedelta(minutes=2))
    amina.page.goto(link_in(work.mails.to("amina@example.net")[0]))
    amina.press("confirm")

    message = Message.objects.get()
    assert (message.state, message.body) == ("by_form_done", None)


def test_a_double_click_back_and_reload_make_one_letter(visit, site):
    amina = start(visit)
    write_and_preview(amina, with_address=True)

    amina.page.dblclick('button[value="send"]')
    amina.page.wait_for_selector("h1:has-text('mailbox')")
    amina.page.go_back()
    amina.page.wait_for_selector('button[value="send"]')
    amina.press("send")

    assert (Action.objects.count(), Message.objects.count(), Notice.objects.count()) == (1, 1, 1)


def test_her_own_mail_program_opens_the_letter_and_nothing_is_stored(visit, site):
    amina = start(visit)
    amina.fill(body=OWN_WORDS * 3, address_line1="4 Quay Street", address_level2="Brennick")
    amina.press("own_mail")

    link = amina.page.get_attribute('a[href^="mailto:"]', "href")
    assert link.startswith("mailto:marit.osk@diet.example.org?subject=")
    assert "My%20brother%20was%20a%20printer" in link
    assert "%0D%0A" in link
    assert Supporter.objects.count() == 0
    amina.check_page()


def test_an_old_link_says_so(visit, site, work):
    amina = start(visit)
    write_and_preview(amina, with_address=True)
    amina.press("send")
    work()
    Confirmation.objects.update(expires_at=timezone.now() - timedelta(days=1))

    amina.page.goto(link_in(work.mails.to("amina@example.net")[0]))

    assert "too old" in amina.text
    amina.check_page()
    assert Action.objects.get().state == "pending"


def test_what_was_typed_stays_when_something_is_wrong(visit, site):
    amina = visit(size=PHONE)
    amina.go("/write-to-your-minister/")
    amina.fill(given_name="Amina", family_name="Rahal", email="amina at example.net", postal_code="1001")
    amina.press("details")

    assert amina.page.input_value('[name="given-name"]') == "Amina"
    assert amina.page.input_value('[name="email"]') == "amina at example.net"
    assert amina.page.query_selector('[role="alert"] a[href="#id_email"]')
    amina.check_page()
    assert Supporter.objects.count() == 0


def test_a_letter_that_is_too_long_is_kept_and_counted(visit, site):
    amina = start(visit)
    amina.fill(body="x" * 9000, address_line1="4 Quay Street", address_level2="Brennick")
    answer_every_question(amina, "no")
    amina.press("preview")

    assert "9000 characters" in amina.text.replace(",", "").replace("\xa0", "")
    assert len(amina.page.input_value('textarea[name="body"]')) == 9000
    amina.check_page()


def test_a_form_sent_after_the_hard_stop_keeps_the_letter_on_the_page(visit, site):
    amina = start(visit)
    write_and_preview(amina, with_address=True)
    EmailTargetPage.objects.update(hard_stop=timezone.now())

    amina.press("send")

    assert "My brother was a printer" in amina.page.content()
    assert Action.objects.count() == 0
    amina.check_page()


def test_mallorys_robot_is_thanked_and_nothing_is_kept(client, site, live_server):
    robot = {
        **{name.replace("_", "-"): value for name, value in AMINA.items()},
        "subject": "Buy",
        "body": "Buy my watches. " * 20,
        "address-line1": "1",
        "address-level2": "X",
        "website": "https://watches.example",
        "step": "send",
    }
    robot |= {f"consent-{pk.hex}": "no" for pk in consent_ids(site)}

    answer = client.post(
        "/write-to-your-minister/", robot, headers={"host": live_server.url.removeprefix("http://")}
    )

    assert answer.status_code == 200
    assert Supporter.objects.count() == 0


def consent_ids(page):
    from amparo.supporters import wordings

    return [wording.pk for wording in wordings.questions(organization=page.organization, language="en")]


def test_a_link_with_other_letters_is_no_link(visit, site):
    amina = visit()
    amina.go(f"/confirm/{confirming.link_for(site.organization.pk)}/")

    assert "too old" in amina.text
    amina.check_page()


def test_a_reader_tells_us_that_a_target_is_wrong(visit, site):
    from amparo.targets.models import MistakeReport

    amina = start(visit)
    with amina.page.expect_navigation():
        amina.page.click("text=Is this wrong?") if amina.page.query_selector(
            "a:has-text('Is this wrong?')"
        ) else (amina.page.click('a[href*="mistake"]'))
    amina.check_page()
    amina.choose("what", "gone")
    amina.fill(details="She resigned last week.")
    amina.press("report")
    amina.check_page()

    report = MistakeReport.objects.get()
    assert report.target_key == "alvenia/diet/N1"
    assert "resigned" in report.what
