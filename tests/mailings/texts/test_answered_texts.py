"""STOP takes a yes back, once, for whoever has the number; nobody but the provider can say so, or learn anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re

import pytest
from django.urls import reverse

from amparo.kit import tokens
from amparo.mailings import outcomes, recipient_tokens
from amparo.mailings.merge_fields import Reader
from amparo.mailings.models import AudienceChunk, DeliveryFailure
from amparo.mailings.progress import progress
from amparo.mailings.texts.filling import FilledText
from amparo.supporters import consent, linking, suppression
from amparo.supporters.models import ConsentRecord, Supporter, Suppression
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.organizations import an_organization
from tests.factories.texts import AGREED_TO_TEXTS, a_number, a_text_mailing, a_text_reader
from tests.fakes.text_provider import SENDER, TOKEN

pytestmark = pytest.mark.django_db

SITE = "https://doors.example.org"


@pytest.fixture(autouse=True)
def site(settings, provider):
    settings.BASE_URL = SITE


def signature(path, told, *, token=TOKEN):
    """As Twilio's page on security says it is made."""
    said = SITE + path + "".join(name + told[name] for name in sorted(told))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


def post(client, path, told, *, signed=None):
    return client.post(
        path, told, headers={"X-Twilio-Signature": signature(path, told) if signed is None else signed}
    )


def answer(client, words="STOP", *, number=None, to=SENDER, **more):
    told = {"From": number or a_number(1), "To": to, "Body": words, "MessageSid": "SM1"} | more
    return post(client, reverse("text_answer"), told)


def agreed(doors, name="Suzie", *, phone=None, purposes=("news", "events")):
    """A reader with a yes in the ledger."""
    reader = a_text_reader(doors, name, phone=phone or a_number(1), agreed_to=0)
    consent.append(
        [
            consent.line(
                supporter=reader,
                purpose=purpose,
                channel=channel,
                granted=True,
                origin="staff",
                evidence="on the sheet of the vigil",
                source="staff",
                now=reader.created_at,
            )
            for purpose in purposes
            for channel in ("sms", "email")
        ]
    )
    reader.refresh_from_db()
    return reader


def standing(reader):
    return {key[:2] for key, last in consent.present_answers(reader).items() if last.granted}


def test_twilios_own_example_of_a_signature(rf, settings):
    """The address, token and fields in Twilio's documentation, and the signature that it says they have."""
    from amparo.mailings.text_providers.twilio import Twilio

    settings.AMPARO_SMS_TOKEN = "12345"
    told = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    request = rf.post("/myapp.php", told, headers={"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="})
    read = Twilio().answer_in(request, url="https://mycompany.com/myapp.php?foo=1&bar=2")
    assert read.number == "+14158675309"


def test_stop_takes_every_yes_to_texts_back_and_leaves_mail_alone(doors, client):
    suzie = agreed(doors)
    response = answer(client)
    assert (response.status_code, response["Content-Type"]) == (200, "text/xml")
    assert response.content.endswith(b"<Response></Response>")
    assert standing(suzie) == {("news", "email"), ("events", "email")}
    suzie.refresh_from_db()
    assert not suzie.agreed_to & AGREED_TO_TEXTS
    last = consent.present_answers(suzie)[("news", "sms", "")]
    assert (last.granted, last.origin, last.source) == (False, "reply", "text message")
    assert not Suppression.objects.exists()


def test_a_second_stop_adds_nothing(doors, client):
    agreed(doors)
    answer(client)
    lines = ConsentRecord.objects.count()
    assert answer(client).status_code == 200
    assert ConsentRecord.objects.count() == lines


def test_known_and_unknown_numbers_get_the_same_answer(doors, client):
    agreed(doors)
    answers = [
        answer(client),
        answer(client, number=a_number(99)),
        answer(client, "Thank you"),
        answer(client, to="+441632960999"),
        answer(client, number="not a number"),
        answer(client, number=""),
    ]
    assert len({(each.status_code, each.content, each["Content-Type"]) for each in answers}) == 1


def test_everybody_with_the_number_is_meant(doors, client):
    people = [agreed(doors, "Suzie"), agreed(doors, "Sami"), agreed(doors, "Amina", phone=a_number(2))]
    answer(client)
    assert [("news", "sms") in standing(each) for each in people] == [False, False, True]


def test_a_merged_record_is_its_person(doors, client):
    suzie = agreed(doors, "Suzie", phone=a_number(2))
    old = a_text_reader(doors, "Old", phone=a_number(1), agreed_to=0)
    Supporter.objects.filter(pk=old.pk).update(merged_into=suzie)
    answer(client)
    assert ("news", "sms") not in standing(suzie)


def test_only_organizations_that_send_under_the_number_are_meant(doors, client, settings):
    lamp = an_organization("lamp-light")
    ours, theirs = agreed(doors), agreed(lamp)
    settings.AMPARO_SMS_SENDERS = {"open-doors": SENDER, "lamp-light": "+441632960001"}
    answer(client)
    assert ("news", "sms") not in standing(ours)
    assert ("news", "sms") in standing(theirs)
    answer(client, to="+441632960777", MessagingServiceSid="MG" + "0" * 32)
    assert ("news", "sms") in standing(theirs)
    settings.AMPARO_SMS_SENDERS = {"lamp-light": "MG" + "0" * 32}
    answer(client, to="+441632960777", MessagingServiceSid="MG" + "0" * 32)
    assert ("news", "sms") not in standing(theirs)


def test_what_the_provider_takes_for_stop_is_one(doors, client):
    suzie = agreed(doors)
    answer(client, "Basta ya por favor", OptOutType="STOP")
    assert ("news", "sms") not in standing(suzie)


def test_other_answers_change_nothing_and_are_kept_nowhere(doors, client, caplog):
    caplog.set_level(logging.DEBUG)
    suzie = agreed(doors)
    lines = ConsentRecord.objects.count()
    answer(client, "Who are you?")
    assert ("news", "sms") in standing(suzie)
    assert ConsentRecord.objects.count() == lines
    assert "Who are you" not in caplog.text
    assert a_number(1) not in caplog.text


@pytest.mark.parametrize(
    "signed", ["", "forged", "é", signature("/texts/answers/", {"From": "x"}, token="other")]
)
def test_nobody_but_the_provider_is_listened_to(doors, client, signed):
    suzie = agreed(doors)
    told = {"From": a_number(1), "To": SENDER, "Body": "STOP"}
    assert post(client, reverse("text_answer"), told, signed=signed).status_code == 404
    right = signature(reverse("text_answer"), told)
    changed = told | {"From": a_number(2)}
    assert post(client, reverse("text_answer"), changed, signed=right).status_code == 404
    assert ("news", "sms") in standing(suzie)


def test_nobody_is_listened_to_where_texts_are_not_set_up(doors, client, settings):
    for provider in ("none", "catcher"):
        settings.AMPARO_SMS_PROVIDER = provider
        assert answer(client).status_code == 404
        assert report(client, "a" * 32, "delivered").status_code == 404


def test_looking_at_the_address_does_nothing(client):
    assert client.get(reverse("text_answer")).status_code == 405
    assert client.get(reverse("text_report", args=["a" * 32])).status_code == 405


# --- Reports --------------------------------------------------------------------------------------


def report(client, token, status, code="", words=""):
    path = reverse("text_report", args=[token])
    told = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": code, "ErrorMessage": words}
    return post(client, path, {name: value for name, value in told.items() if value})


@pytest.fixture
def sent(doors, now):
    """A mailing that Suzie and Amina have, and how reports name them."""
    agreed(doors, "Suzie", phone=a_number(1))
    agreed(doors, "Amina", phone=a_number(2))
    mailing = frozen(a_text_mailing(doors))
    AudienceChunk.objects.update(outcomes=b"ss", is_open=False)
    chunk = AudienceChunk.objects.get()
    tokens = [token.decode() for token in recipient_tokens.maker()(chunk.pk, [0, 1])]
    names = [Supporter.objects.get(pk=person).given_name for person in chunk.people]
    return mailing, dict(zip(names, tokens, strict=True))


def test_a_text_carries_the_address_for_its_report(doors, provider, now):
    from amparo.mailings.delivery import delivering_mailings

    a_text_reader(doors)
    frozen(a_text_mailing(doors))
    delivering_mailings.Session(now_source=lambda: now, channel="sms").run()
    (text,) = provider.took
    token = text["StatusCallback"].removeprefix(f"{SITE}/texts/reports/").removesuffix("/")
    place = recipient_tokens.read(token)
    assert (place.chunk, place.position) == (AudienceChunk.objects.get().pk, 0)


def test_a_site_that_has_no_name_on_the_internet_asks_for_no_reports(doors, provider, now, settings):
    from amparo.mailings.delivery import delivering_mailings

    settings.BASE_URL = "http://127.0.0.1:8000"
    a_text_reader(doors)
    frozen(a_text_mailing(doors))
    delivering_mailings.Session(now_source=lambda: now, channel="sms").run()
    assert "StatusCallback" not in provider.took[0]


def test_a_number_that_is_no_more_is_noted_and_suppressed_once(doors, client, sent):
    mailing, tokens = sent
    for _twice in range(2):
        response = report(client, tokens["Suzie"], "undelivered", "30005", "Unknown +447700900001 handset")
        assert response.status_code == 200
    assert progress(mailing).by_outcome == {"sent": 1, "came_back": 1}
    row = DeliveryFailure.objects.get()
    assert (row.enhanced_code, row.is_permanent, row.reason) == ("30005", True, "Unknown (number) handset")
    (kept,) = Suppression.objects.in_force()
    mark = suppression.mark_of(suppression.digest_of_phone(a_number(1)), organization=doors)
    assert (kept.digest, bytes(kept.mark)) == (None, mark)
    assert Supporter.objects.get(
        given_name__isnull=False, phone__isnull=False, pk=mailing.chunks.get().people[0]
    )


@pytest.mark.parametrize("code", ["30003", "30007", "30008", ""])
def test_what_did_not_arrive_for_another_reason_suppresses_nobody(doors, client, sent, code):
    mailing, tokens = sent
    report(client, tokens["Suzie"], "undelivered", code)
    assert progress(mailing).by_outcome == {"sent": 1, "came_back": 1}
    assert not Suppression.objects.exists()
    assert DeliveryFailure.objects.get().is_permanent is False


@pytest.mark.parametrize("status", ["queued", "sent", "delivered"])
def test_what_arrives_changes_nothing(doors, client, sent, status):
    mailing, tokens = sent
    report(client, tokens["Suzie"], status)
    assert progress(mailing).by_outcome == {"sent": 2}


def test_a_report_that_its_reader_stopped_takes_the_yes_back(doors, client, sent):
    _mailing, tokens = sent
    report(client, tokens["Suzie"], "failed", "21610")
    suzie = next(each for each in Supporter.objects.all() if each.given_name == "Suzie")
    assert ("news", "sms") not in standing(suzie)


def test_a_forged_report_or_token_is_not_believed_and_says_nothing(doors, client, sent):
    mailing, tokens = sent
    path = reverse("text_report", args=[tokens["Suzie"]])
    told = {"MessageStatus": "undelivered", "ErrorCode": "30005"}
    assert client.post(path, told).status_code == 404
    other = reverse("text_report", args=[tokens["Amina"]])
    assert post(client, other, told, signed=signature(path, told)).status_code == 404
    known = report(client, tokens["Amina"], "delivered")
    for token in ("a" * 32, "short", tokens["Suzie"][:-1] + ("b" if tokens["Suzie"].endswith("a") else "a")):
        unknown = report(client, token, "undelivered", "30005")
        assert (unknown.status_code, unknown.content) == (known.status_code, known.content)
    assert progress(mailing).by_outcome == {"sent": 2}


def test_a_report_about_a_text_says_nothing_of_a_mail(doors, client, now):
    a_reader(doors, "Suzie")
    mailing = frozen(a_mailing(doors))
    AudienceChunk.objects.update(outcomes=bytes([outcomes.SENT]), is_open=False)
    (token,) = recipient_tokens.maker()(AudienceChunk.objects.get().pk, [0])
    report(client, token.decode(), "undelivered", "30005")
    assert progress(mailing).by_outcome == {"sent": 1}


# --- The link -------------------------------------------------------------------------------------


def link_in_a_text(reader):
    mailing = a_text_mailing(reader.organization, words="{unsubscribe link}")
    token = tokens.make(linking.UNSUBSCRIBE, reader.pk)
    shown = Reader(reader.pk, "Suzie", "Storm", token)
    return FilledText(mailing.texts.get(), mailing=mailing).body_for(shown)


def test_the_link_in_a_text_ends_texts_and_not_mail(doors, client):
    suzie, sami = agreed(doors, "Suzie"), agreed(doors, "Sami")
    amina = agreed(doors, "Amina", phone=a_number(2))
    address = link_in_a_text(suzie).removeprefix(SITE)
    said = client.get(address).content.decode()
    assert "sends you no more text messages" in said
    assert ("news", "sms") in standing(suzie), "looking changes nothing"
    action = re.search(r'action="([^"]+)"', said)[1]
    said = client.post(action, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert "no more text messages" in said
    assert standing(suzie) == {("news", "email"), ("events", "email")}
    assert standing(sami) == {("news", "email"), ("events", "email")}, "it is one telephone"
    assert ("news", "sms") in standing(amina)
    last = consent.present_answers(suzie)[("news", "sms", "")]
    assert (last.origin, last.source) == ("preferences", "/unsubscribe/")
    lines = ConsentRecord.objects.count()
    client.post(action)
    assert ConsentRecord.objects.count() == lines


def test_the_link_in_a_mail_is_as_it_was(doors, client):
    suzie = agreed(doors, "Suzie")
    address = reverse("unsubscribe", args=[tokens.make(linking.UNSUBSCRIBE, suzie.pk)])
    client.post(address)
    assert ("news", "email") not in standing(suzie)
    assert ("news", "sms") in standing(suzie)


def test_everything_is_everything_from_a_text_too(doors, client):
    suzie = agreed(doors, "Suzie")
    client.post(link_in_a_text(suzie).removeprefix(SITE), {"what": "everything"})
    assert standing(suzie) == set()
