"""Chidi takes Mallory's two hundred signatures out of the count, sees that three were people, and puts all back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.accounts.models import AuditEntry, Role
from amparo.actions import confirming, counting, expiring, taking
from amparo.actions.abuse import choosing, invalidating
from amparo.actions.abuse.choosing import Conditions
from amparo.actions.models import Action, Confirmation, InvalidatedAction, Invalidation, Message, Tally
from amparo.kit.work import run_line
from tests.factories.deeds import a_deed
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import a_sign_up_page, an_email_page
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization())


@pytest.fixture
def chidi(page):
    return a_member_of_staff(page.organization, Role.APPROVER, email="chidi@example.org")


def signed(page, email, *, now, **fields):
    supporter = a_supporter(page.organization, email=email, country=fields.pop("country", "GB"), now=now)
    return an_action(page, supporter=supporter, now=now, **fields)


def conditions(where, **fields):
    return Conditions(organization=where.organization, **fields)


def invalidate(where, chidi, now, **fields):
    done = invalidating.invalidate(
        conditions=conditions(where, **fields), reason="typed by one robot", by=chidi, now=now
    )
    run_line("invalidation", now_source=lambda: now)
    done.refresh_from_db()
    return done


def undo(done, chidi, now):
    invalidating.undo(invalidation=done, by=chidi, now=now)
    run_line("invalidation", now_source=lambda: now)
    done.refresh_from_db()


def shown(page):
    return Tally.objects.get(page=page).confirmed


# --- Choosing -----------------------------------------------------------------------------------------------------


def test_each_condition_chooses_what_it_says_and_all_of_them_together_fewer(page, now):
    other = a_sign_up_page(page.organization)
    early = now - timedelta(days=2)
    robot = signed(
        page, "a@sub.robots.test", now=now, proved=False, source="/x/", area="exa/NM", country="NO"
    )
    signed(page, "b@robots.test", now=early, proved=True)
    signed(other, "c@example.org", now=now, state=Action.State.PENDING)

    def number(**fields):
        return len(choosing.chosen_ids(conditions(page, **fields)))

    assert number(domain="robots.test") == 2
    assert number(domain="@SUB.robots.test") == 1
    assert number(domain="bots.test") == 0, "the end of a word is no domain"
    assert number(page=page) == 2
    assert number(page=page, since=now) == number(page=page, source="/x/") == 1
    assert number(page=page, until=early) == 1
    assert number(country="no") == number(area="exa/NM") == number(unproved=True) == 1
    assert number(never_confirmed=True) == 1
    assert choosing.chosen_ids(conditions(page, domain="robots.test", page=page, unproved=True)) == [robot.pk]


def test_everything_is_never_chosen_by_saying_nothing(page, now):
    with pytest.raises(choosing.NothingInCommon):
        choosing.preview(conditions(page, since=now))


def test_nothing_of_another_organization_is_chosen(page, now):
    other = a_sign_up_page(an_organization("lamp-light"))
    signed(other, "a@robots.test", now=now)

    assert choosing.chosen_ids(conditions(page, domain="robots.test")) == []


def test_the_preview_counts_and_masks(page, now):
    action = signed(page, "mallory.longname@robots.test", now=now)
    a_letter(page, action=action)
    a_letter(page, action=action, state=Message.State.SENT, target_key="exa/x")
    signed(page, "b@robots.test", now=now, state=Action.State.PENDING)

    found = choosing.preview(conditions(page, domain="robots.test"))

    assert (found.confirmed, found.waiting, found.letters, found.letters_gone) == (1, 1, 1, 1)
    told = str(found.sample)
    assert "m…@robots.test" in told
    assert "longname" not in told
    assert "Amina" not in told


# --- Out, and back again ------------------------------------------------------------------------------------------


def test_out_of_the_count_and_back_exactly(page, chidi, now):
    for number in range(7):
        signed(page, f"a{number}@robots.test", now=now)
    for number in range(5):
        signed(page, f"suzie{number}@example.org", now=now)
    counting.count_page(page.pk, now=now)
    for number in range(3):
        signed(page, f"late{number}@robots.test", now=now)  # confirmed, and not counted yet

    done = invalidate(page, chidi, now, domain="robots.test")

    assert (done.state, done.chosen, shown(page)) == ("done", 10, 5)
    counting.count_page(page.pk, now=now)
    assert shown(page) == counting.true_count(page) == 5

    undo(done, chidi, now + timedelta(days=29))
    counting.count_page(page.pk, now=now)
    assert (done.state, shown(page), counting.true_count(page)) == ("undone", 15, 15)
    verbs = AuditEntry.objects.filter(actor=chidi).values_list("verb", "details")
    assert set(map(str, verbs)) == {
        "('invalidate_actions', {'chosen': 10})",
        "('undo_invalidation', {'chosen': 10})",
    }


def test_letters_that_have_not_left_are_withdrawn_and_come_back_where_they_were(page, chidi, now):
    action = signed(page, "a@robots.test", now=now)
    queued, held, sent = (
        a_letter(page, action=action, state=state, target_key=f"exa/{state}")
        for state in (Message.State.QUEUED, Message.State.HELD, Message.State.SENT)
    )
    waiting = signed(page, "b@robots.test", now=now, state=Action.State.PENDING)
    waiting.confirmation = Confirmation.objects.create(address_mark=b"m" * 32, opened_at=now)
    waiting.save()
    pending = a_letter(page, action=waiting, state=Message.State.PENDING)

    done = invalidate(page, chidi, now, domain="robots.test")

    def states():
        return [Message.objects.get(pk=each.pk).state for each in (queued, held, sent, pending)]

    assert states() == ["withdrawn", "withdrawn", "sent", "withdrawn"]
    undo(done, chidi, now)
    assert states() == ["queued", "held", "sent", "pending"]
    assert Action.objects.get(pk=waiting.pk).state == "pending"


def test_nobody_is_asked_to_confirm_what_was_invalidated(page, chidi, now, mail_server):
    taking.take(page=page, deed=a_deed(email="a@robots.test"), now=now)

    invalidate(page, chidi, now, domain="robots.test")
    run_line("notices", now_source=lambda: now)

    assert mail_server.mails == []


def test_a_link_that_was_mailed_before_confirms_nothing_of_it(page, chidi, now):
    taking.take(page=page, deed=a_deed(email="a@robots.test"), now=now)
    invalidate(page, chidi, now, domain="robots.test")

    confirming.confirm(token=confirming.link_for(Confirmation.objects.get().pk), now=now)

    assert Action.objects.get().state == "invalidated"
    assert Message.objects.get().state == "withdrawn"


def test_whoever_signed_again_meanwhile_counts_once_after_undoing(page, chidi, now):
    first = signed(page, "suzie@example.org", now=now)
    counting.count_page(page.pk, now=now)
    done = invalidate(page, chidi, now, domain="example.org")
    an_action(page, supporter=first.supporter, now=now)
    counting.count_page(page.pk, now=now)

    undo(done, chidi, now)
    counting.count_page(page.pk, now=now)

    assert Action.objects.get(pk=first.pk).state == "superseded"
    assert shown(page) == 1


def test_what_waited_at_a_link_that_closed_meanwhile_is_expired_after_undoing(page, chidi, now):
    taking.take(page=page, deed=a_deed(email="a@robots.test"), now=now)
    done = invalidate(page, chidi, now, domain="robots.test")
    expiring.expire_links(now=now + timedelta(days=15))

    undo(done, chidi, now + timedelta(days=16))

    assert Action.objects.get().state == "expired"


def test_after_thirty_days_and_twice_it_cannot_be_undone(page, chidi, now):
    signed(page, "a@robots.test", now=now)
    done = invalidate(page, chidi, now, domain="robots.test")

    with pytest.raises(invalidating.TooLateToUndo):
        undo(done, chidi, now + timedelta(days=30))
    undo(done, chidi, now)
    with pytest.raises(invalidating.TooLateToUndo):
        undo(done, chidi, now)


def test_nothing_found_is_said(page, chidi, now):
    with pytest.raises(invalidating.NothingFound):
        invalidate(page, chidi, now, domain="robots.test")
    assert not Invalidation.objects.exists()


def test_a_worker_that_dies_between_two_lots_is_followed_by_another(page, chidi, now, monkeypatch):
    monkeypatch.setattr(invalidating, "CHUNK", 3)
    for number in range(8):
        signed(page, f"a{number}@robots.test", now=now)
    counting.count_page(page.pk, now=now)
    done = invalidating.invalidate(
        conditions=conditions(page, domain="robots.test"), reason="robot", by=chidi, now=now
    )
    invalidating.go_on(done.pk, now=now)
    assert (shown(page), counting.true_count(page)) == (5, 5)

    def dies(*_args, **_kwargs):
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(InvalidatedAction.objects, "bulk_update", dies)
        with pytest.raises(RuntimeError):
            invalidating.go_on(done.pk, now=now)
    assert (shown(page), counting.true_count(page)) == (5, 5), "half a lot is none"

    run_line("invalidation", now_source=lambda: now)
    done.refresh_from_db()
    assert (done.state, shown(page)) == ("done", 0)


def test_an_undo_in_the_middle_leaves_alone_what_was_not_reached(page, chidi, now, monkeypatch):
    monkeypatch.setattr(invalidating, "CHUNK", 3)
    for number in range(8):
        signed(page, f"a{number}@robots.test", now=now)
    counting.count_page(page.pk, now=now)
    done = invalidating.invalidate(
        conditions=conditions(page, domain="robots.test"), reason="robot", by=chidi, now=now
    )
    invalidating.go_on(done.pk, now=now)

    undo(done, chidi, now)
    counting.count_page(page.pk, now=now)

    assert (done.state, shown(page)) == ("undone", 8)
    assert done.rows.filter(state="left").count() == 5


def test_what_it_was_chosen_by_is_sealed(page, chidi, now):
    signed(page, "a@robots.test", now=now)

    done = invalidate(page, chidi, now, domain="robots.test", page=page)

    assert "robots.test" in done.conditions
    (stored,) = Invalidation.objects.values_list("conditions", flat=True)
    assert b"robots" not in bytes(stored)
