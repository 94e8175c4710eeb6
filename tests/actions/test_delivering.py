"""Amina's letter reaches her deputy: once, in turn, in time, to whoever holds the office when it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.actions import delivering, pacing
from amparo.actions.models import Message, MessageEvent
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.organizations import pausing
from amparo.targets.models import ContactFailure
from tests.factories.letters import a_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
DEPUTY = "alvenia/diet/N1"
OFFICE = "marit.osk@diet.example.org"


@pytest.fixture
def page():
    alvenia()
    return an_email_page(an_organization())


def letter(page, **fields):
    return a_letter(page, target_key=DEPUTY, target_name="Dr Marit Osk", **fields)


def run(now):
    return run_line("letters", now_source=lambda: now)


def test_a_letter_arrives_in_aminas_name_and_answers_go_to_her(page, mail_server, now):
    message = letter(page)

    run(now)

    (mail,) = mail_server.to(OFFICE)
    (sender,) = mail["From"].addresses
    assert sender.addr_spec == page.organization.sender_email
    assert "Amina Rahal via" in sender.display_name
    assert [address.addr_spec for address in mail["Reply-To"].addresses] == [message.action.supporter.email]
    assert mail["Message-ID"] == f"<{message.pk}@{page.organization.sender_email.partition('@')[2]}>"
    assert mail["X-Campaign-ID"] == str(page.campaign_id)
    assert mail["Content-Type"].params["format"] == "flowed"
    assert mail.get_content().startswith("Dear Dr Marit Osk")
    message.refresh_from_db()
    assert (message.state, message.sent_to) == ("sent", OFFICE)
    assert list(MessageEvent.objects.filter(message_id=message.pk).values_list("state", flat=True))[-2:] == [
        "in_flight",
        "sent",
    ]


def test_she_is_told_when_it_has_left(page, mail_server, now):
    letter(page)

    run(now)

    assert Notice.objects.get().kind == "letters_sent"


def test_a_target_gets_its_letters_one_after_another(page, mail_server, now):
    for _each in range(3):
        letter(page)

    run(now)
    assert len(mail_server.mails) == 1
    run(now + pacing.gap() / 2)
    assert len(mail_server.mails) == 1
    run(now + pacing.gap())
    assert len(mail_server.mails) == 2


def test_the_pace_of_a_target_is_shared_by_all_campaigns(page, mail_server, now):
    other = an_email_page(an_organization(slug="other"))
    letter(page)
    letter(other)

    run(now)

    assert len(mail_server.mails) == 1


def test_the_more_urgent_letter_goes_first(page, mail_server, now):
    letter(page, subject="Can wait", urgency=5)
    letter(page, subject="Cannot wait", urgency=1)

    run(now)

    assert mail_server.mails[0][2]["Subject"] == "Cannot wait"


def test_no_letter_leaves_after_the_hard_stop(mail_server, now):
    alvenia()
    page = an_email_page(an_organization(), hard_stop=now + timedelta(minutes=1))
    letter(page)

    run(now + timedelta(minutes=1))
    run_line("expiry", now_source=lambda: now + timedelta(minutes=1))

    assert mail_server.mails == []
    assert Message.objects.get().state == "expired"


def test_a_letter_claimed_before_the_hard_stop_and_reached_after_it_does_not_leave(mail_server, now):
    alvenia()
    page = an_email_page(an_organization(), hard_stop=now + timedelta(seconds=1))
    letter(page)

    batch = delivering.claim(limit=5, now=now)
    delivering.perform(batch, now=now + timedelta(seconds=2))

    assert mail_server.mails == []
    assert Message.objects.get().state == "expired"


@pytest.mark.parametrize("switch", ["installation", "organization", "campaign", "page"])
def test_every_pause_switch_stops_letters(page, mail_server, now, switch):
    letter(page)
    if switch == "installation":
        pausing.pause_installation(because="test", now=now)
    elif switch == "organization":
        pausing.pause_organization(organization=page.organization, now=now)
    elif switch == "campaign":
        type(page.campaign).objects.update(sending_paused_at=now)
    else:
        type(page).objects.update(sending_paused_at=now)

    run(now)

    assert mail_server.mails == []
    assert Message.objects.get().state == "queued"


def test_a_server_that_says_later_is_asked_again_later(page, mail_server, now):
    letter(page)
    mail_server.answer = lambda _to: "451 4.7.1 greylisted"

    run(now)

    message = Message.objects.get()
    assert (message.state, message.attempts) == ("queued", 1)
    assert message.next_attempt_at > now
    mail_server.answer = lambda _to: None
    run(now + timedelta(hours=1))
    assert Message.objects.get().state == "sent"


def test_a_refused_letter_fails_and_its_writer_is_told(page, mail_server, now):
    letter(page)
    mail_server.answer = lambda _to: "550 5.1.1 no such user"

    run(now)

    assert Message.objects.get().state == "failed"
    assert Notice.objects.get().kind == "letter_failed"
    assert ContactFailure.objects.count() == 1


def test_the_second_refused_letter_flags_the_address_and_the_third_is_held(page, mail_server, now):
    mail_server.answer = lambda _to: "550 5.1.1 no such user"
    for n in range(3):
        letter(page)
        run(now + n * pacing.gap())

    assert sorted(Message.objects.values_list("state", flat=True)) == ["failed", "failed", "held"]


@pytest.mark.parametrize("refusal", ["550 5.7.1 your server is not welcome", "550 5.7.515 no DMARC"])
def test_a_refusal_of_our_server_does_not_flag_the_office(page, mail_server, now, refusal):
    mail_server.answer = lambda _to: refusal
    letter(page)

    run(now)

    assert Message.objects.get().state == "held"
    assert not ContactFailure.objects.exists()
    assert not Notice.objects.exists()


def test_a_letter_for_a_seat_that_fell_vacant_is_held(page, mail_server, now):
    a_letter(page, target_key="alvenia/diet/S1", target_name="Old Member")

    run(now)

    assert mail_server.mails == []
    assert Message.objects.get().state == "held"


def test_a_letter_greets_whoever_holds_the_office_now(page, mail_server, now):
    a_letter(page, target_key=DEPUTY, target_name="Somebody Before", salutation="Dear Somebody Before,")

    run(now)

    assert mail_server.mails[0][2].get_content().startswith("Dear Madam Speaker,")
    assert Message.objects.get().target_name == "Dr Marit Osk"


def test_a_dead_workers_letter_that_was_only_claimed_goes_back(page, mail_server, now):
    letter(page)
    assert delivering.claim(limit=1, now=now)
    later = now + timedelta(minutes=16)

    assert delivering.reclaim(now=later) == 1
    run(later)

    assert Message.objects.get().state == "sent"


def test_a_dead_workers_letter_that_was_in_flight_is_never_sent_again(page, mail_server, now):
    letter(page, state="in_flight")
    later = now + timedelta(minutes=16)

    assert delivering.reclaim(now=later) == 1
    run(later)

    assert mail_server.mails == []
    assert Message.objects.get().state == "uncertain"


def test_a_worker_that_lost_its_claim_does_not_send(page, mail_server, now):
    letter(page)
    batch = delivering.claim(limit=1, now=now)
    Message.objects.update(state="held", claimed_by=None, claimed_until=None)

    delivering.perform(batch, now=now)

    assert mail_server.mails == []
    assert Message.objects.get().state == "held"


def test_a_poisoned_letter_stops_no_other(page, mail_server, now, monkeypatch):
    poisoned = letter(page)
    a_letter(page, target_key="alvenia/minister/interior", target_name="Ebba Roan")
    true_writing = delivering.write_mail

    def write(*, message, **others):
        if message.pk == poisoned.pk:
            raise ValueError("poison")
        return true_writing(message=message, **others)

    monkeypatch.setattr(delivering, "write_mail", write)

    run(now)

    assert len(mail_server.to("minister@interior.example.org")) == 1


def test_the_plan_says_how_many_cannot_make_it(now):
    page = an_email_page(an_organization(), hard_stop=now + 3 * pacing.gap())
    for _each in range(5):
        letter(page)

    plan = pacing.plan(page=page, now=now)

    assert (plan.waiting, plan.too_late) == (5, 2)
