"""What `amparo doctor` says of the provider that mailings leave by, without sending anything."""

from __future__ import annotations

import json

import pytest

from amparo.kit import http
from amparo.kit.findings import Finding
from amparo.mailings.carriers import provider_checkup
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db

SECRET = "reports:0123456789abcdef"
TITLES = {"mailgun": "Mailgun", "mailjet": "Mailjet", "postmark": "Postmark"}


class Web:
    """What is asked of others, and what they answer."""

    def __init__(self):
        self.asked, self.answer = [], (200, {})

    def ask(self, url, **words):
        return self._said(url, words)

    def post(self, url, *, fields, **words):
        assert fields == {}, "nothing is sent to anybody"
        return self._said(url, words)

    def _said(self, url, words):
        assert 0 < words["seconds"] <= 5
        self.asked.append((url, words.get("login") or words.get("headers")))
        if isinstance(self.answer, Exception):
            raise self.answer
        status, told = self.answer
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        return http.Answer(status, url, {}, body)


@pytest.fixture
def web(monkeypatch):
    web = Web()
    monkeypatch.setattr(http, "ask", web.ask)
    monkeypatch.setattr(http, "post", web.post)
    return web


@pytest.fixture
def use(settings):
    def use(name, *, secret=SECRET):
        settings.BASE_URL = "https://campaigns.example.org"
        settings.AMPARO_MAIL_PROVIDER, settings.AMPARO_MAIL_REPORTS_SECRET = name, secret
        settings.ANYMAIL = {
            "MAILGUN_API_KEY": "key-mailgun",
            "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
            "MAILJET_API_KEY": "key-mailjet",
            "MAILJET_SECRET_KEY": "secret",
            "POSTMARK_SERVER_TOKEN": "key-postmark",
            "POSTMARK_MESSAGE_STREAM": "broadcast",
        }

    return use


def found() -> dict[str, list[str]]:
    """What is said, by how bad it is."""
    said = {"good": [], "note": [], "bad": []}
    for finding in provider_checkup.examine():
        assert isinstance(finding, Finding)
        assert finding.says.endswith(".") or ": " in finding.says
        assert bool(finding.mend) == (finding.level == "bad")
        assert not {"key-mailgun", "key-mailjet", "key-postmark", SECRET} & set(str(finding).split())
        said[finding.level].append(finding.says)
    return said


def test_nobody_is_asked_where_mailings_leave_by_the_mail_server(web, settings):
    settings.AMPARO_MAIL_PROVIDER = "smtp"
    assert list(provider_checkup.examine()) == []
    assert web.asked == []


#: How each says that the key is right.
FINE = {"mailgun": (400, {"message": "from parameter is missing"}), "mailjet": (200, {"Count": 1}),
        "postmark": (200, {"ID": "broadcast", "MessageStreamType": "Broadcasts", "ArchivedAt": None})}  # fmt: skip


@pytest.mark.parametrize("name", list(FINE))
def test_a_provider_that_takes_our_key_is_fine(web, use, name):
    use(name)
    an_organization(sender_email="hello@doors.example.org")
    web.answer = FINE[name]
    said = found()
    assert (said["bad"], said["note"]) == ([], [])
    assert f"{TITLES[name]} takes our key" in said["good"][1]
    assert len(web.asked) == 1


@pytest.mark.parametrize("name", list(FINE))
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_is_said_with_the_reason(web, use, name, status):
    use(name)
    an_organization()
    web.answer = (status, {"Message": "Bad or missing token\nof chidi@example.org"})
    (said,) = found()["bad"]
    assert f"{TITLES[name]} does not take our key" in said
    assert f"({status}): Bad or missing token" in said
    assert "chidi@" not in said
    web.answer = (status, b"Forbidden")
    assert found()["bad"][0].endswith(f"({status}).")


@pytest.mark.parametrize("name", list(FINE))
@pytest.mark.parametrize(
    "refusal", [http.NoAnswer(), http.NotAskedThere(), http.AnswerLost(), http.TooLong()]
)
def test_a_provider_that_cannot_be_asked_is_said(web, use, name, refusal):
    use(name)
    an_organization()
    web.answer = refusal
    assert found()["bad"] == [f"{TITLES[name]} cannot be asked: {refusal}"]


@pytest.mark.parametrize("name", list(FINE))
def test_what_says_nothing_of_our_key_is_no_alarm(web, use, name):
    use(name)
    an_organization()
    web.answer = (503, b"<html>")
    assert found()["bad"] == []
    assert found()["note"] == [f"{TITLES[name]} answers 503, which says nothing of our key."]


def test_each_domain_from_which_mailings_leave_is_looked_at(web, use, settings):
    """A sending key of Mailgun's is good for one of them."""
    use("mailgun")
    an_organization(sender_email="hello@doors.example.org")
    an_organization("lamp-light", sender_email="hello@Lamp.example.org")
    web.answer = (404, {"message": "Domain not found"})
    assert found()["bad"] == [
        "Mailgun knows no domain doors.example.org.",
        "Mailgun knows no domain lamp.example.org.",
    ]
    assert web.asked[0] == (
        "https://api.eu.mailgun.net/v3/doors.example.org/messages", ("api", "key-mailgun")
    )  # fmt: skip
    web.asked.clear()
    settings.AMPARO_MAIL_PROVIDER_DOMAIN = "mg.example.org"
    found()
    assert [url for url, _login in web.asked] == ["https://api.eu.mailgun.net/v3/mg.example.org/messages"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((404, {}), "no stream broadcast in use"),
        ((422, {"ErrorCode": 1226}), "no stream broadcast in use"),
        (
            (200, {"MessageStreamType": "Broadcasts", "ArchivedAt": "2026-01-01"}),
            "no stream broadcast in use",
        ),
        ((200, {"MessageStreamType": "Transactional"}), "not meant for mailings"),
        ((200, []), "not meant for mailings"),
    ],
)
def test_a_stream_of_postmarks_that_is_none_for_mailings_is_said(web, use, answer, says):
    use("postmark")
    web.answer = answer
    (said,) = found()["bad"]
    assert says in said


def test_without_a_secret_no_report_is_taken_and_that_is_said(web, use):
    use("mailjet", secret="")
    (said,) = found()["bad"]
    assert "no report of Mailjet is taken" in said


def test_reports_find_no_site_without_a_name_on_the_internet(web, use, settings):
    use("mailjet")
    settings.BASE_URL = "http://127.0.0.1:8000"
    (said,) = found()["bad"]
    assert "http://127.0.0.1:8000" in said
