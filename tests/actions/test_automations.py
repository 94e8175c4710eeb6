"""What follows from actions by itself: thanks with the next ask, and a reminder for who began and did not confirm."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from amparo.actions import confirming, expiring, taking
from amparo.actions.models import Action, Confirmation, ConfirmationReminder
from amparo.mailings.automations import arranging
from amparo.mailings.models import Enrolment, Notice, StepMail
from amparo.mailings.registry import notice_kinds
from amparo.supporters import suppression
from amparo.supporters.models import Supporter
from tests.factories.automations import an_automation, take_turn
from tests.factories.deeds import a_deed
from tests.factories.letters import an_action
from tests.factories.mailings import a_reader
from tests.factories.organizations import an_organization
from tests.factories.signed_pages import a_petition

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def doors():
    return an_organization()


# --- Thanks with the next ask ---------------------------------------------------------------------


@pytest.fixture
def asks(doors):
    """Two petitions: after the first, the second is asked for."""
    return a_petition(doors, slug="first", title="First"), a_petition(doors, slug="second", title="Second")


def test_who_takes_part_is_thanked_and_asked_for_the_next(doors, asks, now):
    first, second = asks
    an_automation(doors, "thanks", days=(1,), page=first, ask=second)
    suzie, silent = a_reader(doors, "Suzie"), a_reader(doors, "Silent", agreed_to=0)
    before = a_reader(doors, "Before")
    an_action(first, supporter=before, now=now - DAY)
    for person in (suzie, silent):
        an_action(first, supporter=person, now=now + MINUTE)

    take_turn(now + 2 * MINUTE)
    assert [row.supporter for row in Enrolment.objects.all()] == [suzie]
    assert not StepMail.objects.exists()
    take_turn(now + DAY + 3 * MINUTE)
    assert StepMail.objects.get().enrolment.supporter == suzie


def test_who_did_the_next_already_gets_no_mail(doors, asks, now):
    first, second = asks
    an_automation(doors, "thanks", days=(1,), page=first, ask=second)
    eager, keen = a_reader(doors, "Eager"), a_reader(doors, "Keen")
    an_action(second, supporter=eager, now=now)
    for person in (eager, keen):
        an_action(first, supporter=person, now=now + MINUTE)
    take_turn(now + 2 * MINUTE)
    an_action(second, supporter=keen, now=now + 3 * MINUTE)
    take_turn(now + DAY + 3 * MINUTE)
    assert [(row.supporter, row.stopped) for row in Enrolment.objects.all()] == [(keen, "done")]


def test_nobody_is_asked_for_what_is_over(doors, asks, now):
    first, second = asks
    an_automation(doors, "thanks", days=(1,), page=first, ask=second)
    an_action(first, supporter=a_reader(doors, "Suzie"), now=now)
    take_turn(now + MINUTE)
    type(second).objects.filter(pk=second.pk).update(closed_at=now)
    take_turn(now + DAY + 2 * MINUTE)
    assert Enrolment.objects.get().stopped == "over"


def test_after_any_page_of_a_campaign(doors, asks, now):
    first, second = asks
    an_automation(doors, "thanks", campaign=first.campaign, ask=second)
    an_action(first, supporter=a_reader(doors, "Suzie"), now=now)
    take_turn(now + MINUTE)
    assert StepMail.objects.count() == 1


def test_it_is_not_switched_on_without_an_ask_or_a_beginning(doors, asks, now):
    first, second = asks
    for choices, why in (
        ({}, "Choose after which"),
        ({"page": first}, "Choose the next"),
        ({"page": first, "ask": first}, "very action"),
    ):
        automation = an_automation(doors, "thanks", is_on=False, **choices)
        with pytest.raises(arranging.NotReady, match=why):
            arranging.switch_on(automation=automation, by=None, now=now)
    assert second.pk


# --- Reminders ------------------------------------------------------------------------------------


def begins(page, email, *, now, **fields) -> None:
    """Somebody, perhaps somebody else, begins with this address; the mail with the link leaves."""
    taking.take(page=page, deed=a_deed(email=email, key=uuid4(), **fields), now=now)
    for notice in Notice.objects.filter(kind=taking.CONFIRM, state="queued"):
        Notice.objects.filter(pk=notice.pk).update(state="sent", sent_at=now)
        confirming.mail_left(confirmation_id=notice.subject_id, now=now)


def reminders() -> list[int]:
    return list(
        Notice.objects.filter(kind="remind_to_confirm").order_by("ordinal").values_list("ordinal", flat=True)
    )


def turns(now, days) -> None:
    """The line of work, four times a day."""
    for quarter in range(4 * days + 1):
        take_turn(now + quarter * DAY / 4)
        expiring.expire_links(now=now + quarter * DAY / 4)


def test_mallory_begins_for_dana_and_dana_gets_a_confirmation_and_a_reminder(doors, now):
    an_automation(doors, "reminder")
    page = a_petition(doors)
    for day in range(5):
        begins(page, "dana@press.example.net", now=now + day * DAY + MINUTE)
        turns(now + day * DAY + 2 * MINUTE, 1)
    turns(now + 5 * DAY, 24)
    about_dana = Notice.objects.filter(kind__in=[taking.CONFIRM, "remind_to_confirm"]).count()
    assert about_dana <= 3
    assert len(reminders()) <= 2
    assert Action.objects.filter(state="confirmed").count() == 0


def test_a_stranger_who_began_once_is_reminded_once_after_two_days(doors, now):
    an_automation(doors, "reminder")
    begins(a_petition(doors), "dana@press.example.net", now=now)
    take_turn(now + 2 * DAY - MINUTE)
    assert reminders() == []
    take_turn(now + 2 * DAY + MINUTE)
    assert reminders() == [1]
    turns(now + 2 * DAY + 2 * MINUTE, 20)
    assert reminders() == [1]
    notice = Notice.objects.get(kind="remind_to_confirm")
    assert (notice.to_stranger, notice.recipient) == (True, "dana@press.example.net")


def test_who_confirmed_lately_is_reminded_twice_and_never_a_third_time(doors, now):
    an_automation(doors, "reminder")
    page = a_petition(doors)
    begins(page, "suzie@readers.example.net", now=now)
    Confirmation.objects.create(
        address_mark=Confirmation.objects.get().address_mark,
        opened_at=now - 30 * DAY, used_at=now - 30 * DAY, closed_at=now - 30 * DAY,
    )  # fmt: skip
    turns(now, 20)
    assert reminders() == [1, 2]
    assert ConfirmationReminder.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        ConfirmationReminder.objects.create(
            confirmation=Confirmation.objects.first(), number=3, decided_at=now
        )


def test_nobody_is_reminded_of_what_they_confirmed(doors, now):
    an_automation(doors, "reminder")
    begins(a_petition(doors), "suzie@readers.example.net", now=now)
    waiting = Confirmation.objects.get()
    confirming.confirm(token=confirming.link_for(waiting.pk), now=now + DAY)
    turns(now + DAY, 10)
    assert reminders() == []


def test_a_reminder_that_waits_says_nothing_once_it_was_confirmed(doors, now, monkeypatch):
    an_automation(doors, "reminder")
    page = a_petition(doors, title="Free Ilan")
    begins(page, "suzie@readers.example.net", now=now)
    take_turn(now + 3 * DAY)
    notice = Notice.objects.get(kind="remind_to_confirm")
    monkeypatch.setattr(timezone, "now", lambda: now + 3 * DAY)
    with translation.override("en"):
        text = notice_kinds.get(notice.kind)().write(notice)
    assert "Free Ilan" in text.body
    assert confirming.link_for(Confirmation.objects.get().pk) in text.body
    assert "do nothing" in text.body
    confirming.confirm(token=confirming.link_for(Confirmation.objects.get().pk), now=now + 3 * DAY)
    assert notice_kinds.get(notice.kind)().write(notice) is None


def test_nobody_is_reminded_where_it_is_off_or_of_what_began_before(doors, now):
    page = a_petition(doors)
    begins(page, "suzie@readers.example.net", now=now - DAY)
    an_automation(doors, "reminder", now=now)
    an_automation(an_organization("others"), "reminder", now=now - 3 * DAY)
    turns(now, 10)
    assert reminders() == []


def test_whoever_complained_is_not_reminded(doors, now):
    an_automation(doors, "reminder")
    begins(a_petition(doors), "suzie@readers.example.net", now=now)
    suppression.suppress(
        organization=doors, email="suzie@readers.example.net", reason="complained", source="a report", now=now
    )
    assert Supporter.objects.get().unreachable == "complained"
    turns(now, 10)
    assert reminders() == []
