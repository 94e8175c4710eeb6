"""A text message reaches every number once, of those who agreed to texts, and every number adds up."""

from __future__ import annotations

import base64
from datetime import time, timedelta

import pytest

from amparo.kit import work
from amparo.mailings import audience, freezing, outcomes, recovering, steering
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import AudienceChunk, DeliveryFailure, Mailing
from amparo.mailings.progress import progress
from amparo.mailings.screens import text_costs
from amparo.mailings.wire import send_log
from amparo.organizations.models import Organization
from amparo.organizations.pausing import pause_installation
from amparo.supporters import amending, consent, suppression
from amparo.supporters.models import Channel, Supporter, Suppression
from amparo.supporters.own_pages import preferences
from tests.factories.mailings import AGREED, a_mailing, a_reader, a_text, frozen
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff
from tests.factories.texts import AGREED_TO_TEXTS, a_number, a_text_mailing, a_text_reader
from tests.fakes.text_provider import ACCOUNT, SENDER, TOKEN

pytestmark = pytest.mark.django_db


def send(now) -> work.Result:
    return delivering_mailings.Session(now_source=lambda: now, channel=Channel.SMS).run()


def bytes_of(mailing) -> dict[str, str]:
    """Each reader's outcome, by first name."""
    found = {}
    for chunk in mailing.chunks.all():
        for person, byte in zip(chunk.people, bytes(chunk.outcomes), strict=True):
            found[Supporter.objects.get(pk=person).given_name] = outcomes.NAMES[byte]
    return found


def test_whoever_agreed_to_texts_gets_one_in_their_language_and_nobody_else(doors, provider, now):
    a_text_reader(doors, "Suzie", phone=a_number(1))
    a_text_reader(doors, "Yusuf", phone=a_number(2), language="ar")
    a_text_reader(doors, "Amina", phone=a_number(3), agreed_to=AGREED)
    a_reader(doors, "Dana", agreed_to=AGREED_TO_TEXTS)
    mailing = a_text_mailing(doors)
    a_text(mailing, "ar", subject="", text="جلسة غدا. للإيقاف أرسل STOP", html="")
    frozen(mailing)

    assert send(now) == work.Result(done=2, failed=0)
    assert provider.said_to(a_number(1)) == [
        "Dear Suzie, Ilan Sarr has a hearing. Please write today. Answer STOP to get no more."
    ]
    assert provider.said_to(a_number(2)) == ["جلسة غدا. للإيقاف أرسل STOP"]
    assert [text["From"] for text in provider.took] == [SENDER, SENDER]
    login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert provider.logins == {f"Basic {login}"}
    mailing.refresh_from_db()
    assert (mailing.state, progress(mailing).by_outcome) == ("finished", {"sent": 2})
    assert list(send_log.folder().iterdir()) == []
    assert not delivering_mailings.claimable(now=now, channel=Channel.SMS)


def test_texts_and_mails_have_lanes_of_their_own(doors, provider, now, settings):
    a_text_reader(doors)
    frozen(a_text_mailing(doors))
    assert not delivering_mailings.claimable(now=now)
    assert (work.line_called("mailings").due(now=now), work.line_called("texts").due(now=now)) == (0, 1)
    settings.AMPARO_SMS_PROVIDER = "none"
    assert work.line_called("texts").claim(limit=1, now=now) == []
    settings.AMPARO_SMS_PROVIDER = "twilio"
    work.run_line("texts", now_source=lambda: now)
    assert len(provider.took) == 1
    frozen(a_mailing(doors, name="By mail"))
    assert work.line_called("texts").due(now=now) == 0


def test_the_right_bell_rings(doors, provider, now, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr("amparo.kit.bell.ring", rung.append)
    a_text_reader(doors)
    mailing = a_text_mailing(doors)
    (claimed,) = freezing.claim(limit=1, now=now)
    freezing.begin(mailing=claimed, now=now)
    steering.pause(mailing=mailing, by=None, now=now)
    with django_capture_on_commit_callbacks(execute=True):
        steering.resume(mailing=mailing, by=None, now=now)
    assert rung == ["texts", "texts"]


def test_an_address_from_which_mail_came_back_says_nothing_of_a_telephone(doors, provider, now):
    a_text_reader(doors, "Suzie", unreachable="bounced")
    mailing = a_text_mailing(doors)
    assert audience.forecast(mailing=mailing, now=now).sendable == 1
    frozen(mailing)
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent"}
    a_mailing(doors, name="By mail")
    assert audience.forecast(mailing=Mailing.objects.get(name="By mail"), now=now).sendable == 0


def test_who_gets_none_is_counted_with_the_reason(doors, provider, now):
    a_text_reader(doors, "Suzie", phone=a_number(1))
    a_text_reader(doors, "Sami", phone=a_number(1))
    a_text_reader(doors, "Amina", phone=a_number(2), agreed_to=AGREED)
    a_text_reader(doors, "Bruno", phone=a_number(3), frequency="weekly")
    a_text_reader(doors, "Chidi", phone=a_number(4), paused_until=now + timedelta(days=1))
    a_reader(doors, "Dana", agreed_to=AGREED_TO_TEXTS)
    mailing = a_text_mailing(doors)
    forecast = audience.forecast(mailing=mailing, now=now)
    assert (forecast.matching, forecast.sendable) == (6, 1)
    assert forecast.excluded == {
        "unconsented": 1,
        "paused": 1,
        "frequency": 1,
        "no_address": 1,
        "same_number": 1,
    }
    frozen(mailing)
    assert bytes_of(mailing) == {"Suzie": "queued"}


def test_a_suppressed_number_is_counted_as_such_and_nobody_who_has_it_is_in_the_audience(
    doors, provider, now
):
    """The forecast counted it among those who get a text, and so did the cost; it was skipped when its turn came."""
    lamp = an_organization("lamp-light")
    suzie = a_text_reader(doors, "Suzie", phone=a_number(1))
    a_text_reader(doors, "Sami", phone=a_number(1))
    a_text_reader(doors, "Amina", phone=a_number(2))
    a_text_reader(doors, "Bruno", phone=a_number(1), agreed_to=AGREED, frequency="weekly")
    a_text_reader(lamp, "Dana", phone=a_number(1))
    suppression.suppress_phone(
        organization=doors, phone=a_number(1), reason=Suppression.Reason.STAFF, source="staff", now=now
    )
    mailing, theirs = a_text_mailing(doors), a_text_mailing(lamp)
    forecast = audience.forecast(mailing=mailing, now=now)
    assert (forecast.matching, forecast.sendable, forecast.excluded) == (4, 1, {"suppressed": 3})
    assert text_costs.cost_of(mailing, now=now).people == 1
    assert audience.forecast(mailing=theirs, now=now).sendable == 1
    assert audience.forecast(mailing=a_mailing(doors, state="draft"), now=now).excluded == {
        "unconsented": 3,
        "frequency": 1,
    }

    Suppression.objects.update(lifted_at=now, lifted_because="the number works again")
    found = audience.forecast(mailing=mailing, now=now)
    assert (found.sendable, found.excluded) == (2, {"unconsented": 1, "same_number": 1})
    assert suzie.pk in audience.chosen(mailing=mailing, now=now).values_list("pk", flat=True)


def test_what_is_foretold_is_what_is_frozen_and_what_leaves(doors, provider, now):
    for at, name in enumerate(("Suzie", "Amina", "Chidi", "Dana"), start=1):
        a_text_reader(doors, name, phone=a_number(at))
    for at in (2, 3):
        suppression.suppress_phone(
            organization=doors, phone=a_number(at), reason=Suppression.Reason.BOUNCED, source="", now=now
        )
    mailing = a_text_mailing(doors)
    foretold = audience.forecast(mailing=mailing, now=now).sendable
    frozen(mailing)
    send(now)
    assert (foretold, bytes_of(mailing)) == (2, {"Suzie": "sent", "Dana": "sent"})
    assert len(provider.took) == foretold


def test_a_number_that_a_list_named_by_its_hash_is_known_once_somebody_suppresses_it(doors, provider, now):
    a_text_reader(doors, "Suzie", phone=a_number(1))
    mailing = a_text_mailing(doors)
    told = {"organization": doors, "source": "", "now": now}
    suppression.suppress_digest(
        digest=suppression.digest_of_phone(a_number(1)), reason=Suppression.Reason.IMPORTED, **told
    )
    assert not suppression.suppress_phone(phone=a_number(1), reason=Suppression.Reason.BOUNCED, **told)
    assert audience.forecast(mailing=mailing, now=now).excluded == {"suppressed": 1}


def test_a_family_with_one_telephone_gets_one_text(doors, provider, now):
    a_text_reader(doors, "Suzie", phone=a_number(1))
    a_text_reader(doors, "Sami", phone=a_number(1))
    mailing = frozen(a_text_mailing(doors))
    send(now)
    assert len(provider.said_to(a_number(1))) == 1
    # Whoever is left of the family is no late joiner either, though the first one is gone.
    Supporter.objects.filter(given_name__isnull=False, pk=AudienceChunk.objects.get().people[0]).update(
        agreed_to=0
    )
    a_text_reader(doors, "Amina", phone=a_number(2))
    assert freezing.add_late_joiners(mailing=mailing, by=None, now=now).people == 1
    send(now)
    assert len(provider.said_to(a_number(1))) == 1
    assert len(provider.said_to(a_number(2))) == 1


def test_one_number_with_two_organizations_gets_both(doors, provider, now):
    lamp = an_organization("lamp-light")
    for organization in (doors, lamp):
        a_text_reader(organization, "Suzie", phone=a_number(1))
        a_text_mailing(organization, segment=None)
    for _each in range(2):
        (claimed,) = freezing.claim(limit=1, now=now)
        freezing.freeze(mailing=claimed, now=now)
    send(now)
    assert len(provider.said_to(a_number(1))) == 2


def test_each_organization_sends_under_its_own_number(doors, provider, now, settings):
    settings.AMPARO_SMS_SENDERS = {"open-doors": "+441632960001", "lamp-light": "MG" + "0" * 32}
    lamp = an_organization("lamp-light")
    for organization, number in ((doors, 1), (lamp, 2)):
        a_text_reader(organization, "Suzie", phone=a_number(number))
        a_text_mailing(organization)
        (claimed,) = freezing.claim(limit=1, now=now)
        freezing.freeze(mailing=claimed, now=now)
    send(now)
    said = {text["To"]: text for text in provider.took}
    assert said[a_number(1)]["From"] == "+441632960001"
    assert said[a_number(2)]["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in said[a_number(2)]


def test_who_withdrew_since_gets_nothing(doors, provider, now):
    found = {
        name: a_text_reader(doors, name, phone=a_number(at))
        for at, name in enumerate(["Suzie", "Amina", "Chidi", "Dana"], start=1)
    }
    mailing = frozen(a_text_mailing(doors))
    Supporter.objects.filter(pk=found["Amina"].pk).update(agreed_to=AGREED)
    Supporter.objects.filter(pk=found["Chidi"].pk).update(paused_until=now + timedelta(days=1))
    found["Dana"].phone = None
    found["Dana"].save()
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", "Amina": "withdrawn", "Chidi": "resting", "Dana": "gone"}
    assert len(provider.took) == 1


def test_who_answers_stop_while_it_is_being_sent_gets_nothing(doors, provider, now, monkeypatch):
    """The pace lets nobody out until Amina has answered STOP to an earlier text, which is looked up again."""
    a_text_reader(doors, "Suzie", phone=a_number(1))
    amina = a_text_reader(doors, "Amina", phone=a_number(2), agreed_to=0)
    consent.append([consent.line(supporter=amina, purpose="news", channel="sms", granted=True, origin="staff",
                                 evidence="on paper", source="staff", now=now)])  # fmt: skip
    mailing = frozen(a_text_mailing(doors, per_minute=6000))
    asked = []
    take = delivering_mailings.pacing.take

    def taken(**words):
        asked.append(words["scope"])
        if len(asked) == 1:
            assert preferences.stop_texts(organization=doors, phone=a_number(2), now=now) == 1
        return take(**words) if len(asked) > 2 else 0

    monkeypatch.setattr(delivering_mailings.pacing, "take", taken)
    monkeypatch.setattr(delivering_mailings, "CHECK_EVERY", 0.0)
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", "Amina": "withdrawn"}
    assert provider.said_to(a_number(2)) == []


def test_a_mailing_that_is_paused_while_it_is_sent_lets_go_at_once(doors, provider, now, monkeypatch):
    a_text_reader(doors)
    mailing = frozen(a_text_mailing(doors, per_minute=60))

    def grant(session):
        if session._in_hand and mailing.paused_at is None:
            steering.pause(mailing=mailing, by=None, now=now)

    monkeypatch.setattr(delivering_mailings.Session, "_grant", grant)
    send(now)
    assert provider.asked == []
    chunk = AudienceChunk.objects.get()
    assert (chunk.claimed_by, bytes(chunk.outcomes)) == (None, b"q")


def test_nothing_leaves_while_everything_is_paused(doors, provider, now):
    a_text_reader(doors)
    frozen(a_text_mailing(doors))
    pause_installation(because="a drill", now=now)
    assert work.line_called("texts").claim(limit=1, now=now) == []


def test_nothing_leaves_in_quiet_hours_however_urgent(doors, provider, now):
    Organization.objects.update(quiet_from=time(11), quiet_until=time(13), time_zone="UTC")
    a_text_reader(doors)
    mailing = a_text_mailing(doors, urgency=1)
    assert freezing.claim(limit=1, now=now) == []
    later = now + timedelta(hours=2)
    frozen(mailing, now=later)
    assert work.line_called("texts").due(now=now) == 0
    assert work.line_called("texts").due(now=later) == 1


def test_no_row_may_say_that_a_text_breaks_quiet_hours(doors, now):
    from django.db import IntegrityError, transaction

    mailing = a_text_mailing(doors, urgency=1)
    with pytest.raises(IntegrityError, match="a_text_message_keeps_quiet_hours"), transaction.atomic():
        Mailing.objects.filter(pk=mailing.pk).update(keeps_quiet_hours=False)


# --- What the provider says -----------------------------------------------------------------------


def test_a_number_that_gets_no_texts_is_suppressed_and_its_mailbox_is_not(doors, provider, now):
    suzie = a_text_reader(doors, "Suzie", phone=a_number(1))
    provider.moods[a_number(1)] = (400, 21614, "'To' number: +447700900001, is not a mobile number")
    mailing = frozen(a_text_mailing(doors))
    assert send(now).failed == 1
    assert bytes_of(mailing) == {"Suzie": "failed"}
    row = DeliveryFailure.objects.get()
    assert (row.enhanced_code, row.is_permanent) == ("21614", True)
    assert "7700" not in row.reason
    suzie.refresh_from_db()
    assert suzie.unreachable == ""
    (kept,) = Suppression.objects.in_force()
    mark = suppression.mark_of(suppression.digest_of_phone(a_number(1)), organization=doors)
    assert (kept.reason, kept.digest, bytes(kept.mark)) == ("bounced", None, mark)

    again = frozen(a_text_mailing(doors, name="Again"))
    provider.moods.clear()
    send(now)
    assert (bytes_of(again), provider.took) == ({}, [])


def test_a_number_that_is_suppressed_after_it_was_frozen_gets_no_text(doors, provider, now):
    a_text_reader(doors, "Suzie", phone=a_number(1))
    mailing = frozen(a_text_mailing(doors))
    suppression.suppress_phone(
        organization=doors, phone=a_number(1), reason=Suppression.Reason.BOUNCED, source="a report", now=now
    )
    send(now)
    assert (bytes_of(mailing), provider.took) == ({"Suzie": "suppressed"}, [])


def test_who_answered_stop_to_the_provider_alone_has_taken_their_yes_back(doors, provider, now):
    suzie = a_text_reader(doors, "Suzie", agreed_to=0)
    consent.append([consent.line(supporter=suzie, purpose="news", channel="sms", granted=True, origin="staff",
                                 evidence="on paper", source="staff", now=now)])  # fmt: skip
    provider.moods[a_number(1)] = (400, 21610, "Attempt to send to unsubscribed recipient")
    mailing = frozen(a_text_mailing(doors))
    send(now)
    assert bytes_of(mailing) == {"Suzie": "withdrawn"}
    assert consent.present_answers(suzie)[("news", "sms", "")].origin == "reply"
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("answer", [(429, 20429, "Too many requests"), (503, 0, "Service unavailable")])
def test_later_is_asked_again(doors, provider, now, answer):
    a_text_reader(doors)
    provider.moods["everybody"] = answer
    mailing = frozen(a_text_mailing(doors))
    send(now)
    assert bytes_of(mailing) == {"Suzie": "temporary"}
    assert not delivering_mailings.claimable(now=now, channel=Channel.SMS)
    provider.moods.clear()
    send(now + timedelta(minutes=5))
    assert bytes_of(mailing) == {"Suzie": "sent"}
    assert len(provider.asked) == 2


def test_a_refused_login_pauses_the_mailing_and_says_so(doors, provider, now):
    for at in range(1, 5):
        a_text_reader(doors, f"Reader{'abcd'[at - 1]}", phone=a_number(at))
    provider.moods["everybody"] = (401, 20003, "Authenticate")
    mailing = frozen(a_text_mailing(doors))
    send(now)
    mailing.refresh_from_db()
    assert mailing.state == "paused"
    assert "Authenticate" in mailing.trouble
    assert set(bytes_of(mailing).values()) <= {"queued", "temporary"}
    assert TOKEN not in mailing.trouble


def test_what_is_refused_for_our_number_pauses_the_mailing(doors, provider, now):
    for at in range(1, 6):
        a_text_reader(doors, f"Reader{'abcde'[at - 1]}", phone=a_number(at))
    provider.moods["everybody"] = (400, 21606, "The 'From' phone number is not a valid sender")
    mailing = frozen(a_text_mailing(doors))
    send(now)
    mailing.refresh_from_db()
    assert mailing.state == "paused"
    assert "not a valid sender" in mailing.trouble
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(("policy", "outcome", "took"), [("hold", "unknown", 1), ("resend", "temporary", 2)])
def test_a_cut_line_is_named_and_follows_the_policy(doors, provider, now, policy, outcome, took):
    a_text_reader(doors, "Suzie", phone=a_number(1))
    a_text_reader(doors, "Cut", phone=a_number(2))
    provider.moods[a_number(2)] = "cut"
    mailing = frozen(a_text_mailing(doors, unknown_policy=policy))
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", "Cut": outcome}
    assert DeliveryFailure.objects.get().outcome == ("u" if policy == "hold" else "t")
    provider.moods.clear()
    send(now + timedelta(minutes=10))
    assert len(provider.said_to(a_number(2))) == took
    assert len(provider.said_to(a_number(1))) == 1
    if policy == "hold":
        assert steering.send_to_unknown_again(mailing=mailing, by=None, now=now) == 1
        send(now + timedelta(minutes=20))
        assert len(provider.said_to(a_number(2))) == 2


def test_a_provider_that_is_away_takes_nothing_and_loses_nothing(doors, provider, now, settings, monkeypatch):
    a_text_reader(doors)
    mailing = frozen(a_text_mailing(doors, unknown_policy="hold"))
    right = settings.AMPARO_SMS_URL
    # A port that nobody listens at is the answer before anything is sent.
    settings.AMPARO_SMS_URL = "http://127.0.0.1:9"
    from amparo.kit.http import Guard
    from amparo.mailings.text_providers import twilio
    from tests.fakes.text_provider import HERE

    monkeypatch.setattr(twilio, "GUARD", Guard(networks=(HERE,), ports=frozenset({9, provider.port})))
    send(now)
    assert bytes_of(mailing) == {"Suzie": "temporary"}
    settings.AMPARO_SMS_URL = right
    send(now + timedelta(minutes=5))
    assert bytes_of(mailing) == {"Suzie": "sent"}


def test_what_a_killed_process_had_under_way_is_unknown_and_not_sent_again(doors, provider, now):
    """The log of a sender that died between its request and the answer: what it began is not sent by another."""
    a_text_reader(doors)
    mailing = frozen(a_text_mailing(doors, unknown_policy="hold"))
    chunk = AudienceChunk.objects.get()
    from uuid import uuid4

    token = uuid4()
    log = send_log.SendLog(token)
    log.began(chunk.pk, 0, at_once=True)
    log.close(remove=False)
    AudienceChunk.objects.update(claimed_by=token, claimed_until=now + timedelta(minutes=2), outcomes=b"i")
    work.line_called("texts").claim(limit=1, now=now)
    recovering.reclaim(now=now + timedelta(hours=1))
    work.run_line("texts", now_source=lambda: now + timedelta(hours=1))
    assert provider.asked == []
    assert bytes_of(mailing) == {"Suzie": "unknown"}


def test_a_text_without_a_way_out_never_leaves(doors, provider, now):
    a_text_reader(doors)
    mailing = frozen(a_text_mailing(doors, words="Please write today."))
    send(now)
    mailing.refresh_from_db()
    assert (mailing.state, provider.asked) == ("paused", [])
    assert "how to get no more" in mailing.trouble


def test_a_text_of_an_organization_that_lost_its_number_never_leaves(doors, provider, now, settings):
    a_text_reader(doors)
    mailing = frozen(a_text_mailing(doors))
    settings.AMPARO_SMS_SENDERS = {"lamp-light": SENDER}
    send(now)
    mailing.refresh_from_db()
    assert (mailing.state, provider.asked) == ("paused", [])


def test_no_more_requests_are_under_way_than_are_allowed(doors, provider, now, settings):
    settings.AMPARO_SMS_REQUESTS = 3
    for at in range(1, 13):
        a_text_reader(doors, f"Suzie{chr(96 + at)}", phone=a_number(at))
        provider.moods[a_number(at)] = "slow"
    frozen(a_text_mailing(doors))
    send(now)
    assert (len(provider.took), provider.most_at_once) == (12, 3)


def test_whom_staff_suppress_gets_no_texts_either(doors, provider, now):
    suzie = a_text_reader(doors, "Suzie")
    mailing = frozen(a_text_mailing(doors))
    by = a_member_of_staff(doors)
    assert amending.suppress(supporter=suzie, by=by, now=now)
    assert not amending.suppress(supporter=suzie, by=by, now=now)
    send(now)
    assert bytes_of(mailing) == {"Suzie": "suppressed"}
    nameless = a_text_reader(doors, "Amina", phone=a_number(2))
    nameless.email = nameless.email_fingerprint = None
    nameless.save()
    assert amending.suppress(supporter=nameless, by=by, now=now)


def test_texts_of_a_demonstration_land_in_its_mailbox(doors, mail_server, now, settings):
    settings.AMPARO_SMS_PROVIDER, settings.AMPARO_SMS_SENDERS = "catcher", {"": SENDER}
    a_text_reader(doors, "Suzie")
    mailing = frozen(a_text_mailing(doors))
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent"}
    (mail,) = mail_server.to("447700900001@text-message.invalid")
    assert mail["Subject"] == "Text message to +447700900001"
    assert mail.get_content().startswith("Dear Suzie, Ilan Sarr")
