"""Reports of a provider are believed when they are signed, followed once, and tell nobody whom we know."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from base64 import b64encode

import pytest

from amparo.mailings import outcomes, recipient_tokens
from amparo.mailings.models import DeliveryFailure, SoftBounces
from amparo.mailings.progress import progress
from amparo.supporters import consent
from amparo.supporters.models import ConsentRecord, Suppression
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.pages import a_question

pytestmark = pytest.mark.django_db

SECRET = "reports:0123456789abcdef"


@pytest.fixture
def sent(doors):
    """A mailing that Suzie got, with the token of hers."""
    suzie = a_reader(doors)
    mailing = frozen(a_mailing(doors))
    chunk = mailing.chunks.get()
    mailing.chunks.update(outcomes=bytes([outcomes.SENT]), is_open=False)
    return mailing, suzie, recipient_tokens.maker()(chunk.pk, [0])[0].decode()


class Mailgun:
    name = "mailgun"

    def __init__(self, client):
        self._client = client

    def says(self, token, kind, *, words="", key=SECRET, **more):
        """What Mailgun posts: "failed" for good, "failed" for now, "complained", "unsubscribed" and so on."""
        severity = {"bounce": "permanent", "later": "temporary"}.get(kind)
        event = {"bounce": "failed", "later": "failed", "opened": "opened"}.get(kind, kind)
        data = {
            "event": event,
            "timestamp": 1795348800.0,
            "recipient": "suzie@supporters.example.net",
            "user-variables": {"amparo": token},
            "delivery-status": {"message": words, "code": 550},
            **({"severity": severity} if severity else {}),
            **more,
        }
        stamp, once = "1795348800", "a" * 50
        signature = hmac.new(key.encode(), f"{stamp}{once}".encode(), hashlib.sha256).hexdigest()
        signed = {"timestamp": stamp, "token": once, "signature": signature}
        return self._client.post(
            "/provider-reports/mailgun/",
            json.dumps({"signature": signed, "event-data": data}),
            content_type="application/json",
        )


class _ByPassword:
    def __init__(self, client):
        self._client = client

    def _post(self, content, key):
        shown = {"HTTP_AUTHORIZATION": "Basic " + b64encode(key.encode()).decode()} if key else {}
        return self._client.post(
            f"/provider-reports/{self.name}/", json.dumps(content), content_type="application/json", **shown
        )


class Mailjet(_ByPassword):
    name = "mailjet"

    def says(self, token, kind, *, words="", key=SECRET, **more):
        event = {"complained": "spam", "unsubscribed": "unsub", "opened": "open", "delivered": "sent"}
        content = {
            "event": "bounce" if kind in {"bounce", "later"} else event.get(kind, "blocked"),
            "time": 1795348800,
            "email": "suzie@supporters.example.net",
            "Payload": json.dumps({"amparo": token}),
            "smtp_reply": words,
            **({"error": "greylisted"} if kind == "later" else {}),
            **more,
        }
        return self._post([content], key)


class Postmark(_ByPassword):
    name = "postmark"

    def says(self, token, kind, *, words="", key=SECRET, **more):
        record = {
            "complained": "SpamComplaint",
            "unsubscribed": "SubscriptionChange",
            "opened": "Open",
            "delivered": "Delivery",
        }
        content = {
            "RecordType": record.get(kind, "Bounce"),
            "Type": {"later": "Transient", "rejected": "Blocked", "bounce": "SoftBounce"}.get(
                kind, "Unknown"
            ),
            "Email": "suzie@supporters.example.net",
            "Metadata": {"amparo": token},
            "Details": words,
            **more,
        }
        if kind == "complained":
            content["Type"] = "SpamComplaint"
        if kind == "unsubscribed":
            content |= {"SuppressSending": True, "SuppressionReason": "ManualSuppression"}
        return self._post(content, key)


@pytest.fixture(params=[Mailgun, Mailjet, Postmark], ids=lambda one: one.name)
def reporter(request, provider, client):
    provider.use(request.param.name)
    return request.param(client)


@pytest.mark.parametrize(
    ("words", "unreachable", "permanent"),
    [
        ("550 5.1.1 <suzie@supporters.example.net>: no suzie here", "bounced", True),
        ("552 5.2.2 mailbox full", "", False),
        ("550 5.7.1 blocked by policy", "", False),
        ("something went wrong", "", False),
    ],
)
def test_a_bounce_is_followed_once_by_what_it_means(sent, reporter, words, unreachable, permanent):
    mailing, suzie, token = sent
    assert reporter.says(token, "bounce", words=words).status_code == 200
    assert reporter.says(token, "bounce", words=words).status_code == 200
    suzie.refresh_from_db()
    assert (suzie.unreachable, progress(mailing).by_outcome) == (unreachable, {"came_back": 1})
    row = DeliveryFailure.objects.get()
    assert row.is_permanent is permanent
    assert "suzie" not in row.reason
    assert SoftBounces.objects.count() == (not unreachable and "5.7.1" not in words)


@pytest.mark.parametrize(
    ("kind", "reporter_of", "more"),
    [
        ("mailgun", Mailgun, {"reason": "suppress-bounce"}),
        ("mailjet", Mailjet, {"hard_bounce": True, "error": "user unknown"}),
        ("postmark", Postmark, {"Type": "HardBounce"}),
    ],
)
def test_a_provider_that_says_no_status_says_it_in_its_own_way(
    sent, provider, client, kind, reporter_of, more
):
    _mailing, suzie, token = sent
    provider.use(kind)
    reporter_of(client).says(token, "bounce", **more)
    suzie.refresh_from_db()
    assert suzie.unreachable == "bounced"


def test_a_complaint_is_the_last_thing_heard_from_us(sent, reporter):
    mailing, suzie, token = sent
    for _time in range(2):
        assert reporter.says(token, "complained").status_code == 200
    suzie.refresh_from_db()
    assert (suzie.unreachable, progress(mailing).by_outcome) == ("complained", {"complained": 1})
    assert Suppression.objects.get().reason == "complained"
    assert DeliveryFailure.objects.count() == 1


def test_what_the_provider_itself_refuses_is_no_fault_of_the_reader(sent, reporter):
    mailing, suzie, token = sent
    assert reporter.says(token, "rejected").status_code == 200
    suzie.refresh_from_db()
    assert (suzie.unreachable, progress(mailing).by_outcome) == ("", {"came_back": 1})


@pytest.mark.parametrize("kind", ["later", "opened", "delivered"])
def test_delays_deliveries_and_openings_change_nothing(sent, reporter, kind):
    mailing, _suzie, token = sent
    assert reporter.says(token, kind).status_code == 200
    assert progress(mailing).by_outcome == {"sent": 1}
    assert DeliveryFailure.objects.count() == 0


def test_who_unsubscribes_at_the_provider_has_unsubscribed(sent, reporter, doors, now):
    _mailing, suzie, token = sent
    consent.record(supporter=suzie, answers={a_question(doors).pk: True}, source="/", now=now)
    for _time in range(2):
        assert reporter.says(token, "unsubscribed").status_code == 200
    suzie.refresh_from_db()
    assert not suzie.agreed_to & consent.bit("news", "email")
    last = list(ConsentRecord.objects.filter(supporter=suzie).order_by("pk"))
    assert [record.granted for record in last] == [True, False]
    assert suzie.unreachable == ""


@pytest.mark.parametrize("key", ["reports:another-secret-0000", ""])
def test_mallory_cannot_report(sent, reporter, key):
    mailing, suzie, token = sent
    for kind in ("bounce", "complained", "unsubscribed"):
        assert reporter.says(token, kind, words="550 5.1.1 gone", key=key).status_code == 403
    suzie.refresh_from_db()
    assert (suzie.unreachable, progress(mailing).by_outcome) == ("", {"sent": 1})


def test_whom_we_do_not_know_gets_the_same_answer(sent, reporter, caplog):
    mailing, _suzie, token = sent
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    unknown = recipient_tokens.maker()(10**9, [3])[0].decode()
    with caplog.at_level(logging.DEBUG):
        answers = [reporter.says(one, "complained") for one in (token, forged, unknown, "", "é")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"")}
    assert progress(mailing).by_outcome == {"complained": 1}
    assert "suzie@" not in caplog.text


def test_what_is_no_report_is_said_to_be_none(reporter, client, provider):
    if reporter.name == "mailgun":
        answer = client.post("/provider-reports/mailgun/", "{", content_type="application/json")
        assert answer.status_code == 403
        return
    assert reporter._post(["strange"], SECRET).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "null",
        '"x"',
        '{"signature": null}',
        '{"signature": ["token"]}',
        '{"signature": {"token": "é", "timestamp": "1", "signature": "x"}}',
    ],
)
def test_whoever_has_not_shown_who_they_are_does_not_make_us_stumble(client, provider, body):
    provider.use("mailgun")
    answer = client.post("/provider-reports/mailgun/", body, content_type="application/json")
    assert answer.status_code == 403


def test_only_the_provider_in_use_is_heard(sent, provider, client, settings):
    _mailing, _suzie, token = sent
    provider.use("mailjet")
    assert Mailgun(client).says(token, "complained").status_code == 404
    assert Mailjet(client).says(token, "complained").status_code == 200
    assert client.get("/provider-reports/mailjet/").status_code == 405
    settings.AMPARO_MAIL_REPORTS_SECRET = ""
    assert Mailjet(client).says(token, "complained").status_code == 404
    settings.AMPARO_MAIL_PROVIDER = "smtp"
    assert client.post("/provider-reports/smtp/").status_code == 404
