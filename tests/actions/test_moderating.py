"""Staff hold, release, retry, withdraw and pause; every deed is in the audit trail, and nothing leaves twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from wagtail.models import Revision

from amparo.accounts.models import AuditEntry, Role
from amparo.actions.desk import moderating
from amparo.actions.models import Action, ActionPage, Message, MessageEvent
from amparo.kit.refusal import Refusal
from amparo.organizations import pausing
from amparo.organizations.models import Organization
from tests.factories.letters import a_letter, an_action, letters
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def page():
    return an_email_page(an_organization())


@pytest.fixture
def chidi(page):
    """Chidi approves."""
    return a_member_of_staff(page.organization, Role.APPROVER)


def everything():
    return Message.objects.all()


def states():
    return sorted(Message.objects.values_list("state", flat=True))


def test_a_held_letter_stays_until_it_is_released(page, chidi, now):
    letter = a_letter(page)

    assert moderating.hold(messages=everything(), reason="a name to check", by=chidi, now=now) == [letter.pk]

    letter.refresh_from_db()
    assert (letter.state, letter.reason) == (State.HELD, "a name to check")
    assert not Message.objects.sendable(now=now + timedelta(days=1)).exists()

    later = now + timedelta(hours=1)
    assert moderating.release(messages=everything(), by=chidi, now=later) == [letter.pk]
    assert Message.objects.sendable(now=later).get() == letter


def test_each_letter_that_moves_has_its_own_entry_in_journal_and_trail(page, chidi, now):
    mine = letters(page, 3)

    moderating.hold(messages=everything(), reason="look again", by=chidi, now=now)

    entries = AuditEntry.objects.filter(verb="hold_letter")
    assert {entry.subject_id for entry in entries} == {str(letter.pk) for letter in mine}
    assert {entry.actor for entry in entries} == {chidi}
    assert {entry.organization for entry in entries} == {page.organization}
    assert MessageEvent.objects.filter(state=State.HELD, reason="look again").count() == 3


def test_only_letters_that_wait_can_be_held(page, chidi, now):
    for state in State.values:
        a_letter(page, state=state)

    held = moderating.hold(messages=everything(), reason="stop", by=chidi, now=now)

    assert len(held) == 1
    assert (
        MessageEvent.objects.filter(state=State.HELD, reason="stop").values_list("message_id", flat=True)[0]
        in held
    )


def test_a_letter_that_a_worker_took_is_left_to_the_worker(page, chidi, now):
    letter = a_letter(page, state=State.CLAIMED)

    assert moderating.hold(messages=everything(), reason="too late", by=chidi, now=now) == []
    assert moderating.withdraw(messages=everything(), reason="too late", by=chidi, now=now) == []

    letter.refresh_from_db()
    assert letter.state == State.CLAIMED
    assert not AuditEntry.objects.filter(verb__endswith="_letter").exists()


def test_a_letter_nobody_confirmed_is_never_released(page, chidi, now):
    pending = an_action(page, state=Action.State.PENDING)
    a_letter(page, action=pending, state=State.HELD)

    assert moderating.release(messages=everything(), by=chidi, now=now) == []
    assert states() == [State.HELD]


@pytest.mark.parametrize("state", [State.FAILED, State.BOUNCED, State.HELD])
def test_what_did_not_arrive_can_be_sent_again(page, chidi, now, state):
    letter = a_letter(page, state=state, attempts=7, next_attempt_at=now + timedelta(days=2))

    assert moderating.retry(messages=everything(), by=chidi, now=now) == [letter.pk]

    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.next_attempt_at, letter.sent_at) == (
        State.QUEUED,
        0,
        now,
        None,
    )


def test_an_uncertain_letter_is_sent_again_only_when_somebody_says_so(page, chidi, now):
    uncertain, failed = a_letter(page, state=State.UNCERTAIN), a_letter(page, state=State.FAILED)

    with pytest.raises(moderating.MayArriveTwice) as refusal:
        moderating.retry(messages=everything(), by=chidi, now=now)
    assert "twice" in str(refusal.value)
    assert isinstance(refusal.value, Refusal)
    assert states() == [State.FAILED, State.UNCERTAIN]

    again = moderating.retry(messages=everything(), by=chidi, now=now, even_if_it_may_arrive_twice=True)
    assert set(again) == {uncertain.pk, failed.pk}


@pytest.mark.parametrize(
    "state", [State.SENT, State.IN_FLIGHT, State.CLAIMED, State.EXPIRED, State.WITHDRAWN]
)
def test_nothing_else_is_sent_again(page, chidi, now, state):
    a_letter(page, state=state)

    assert moderating.retry(messages=everything(), by=chidi, now=now, even_if_it_may_arrive_twice=True) == []
    assert states() == [state]


def test_no_letter_goes_back_into_the_queue_after_the_hard_stop_or_without_its_words(page, chidi, now):
    a_letter(page, state=State.FAILED, erased_at=now, body=None)
    assert moderating.retry(messages=everything(), by=chidi, now=now) == []

    ActionPage.objects.filter(pk=page.pk).update(hard_stop=now)
    a_letter(page, state=State.HELD)
    assert moderating.release(messages=everything(), by=chidi, now=now) == []


def test_a_withdrawn_letter_never_comes_back(page, chidi, now):
    for state in (State.PENDING, State.QUEUED, State.HELD, State.SENT):
        a_letter(page, state=state)

    withdrawn = moderating.withdraw(
        messages=everything(), reason="at the writer's request", by=chidi, now=now
    )

    assert len(withdrawn) == 3
    assert moderating.retry(messages=everything(), by=chidi, now=now) == []
    assert states() == [State.SENT, State.WITHDRAWN, State.WITHDRAWN, State.WITHDRAWN]


def test_the_caller_says_which_letters(page, chidi, now):
    one, other = letters(page, 2)

    moderating.hold(messages=Message.objects.filter(pk=one.pk), reason="this one", by=chidi, now=now)

    other.refresh_from_db()
    assert other.state == State.QUEUED


def test_nothing_moves_when_its_entry_cannot_be_written(page, chidi, now, monkeypatch):
    letters(page, 2)

    def refuse(**_fields):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(moderating.audit, "record", refuse)
    with pytest.raises(RuntimeError):
        moderating.hold(messages=everything(), reason="stop", by=chidi, now=now)
    with pytest.raises(RuntimeError):
        moderating.pause_page(page=page, by=chidi, now=now)

    assert states() == [State.QUEUED, State.QUEUED]
    assert not ActionPage.objects.filter(sending_paused_at__isnull=False).exists()


def pairs(page):
    """Each switch: how it is turned off and on, and what must then hold."""
    organization, campaign = page.organization, page.campaign
    return {
        "page": (
            lambda **by: moderating.pause_page(page=page, **by),
            lambda **by: moderating.resume_page(page=page, **by),
        ),
        "campaign": (
            lambda **by: moderating.pause_campaign(campaign=campaign, **by),
            lambda **by: moderating.resume_campaign(campaign=campaign, **by),
        ),
        "organization": (
            lambda **by: moderating.pause_organization(organization=organization, **by),
            lambda **by: moderating.resume_organization(organization=organization, **by),
        ),
    }


@pytest.mark.parametrize("name", ["page", "campaign", "organization"])
def test_a_switch_stops_letters_once_and_starts_them_once(page, chidi, now, name):
    a_letter(page)
    pause, resume = pairs(page)[name]

    assert pause(by=chidi, now=now) is True
    assert pause(by=chidi, now=now) is False
    assert not Message.objects.sendable(now=now).exists()

    assert resume(by=chidi, now=now) is True
    assert resume(by=chidi, now=now) is False
    assert Message.objects.sendable(now=now).count() == 1
    assert list(
        AuditEntry.objects.filter(verb__endswith=f"_{name}").order_by("id").values_list("verb", flat=True)
    ) == [
        f"pause_{name}",
        f"resume_{name}",
    ]


def test_the_whole_installation_can_be_stopped(page, chidi, now):
    assert moderating.pause_installation(because="a restore", by=chidi, now=now) is True
    assert moderating.pause_installation(because="again", by=chidi, now=now) is False
    assert pausing.installation_is_paused()

    assert moderating.resume_installation(by=chidi, now=now) is True
    assert moderating.resume_installation(by=chidi, now=now) is False
    assert not pausing.installation_is_paused()
    assert AuditEntry.objects.filter(verb__endswith="_installation", organization=None).count() == 2


def test_pausing_one_organization_leaves_the_others(page, chidi, now):
    other = an_email_page(an_organization("lamp-light"))
    a_letter(page)
    theirs = a_letter(other)

    moderating.pause_organization(organization=page.organization, by=chidi, now=now)

    assert list(Message.objects.sendable(now=now)) == [theirs]
    assert Organization.objects.get(slug="lamp-light").sending_paused_at is None


def test_a_draft_from_before_the_pause_does_not_undo_it_when_it_is_published(page, chidi, now):
    draft = page.save_revision()

    moderating.pause_page(page=page, by=chidi, now=now)
    Revision.objects.get(pk=draft.pk).publish()

    assert ActionPage.objects.get(pk=page.pk).sending_paused_at == now


def test_a_draft_from_during_the_pause_does_not_bring_it_back(page, chidi, now):
    moderating.pause_page(page=page, by=chidi, now=now)
    draft = type(page).objects.get(pk=page.pk).save_revision()

    moderating.resume_page(page=page, by=chidi, now=now)
    Revision.objects.get(pk=draft.pk).publish()

    assert ActionPage.objects.get(pk=page.pk).sending_paused_at is None
