"""What `amparo doctor` says of text messages, without sending one."""

from __future__ import annotations

import json

import pytest

from amparo.kit import http
from amparo.mailings.texts import checkup
from tests.factories.organizations import an_organization
from tests.fakes.text_provider import ACCOUNT, SENDER, TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def twilio(settings, monkeypatch):
    """Twilio as its answers: nobody is asked."""

    class Twilio:
        answer = (200, {"status": "active", "type": "Full"})
        asked = []

        def ask(self, url, **words):
            assert 0 < words["seconds"] <= 5
            self.asked.append((url, words["login"]))
            if isinstance(self.answer, Exception):
                raise self.answer
            status, told = self.answer
            return http.Answer(status, url, {}, json.dumps(told).encode())

    settings.BASE_URL = "https://campaigns.example.org"
    settings.AMPARO_SMS_PROVIDER = "twilio"
    settings.AMPARO_SMS_ACCOUNT, settings.AMPARO_SMS_TOKEN = ACCOUNT, TOKEN
    settings.AMPARO_SMS_SENDERS = {"": SENDER}
    twilio = Twilio()
    twilio.asked = []
    monkeypatch.setattr(http, "ask", twilio.ask)
    return twilio


def found() -> dict[str, list[str]]:
    said = {"good": [], "note": [], "bad": []}
    for finding in checkup.examine():
        assert finding.subject == "texts"
        assert TOKEN not in str(finding)
        assert bool(finding.mend) == (finding.level == "bad")
        said[finding.level].append(finding.says)
    return said


def test_an_account_in_order_is_fine(twilio):
    an_organization()
    said = found()
    assert said == {"good": ["Twilio takes our token, and the account is active."], "note": [], "bad": []}
    assert twilio.asked == [(f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}.json", (ACCOUNT, TOKEN))]


@pytest.mark.parametrize("name", ["none", "catcher"])
def test_nobody_is_asked_where_no_text_leaves(twilio, settings, name):
    settings.AMPARO_SMS_PROVIDER, settings.AMPARO_DEMO = name, name == "catcher"
    assert list(checkup.examine()) == []
    assert twilio.asked == []


@pytest.mark.parametrize(
    ("answer", "level", "says"),
    [
        ((401, {"code": 20003}), "bad", "does not take our token (401)"),
        ((403, {}), "bad", "does not take our token (403)"),
        ((200, {"status": "suspended"}), "bad", "our account is suspended"),
        ((200, []), "bad", "our account is None"),
        ((200, {"status": "active", "type": "Trial"}), "note", "on trial"),
        ((404, {}), "note", "answers 404"),
        ((503, {}), "note", "answers 503"),
        (http.NoAnswer(), "bad", "cannot be asked: Nobody answers"),
        (http.TooLong(), "bad", "cannot be asked"),
    ],
)
def test_what_is_wrong_with_the_account_is_said(twilio, answer, level, says):
    twilio.answer = answer
    said = found()
    assert says in said[level][0]
    assert sum(map(len, said.values())) == 1


def test_a_stop_finds_no_site_without_a_name_on_the_internet(twilio, settings):
    settings.BASE_URL = "http://127.0.0.1:8000"
    assert "nobody's STOP" in found()["bad"][0]


def test_numbers_that_are_nobodys_and_organizations_that_have_none_are_named(twilio, settings):
    an_organization("open-doors", name="Open Doors")
    an_organization("lamp-light", name="Lamp & Light")
    settings.AMPARO_SMS_SENDERS = {"open-doors": SENDER, "lamp-ligth": SENDER}
    said = found()
    assert "AMPARO_SMS_SENDERS names lamp-ligth" in said["bad"][0]
    assert said["note"] == ["no number to send texts from have: Lamp & Light."]
