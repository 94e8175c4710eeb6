"""Amina calls an office: the number, the script, the hours, and how it went; an address only if she wants."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from amparo.actions.models import Action, CallPage, Report
from amparo.actions.other_ways import reporting, telephones
from amparo.kit.work import run_line
from tests.factories.doing_pages import a_call_page
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question
from tests.factories.targets import alvenia

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_a_number_is_dialled_whole_where_the_country_is_known():
    assert telephones.tel_link("020 7219 3000", country="GB") == "tel:+442072193000"
    assert telephones.tel_link("(202) 224-3121 x12", country="US") == "tel:+12022243121;ext=12"
    assert telephones.tel_link("+000 555 0100", country="XV") == "tel:+0005550100"
    assert telephones.tel_link("0555 0100", country="") == "tel:05550100"


def test_numbers_stand_with_their_office_and_each_once():
    ways = [
        SimpleNamespace(value="020 7219 3000", office="Parliament", note=""),
        SimpleNamespace(value="01632 960001", office="", note="Constituency"),
        SimpleNamespace(value="+44 20 7219 3000", office="", note=""),
    ]
    target = SimpleNamespace(ways=lambda kind: ways if kind == "phone" else [])
    found = telephones.numbers_of(target, country="GB")
    assert [(number.office, number.link) for number in found] == [
        ("Parliament", "tel:+442072193000"),
        ("Constituency", "tel:+441632960001"),
    ]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (MONDAY, True),
        (MONDAY.replace(hour=7), False),
        (MONDAY.replace(hour=16), False),
        (MONDAY.replace(day=22), False),
    ],
)
def test_the_hours_are_those_of_the_office(moment, is_open):
    page = CallPage(
        hours_from=time(9), hours_until=time(17), hours_days="weekdays", hours_zone="Europe/Paris"
    )
    hours = telephones.hours_of(page, now=moment)
    assert hours.open_now is is_open
    assert hours.sentence == "Best Monday to Friday, from 09:00 to 17:00 (Paris time)."
    assert ("good moment" in hours.now_sentence) is is_open
    assert f"{(moment.hour + 1):02}:00" in hours.now_sentence


def test_hours_are_whole_or_absent_and_their_zone_exists():
    for wrong in (
        {"hours_from": time(9)},
        {"hours_from": time(17), "hours_until": time(9)},
        {"hours_zone": "Europe/Atlantis"},
    ):
        page = CallPage(**({"posts": [("post", "exa/minister/justice")]} | wrong))
        with pytest.raises(ValidationError):
            page.clean()


@pytest.fixture
def page(db):
    alvenia()
    return a_call_page(an_organization())


def post(page, **fields):
    return Client(headers={"host": "open-doors.test"}).post(page.url, fields)


def key_in(response):
    return re.search(r'name="key" value="([^"]+)"', response.content.decode())[1]


def test_the_call_shows_number_script_and_answers(page):
    response = post(page, step="details")
    text = response.content.decode()
    assert 'href="tel:+0005550100"' in text
    assert "+000 555 0100" in text
    assert "Please tell Ebba Roan: let him see a judge." in text
    assert "my name is (your name)" in text
    assert "Are you from here?" in text
    assert "It is" in text, "the hours are said in words"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert 'name="phone"' not in text, "nobody's own number is asked for"


def test_a_call_without_an_address_counts_once_for_each_form(page):
    shown = post(page, step="details")
    for _again in range(2):
        said = post(page, step="said", key=key_in(shown), **{"said-0": "spoke"})
    assert "Nothing about you was stored" in said.content.decode()
    report = Report.objects.get()
    assert (report.action, report.said, report.target_key) == (None, "spoke", "alvenia/minister/interior")
    assert reporting.tally_of(CallPage.objects.get()).confirmed == 1
    assert not Action.objects.exists()


def test_who_did_not_call_is_thanked_and_not_counted(page):
    post(page, step="said", email="amina@example.org", **{"said-0": "not_called"})
    assert Report.objects.get().said == "not_called"
    assert not Action.objects.exists(), "an address given with it is not kept"
    assert reporting.tally_of(CallPage.objects.get()).confirmed == 0


def test_with_an_address_the_call_is_an_action_that_counts_once_confirmed(page, mail_server):
    news = a_question(page.organization)
    fields = {"step": "said", "email": "amina@example.org", "said-0": "message"}
    refused = post(page, **fields)
    assert refused.status_code == 422, "who leaves an address answers the question about news"
    taken = post(page, via="whatsapp", **fields, **{f"consent-{news.pk.hex}": "no"})
    assert "Now look in your mailbox" in taken.content.decode()
    action = Action.objects.get()
    assert (action.state, action.via) == ("pending", "whatsapp")
    assert action.reports.get().said == "message"
    assert CallPage.objects.get().done == 0, "it waits for the button in the mail"
    run_line("notices", now_source=lambda: datetime.now(UTC) + timedelta(minutes=2))
    (mail,) = mail_server.to("amina@example.org")
    assert mail["Subject"] == "Please confirm your call"


def test_without_an_answer_the_question_is_asked_again(page):
    refused = post(page, step="said")
    assert refused.status_code == 422
    assert "Please choose what happened" in refused.content.decode()


def test_a_robot_is_thanked_and_nothing_is_stored(page):
    assert post(page, step="said", website="x", **{"said-0": "spoke"}).status_code == 200
    assert not Report.objects.exists()


def test_where_nobody_has_a_telephone_the_page_says_so_and_offers_its_fallback(db):
    alvenia()
    page = a_call_page(
        an_organization(),
        legislatures=[("legislature", "diet")],
        fallbacks=[("post", "alvenia/minister/interior")],
    )
    response = post(page, step="details", **{"postal-code": "1001"})
    text = response.content.decode()
    assert "No telephone number is known for" in text
    assert 'value="alvenia/minister/interior"' in text
    called = post(page, step="fallback", fallback="alvenia/minister/interior", **{"postal-code": "1001"})
    assert "tel:+0005550100" in called.content.decode()


def test_editors_see_the_call_before_it_is_published(page):
    shown = page.make_preview_request(preview_mode="call")
    assert "tel:+0005550100" in shown.content.decode()
    assert "Please tell Ebba Roan" in shown.content.decode()


def test_people_without_an_address_can_be_left_out_of_the_count(page):
    post(page, step="said", **{"said-0": "spoke"})
    page.counts_without_address = False
    page.save()
    assert CallPage.objects.get().done == 0
