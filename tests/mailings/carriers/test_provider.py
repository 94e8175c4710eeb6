"""Mailings that leave by a provider's interface: the same promises as over a mail server, whatever it answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.kit import work
from amparo.mailings import recipient_tokens, steering
from amparo.mailings.carriers.provider_texts import JOINER
from amparo.mailings.models import DeliveryFailure, Notice
from amparo.supporters.models import Supporter
from tests.factories.mailings import a_mailing, a_reader, a_text, frozen
from tests.factories.people import a_member_of_staff
from tests.mailings.carriers.sessions import EVERY, bytes_of, readers, send

pytestmark = pytest.mark.django_db


# --- What each reader gets ------------------------------------------------------------------------


@EVERY
def test_everybody_gets_it_once_in_their_language_and_sees_nobody_else(doors, provider, now, name):
    provider.use(name)
    readers(doors, "suzie", "amina")
    readers(doors, "yusuf", language="ar")
    mailing = a_mailing(doors)
    a_text(mailing, "ar", subject="جلسة {first name|صديق}", text="عزيزي {first name}", html="")
    frozen(mailing)

    assert send(now) == work.Result(done=3, failed=0)
    assert provider.took == ["amina", "suzie", "yusuf"]
    assert provider.of("yusuf").subject == "جلسة Yusuf"
    assert provider.of("yusuf").html == ""
    assert provider.of("suzie").text.startswith("Dear Suzie,\n")
    assert "<p>Dear Amina,</p>" in provider.of("amina").html
    for one in provider.delivered:
        assert one.seen_recipients == [one.to]
        others = {"suzie", "amina", "yusuf"} - {one.to.partition("@")[0]}
        whole = f"{one.subject} {one.text} {one.html} {one.headers}".lower()
        assert not [other for other in others if other in whole]
    mailing.refresh_from_db()
    assert (mailing.state, mailing.finished_at) == ("finished", now)
    assert set(bytes_of(mailing).values()) == {"sent"}
    assert set(provider.credentials) <= {"api:key-mailgun", "key-mailjet:secret", "key-postmark"}


@EVERY
def test_way_out_and_opaque_token_are_each_readers_own(doors, provider, now, name, settings):
    settings.BASE_URL = "https://campaigns.example.org"
    provider.use(name)
    found = readers(doors, "suzie", "amina")
    mailing = frozen(a_mailing(doors))
    send(now)
    chunk = mailing.chunks.get()
    for person, supporter in found.items():
        one = provider.of(person)
        place = recipient_tokens.read(one.metadata["amparo"])
        assert place is not None
        assert (place.chunk, chunk.people[place.position]) == (chunk.pk, supporter.pk)
        assert set(one.metadata) == {"amparo"}
        url, _comma, mailto = one.headers["list-unsubscribe"].partition(", ")
        assert url.strip("<>") in one.text
        assert url.strip("<>") in one.html
        assert mailto.startswith("<mailto:")
        assert url.strip("<>").rstrip("/").rpartition("/")[2] in mailto
        assert one.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert one.headers["feedback-id"].startswith(mailing.pk.hex)
    assert (
        provider.of("suzie").headers["list-unsubscribe"] != provider.of("amina").headers["list-unsubscribe"]
    )


@EVERY
def test_nobody_is_ever_tracked(doors, provider, now, name):
    provider.use(name)
    readers(doors, "suzie")
    frozen(a_mailing(doors))
    send(now)
    (asked,) = provider.requests
    told = {
        "mailgun": {"o:tracking-opens": ["no"], "o:tracking-clicks": ["no"]},
        "mailjet": {"TrackOpens": "disabled", "TrackClicks": "disabled"},
        "postmark": {"TrackOpens": False, "TrackLinks": "None"},
    }[name]
    said = asked.get("Globals", asked)
    assert {key: said[key] for key in told} == told


def test_postmark_is_told_that_it_is_a_mailing(doors, provider, now):
    provider.use("postmark")
    readers(doors, "suzie")
    frozen(a_mailing(doors))
    send(now)
    assert provider.requests[0]["MessageStream"] == "broadcast"


#: What people are called, or call themselves, and one word that must stand in their text.
ODD = {
    "quotes": ('O\'Brien "Bob" <b>', "O'Brien"),
    "script": ("<script>alert(1)</script>", "alert(1)"),
    "mailgun": ("%recipient.v0% %unsubscribe_url% %recipient%", "recipient.v0"),
    "mailjet": ("{{var:v0}} {% if 1 %} [[data:name]]", "var:v0"),
    "braces": ("{first name} {name}", "{first name}"),
    "lines": ("Suzie\r\nBcc: mallory@example.org\n\n.", "Suzie"),
    "arabic": ("نور الهدى", "نور"),
    "joined": ("recipient.v0%", "recipient.v0%"),
}


@EVERY
@pytest.mark.parametrize("alone", [True, False])
def test_a_name_is_a_name_whatever_it_looks_like(doors, provider, now, name, alone, monkeypatch):
    """Nothing in it is filled in, is markup, or begins a header; and it is there as its owner writes it."""
    provider.use(name)
    if alone:
        monkeypatch.setattr("amparo.mailings.carriers.provider.HELD_AT_ONCE", 1)
    for key, (given, _word) in ODD.items():
        a_reader(doors, given, email=f"{key}@readers.example.net")
    mailing = a_mailing(doors, texts=())
    a_text(
        mailing,
        subject="To %{first name}: now",
        text="Dear %{first name}, {{first name}, [{first name}]\n{unsubscribe link}",
        html='<p title="{first name}">%{first name} {{first name} [{first name}</p><a href="{unsubscribe link}">x</a>',
    )
    frozen(mailing)
    assert send(now).done == len(ODD)
    for key, (given, word) in ODD.items():
        one = provider.of(key)
        shown = " ".join(given.split())
        for whole in (one.subject, one.text, one.html):
            assert "(nothing)" not in whole
        assert shown in one.text.replace(JOINER, "")
        assert shown in one.subject.replace(JOINER, "")
        assert word in one.text.replace(JOINER, "")
        assert "\n" not in one.subject
        assert "<script" not in one.html
        assert "<b>" not in one.html
        assert _as_read(one.html).count(shown) == 4
    assert JOINER not in provider.of("quotes").text.replace("%" + JOINER, "").replace(
        "{" + JOINER, ""
    ).replace("[" + JOINER, "")


def _as_read(html: str) -> str:
    from html import unescape

    return unescape(html)


@EVERY
@pytest.mark.parametrize("others", [[], ["amina"]])
def test_words_that_look_like_places_are_words(doors, provider, now, name, others):
    """Whether a reader is alone in a request or not."""
    provider.use(name)
    readers(doors, "suzie", *others)
    mailing = a_mailing(doors, texts=(), sender_name="Doors %recipient.v0% {{var:v0}}")
    words = "100%recipient.v0% {{var:v0}} {% set %} [[data:x]] %tag_unsubscribe_url% a%20b 50% of {curly}"
    link = "https://example.org/%C3%A9?a=%7B%7B"
    a_text(
        mailing,
        subject=words,
        text=f"{words}\n{link}\n{{first name}}",
        html=f'<style>a{{width:50%}}</style><p>{words}</p><a href="{link}">x</a>{{first name}}',
    )
    frozen(mailing)
    send(now)
    one = provider.of("suzie")
    assert one.subject.replace(JOINER, "") == words
    assert one.text.replace(JOINER, "") == f"{words}\n{link}\nSuzie"
    assert link in one.text
    assert f'href="{link}"' in one.html
    assert "<style>a{width:50%}</style>" in one.html
    assert f"<p>{words}</p>" in _as_read(one.html)
    assert "(nothing)" not in one.sender


def test_who_is_not_known_by_name_is_called_what_the_text_says(doors, provider, now):
    provider.use("mailgun")
    a_reader(doors, "", family_name="", email="x@readers.example.net")
    frozen(a_mailing(doors))
    send(now)
    assert provider.of("x").text.startswith("Dear friend,")


# --- Who is in one request ------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "requests"), [("mailgun", 3), ("mailjet", 4), ("postmark", 120)])
def test_a_request_has_as_many_readers_as_the_provider_takes(doors, provider, now, name, requests):
    provider.use(name)
    readers(doors, *[f"reader{number}" for number in range(120)])
    frozen(a_mailing(doors, unknown_policy="resend"))
    assert send(now).done == 120
    assert (len(provider.requests), len(set(provider.took))) == (requests, 120)
    assert len(provider.delivered) == 120


def test_a_mailing_that_holds_the_unknown_leaves_in_small_requests(doors, provider, now):
    provider.use("mailgun")
    readers(doors, *[f"reader{number}" for number in range(25)])
    frozen(a_mailing(doors, unknown_policy="hold"))
    assert send(now).done == 25
    assert sorted(len(asked["to"]) for asked in provider.requests) == [5, 10, 10]
    assert provider.most <= 4


def test_an_address_that_a_provider_could_misread_gets_nothing(doors, provider, now):
    provider.use("mailgun")
    readers(doors, "suzie")
    a_reader(doors, "Mallory", email="{{v0}}@readers.example.net")
    a_reader(doors, "Dana", email="dana%recipient@readers.example.net")
    mailing = frozen(a_mailing(doors))
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", "Mallory": "gone", "Dana": "gone"}
    assert provider.took == ["suzie"]


# --- What the provider says -----------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("status", [420, 429, 503])
def test_later_is_later_for_all_of_a_request(doors, provider, now, name, status):
    provider.use(name)
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors))
    provider.answers = [(status, {"Retry-After": "1"}, {"message": "slow down"})]
    send(now)
    assert (bytes_of(mailing), provider.delivered) == ({"Suzie": "temporary"}, [])
    assert DeliveryFailure.objects.count() == 0
    send(now + timedelta(minutes=10))
    assert (bytes_of(mailing), provider.took) == ({"Suzie": "sent"}, ["suzie"])


@EVERY
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_pauses_the_mailing(doors, provider, now, name, status):
    provider.use(name)
    readers(doors, "suzie")
    a_member_of_staff(doors, "administrator")
    mailing = frozen(a_mailing(doors))
    provider.always = (status, {}, {"message": "Forbidden", "ErrorCode": "mj-0001"})
    send(now)
    mailing.refresh_from_db()
    assert mailing.state == "paused"
    assert "auth" in mailing.trouble
    assert set(bytes_of(mailing).values()) <= {"temporary", "queued"}
    assert Notice.objects.filter(kind="mailing_paused").count() == 1
    provider.always = None
    steering.resume(mailing=mailing, by=None, now=now)
    send(now + timedelta(hours=1))
    assert provider.took == ["suzie"]


def test_words_that_the_provider_does_not_take_are_our_fault(doors, provider, now):
    provider.use("mailgun")
    readers(doors, "suzie", "amina", "bruno", "chidi")
    mailing = frozen(a_mailing(doors))
    provider.always = (400, {}, {"message": "from parameter is not a valid address: doors@example.org"})
    send(now)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.trouble) == ("paused", "from parameter is not a valid address: (address)")
    assert set(bytes_of(mailing).values()) == {"temporary"}
    assert not Supporter.objects.exclude(unreachable="").exists()


def test_what_is_wrong_for_all_is_not_asked_for_each(doors, provider, now):
    provider.use("mailgun")
    readers(doors, *[f"reader{number}" for number in range(200)])
    frozen(a_mailing(doors, unknown_policy="resend"))
    provider.always = (413, {}, {"message": "too large"})
    send(now)
    assert len(provider.credentials) < 45


def test_one_address_that_is_refused_holds_up_nobody(doors, provider, now):
    """Mailgun refuses a whole request for one reader; the others get theirs, once."""
    provider.use("mailgun")
    names = ["suzie", "amina", "bruno", "chidi", "dana", "mallory", "yusuf"]
    readers(doors, *names)
    mailing = frozen(a_mailing(doors))
    provider.unwanted = {"mallory": "invalid"}
    send(now)
    assert provider.took == sorted(set(names) - {"mallory"})
    assert bytes_of(mailing).pop("Mallory") == "failed"
    row = DeliveryFailure.objects.get()
    assert (row.is_permanent, row.code) == (False, 400)
    assert "@" not in row.reason


def test_who_is_rejected_by_name(doors, provider, now):
    """Postmark never writes again to whom it calls inactive, so neither do we."""
    provider.use("postmark")
    found = readers(doors, "suzie", "mallory")
    mailing = frozen(a_mailing(doors))
    provider.unwanted = {"mallory": "inactive"}
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", "Mallory": "failed"}
    found["mallory"].refresh_from_db()
    assert found["mallory"].unreachable == "bounced"
    row = DeliveryFailure.objects.get()
    assert (row.is_permanent, row.reason) == (True, "the provider says: rejected")


def test_a_part_of_a_request_that_failed_is_asked_again(doors, provider, now):
    provider.use("mailjet")
    readers(doors, "suzie", "Dana")
    mailing = frozen(a_mailing(doors))
    provider.unwanted = {"Dana": "TextPart"}
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", "Dana": "temporary"}
    provider.unwanted = {}
    send(now + timedelta(minutes=10))
    assert provider.took == ["Dana", "suzie"]


def test_addresses_that_mailjet_cannot_write_to_pause_no_mailing(doors, provider, now):
    """Three of them, alone in a request at last, would look like a fault of ours."""
    provider.use("mailjet")
    names = ["mallory", "Trudy", "eve"]
    readers(doors, "suzie", *names)
    mailing = frozen(a_mailing(doors))
    provider.unwanted = dict.fromkeys(names, "To[0].Email")
    for minutes in (0, 10):
        send(now + timedelta(minutes=minutes))
    assert bytes_of(mailing) == {"Suzie": "sent", "Mallory": "failed", "Trudy": "failed", "Eve": "failed"}
    mailing.refresh_from_db()
    assert mailing.state == "finished"
    assert set(DeliveryFailure.objects.values_list("is_permanent", "reason")) == {
        (False, "the provider says: refused")
    }


def test_letters_and_notices_stay_with_the_mail_server(provider, settings):
    from amparo.kit.smtp import SmtpPool
    from amparo.mailings import transport
    from amparo.mailings.carriers import choosing
    from amparo.mailings.carriers.provider import ProviderCarrier
    from amparo.mailings.carriers.smtp import SmtpCarrier
    from amparo.supporters.models import Channel

    provider.use("mailgun")
    assert isinstance(choosing.carrier_for(Channel.EMAIL), ProviderCarrier)
    assert isinstance(transport.mail_server(), SmtpPool)
    settings.AMPARO_MAIL_PROVIDER = "smtp"
    assert isinstance(choosing.carrier_for(Channel.EMAIL), SmtpCarrier)
