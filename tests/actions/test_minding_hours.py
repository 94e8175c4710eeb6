"""A page's hour comes nearer, moves with its hearing, and passes; staff hear of it once, nothing is sent too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.models import Revision

from amparo.accounts.models import AuditEntry, Role
from amparo.actions import pacing
from amparo.actions.deadlines import minding_hours, missing, plan_words
from amparo.actions.deadlines.minding_hours import NotOver, StillOver
from amparo.actions.models import ActionPage, EmailTargetPage, Message, Reminder
from amparo.cases.models import Hearing, Proceeding
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from tests.factories.cases import a_case
from tests.factories.letters import a_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def chidi():
    return a_member_of_staff(an_organization(), Role.APPROVER)


def a_bound_page(now, *, days=20, hours_before=16):
    """A page bound to a hearing so many days from now, whose letters stop some hours before it."""
    organization = an_organization()
    frame = {"organization": organization, "entered_at": now, "changed_at": now}
    proceeding = Proceeding.objects.create(case=a_case(organization), **frame)
    moment = now + timedelta(days=days)
    hearing = Hearing.objects.create(proceeding=proceeding, day=moment.date(), hour=moment.time(), **frame)
    page = an_email_page(organization, hearing=hearing, hard_stop=moment - timedelta(hours=hours_before))
    return page, hearing


def run(now):
    return run_line("hours", now_source=lambda: now)


def told(kind=None):
    notices = Notice.objects.filter(kind=minding_hours.TELL_STAFF)
    return notices.filter(subject_id__in=Reminder.objects.filter(kind=kind).values("pk")) if kind else notices


def fresh(page):
    return EmailTargetPage.objects.get(pk=page.pk)


def test_binding_takes_the_hour_from_the_hearing(now):
    page, _hearing = a_bound_page(now)
    assert fresh(page).deadline == now + 20 * DAY
    assert run(now).handled == 0


def test_editors_choose_among_the_hearings_of_their_own_cases(now):
    page, hearing = a_bound_page(now)
    other = an_email_page(an_organization("lamp-light"))
    editor = a_member_of_staff(page.organization)
    form_class = EmailTargetPage.get_edit_handler().get_form_class()
    mine = form_class(instance=page, for_user=editor).fields["hearing"]
    assert [mine.label_from_instance(each) for each in mine.queryset] == ["IS-1: 2026-12-12 (to be held)"]
    assert not form_class(instance=other, for_user=editor).fields["hearing"].queryset
    other.hearing = hearing
    with pytest.raises(ValidationError):
        other.clean()


def test_a_hearing_that_is_moved_moves_the_page_and_staff_and_trail_know(now, chidi):
    page, hearing = a_bound_page(now)
    Hearing.objects.filter(pk=hearing.pk).update(day=hearing.day + 10 * DAY)
    run(now)
    moved = fresh(page)
    assert (moved.deadline, moved.hard_stop) == (now + 30 * DAY, now + 30 * DAY - timedelta(hours=16))
    entry = AuditEntry.objects.get(verb="follow_hearing")
    assert entry.actor is None
    assert entry.details["is"].startswith((now + 30 * DAY).date().isoformat())
    assert told("moved").count() == 1
    assert run(now).handled == 0, "once"


def test_a_draft_from_before_does_not_bring_the_old_hour_back(now):
    page, hearing = a_bound_page(now)
    draft = fresh(page)
    draft.title = "Another title"
    revision = draft.save_revision().pk
    Hearing.objects.filter(pk=hearing.pk).update(day=hearing.day + 10 * DAY)
    run(now)
    Revision.objects.get(pk=revision).publish()
    published = fresh(page)
    assert published.title == "Another title"
    assert (published.deadline, published.hard_stop) == (
        now + 30 * DAY,
        now + 30 * DAY - timedelta(hours=16),
    )


def test_without_a_new_day_the_page_shows_none_and_letters_stop_all_the_same(now, chidi):
    page, hearing = a_bound_page(now)
    Hearing.objects.filter(pk=hearing.pk).update(status="postponed")
    run(now)
    assert (fresh(page).deadline, fresh(page).hard_stop) == (None, now + 20 * DAY - timedelta(hours=16))
    assert told("no_day").count() == 1
    assert run(now).handled == 0


def test_at_the_deadline_the_page_closes_and_nothing_more_leaves(now, chidi):
    page = an_email_page(an_organization(), deadline=now + DAY)
    waiting = a_letter(page, now=now)
    assert fresh(page).takes_actions(now=now)
    run(now + DAY)
    closed = fresh(page)
    assert (closed.closed_at, closed.hard_stop) == (now + DAY, now + DAY)
    assert not closed.takes_actions(now=now)
    run_line("expiry", now_source=lambda: now + DAY)
    assert Message.objects.get(pk=waiting.pk).state == "expired"
    assert told("closed").count() == 1
    assert run(now + DAY).handled == 0


def test_publishing_a_draft_does_not_open_what_is_closed(now):
    page = an_email_page(an_organization(), deadline=now + DAY)
    revision = fresh(page).save_revision().pk
    run(now + DAY)
    Revision.objects.get(pk=revision).publish()
    assert (fresh(page).closed_at, fresh(page).hard_stop) == (now + DAY, now + DAY)


def test_a_hearing_that_is_moved_after_closing_opens_the_page_only_by_staff(now, chidi):
    page, hearing = a_bound_page(now, days=1)
    later = now + 2 * DAY
    run(later)
    Hearing.objects.filter(pk=hearing.pk).update(day=hearing.day + 10 * DAY)
    run(later)
    run(later)
    assert not fresh(page).takes_actions(now=later)
    assert told("moved_late").count() == 1

    minding_hours.reopen(page=fresh(page), by=chidi, now=later)

    assert fresh(page).takes_actions(now=later)
    assert fresh(page).deadline == now + 11 * DAY
    assert AuditEntry.objects.get(verb="reopen_page").actor == chidi
    with pytest.raises(NotOver):
        minding_hours.reopen(page=fresh(page), by=chidi, now=later)


def test_a_page_whose_hour_has_passed_cannot_be_opened(now, chidi):
    page = an_email_page(an_organization(), deadline=now + DAY)
    run(now + DAY)
    with pytest.raises(StillOver):
        minding_hours.reopen(page=fresh(page), by=chidi, now=now + DAY)
    assert fresh(page).closed_at


def test_staff_who_approve_are_reminded_once_of_each_nearest_threshold(now, chidi):
    a_member_of_staff(chidi.staff_roles.get().organization, Role.EDITOR)
    page = an_email_page(an_organization(), deadline=now + 10 * DAY)
    counts = []
    for passed in (0, 0, 2, 3, 6.5, 7, 9, 9.5):
        run(now + passed * DAY)
        counts.append(told().count())
    assert counts == [1, 1, 1, 2, 2, 3, 4, 4]
    assert [reminder.kind for reminder in Reminder.objects.order_by("told_at")] == ["14", "7", "3", "1"]
    assert {notice.recipient for notice in told()} == {chidi.email}, "editors do not approve"
    assert page.pk


def test_the_reminder_says_what_is_missing(now, chidi, mail_server):
    page = an_email_page(an_organization(), deadline=now + 6 * DAY, goal=1500)
    a_letter(page, now=now)
    run(now)
    run_line("notices", now_source=lambda: now)
    (mail,) = mail_server.to(chidi.email)
    text = mail.get_content()
    assert mail["Subject"] == f"One week to go: {page.title}"
    assert "Took part so far: 0. You hoped for 1,500." in text
    assert "1 letter waits in the queue." in text


def test_an_office_that_changed_hands_is_named(now):
    from tests.factories.targets import alvenia

    alvenia()
    page = an_email_page(an_organization(), posts=[("post", "alvenia/minister/interior")])
    a_letter(page, target_key="alvenia/minister/interior", target_name="Corin Dale", now=now)
    said = missing.sentences(page, now=now)
    assert "Minister of the Interior changed hands: it was Corin Dale, and is Ebba Roan." in said


@pytest.mark.parametrize(
    ("left", "urgency"),
    [(None, 5), (30 * DAY, 5), (14 * DAY, 4), (7 * DAY, 3), (3 * DAY, 2), (DAY, 1), (timedelta(0), 1)],
)
def test_the_nearer_the_hour_the_more_urgent_the_letter(now, left, urgency):
    assert minding_hours.urgency_at(None if left is None else now + left, now=now) == urgency


def test_letters_of_the_nearest_hearing_leave_first(now):
    organization = an_organization()
    far = an_email_page(organization, title="Far", hard_stop=now + 40 * DAY)
    near = an_email_page(organization, title="Near", hard_stop=now + 2 * DAY)
    first, second = a_letter(far, now=now), a_letter(near, now=now)
    run(now)
    urgencies = dict(Message.objects.values_list("pk", "urgency"))
    assert (urgencies[first.pk], urgencies[second.pk]) == (5, 2)
    assert run(now).handled == 0
    ActionPage.objects.filter(pk=near.pk).update(hard_stop=now + 60 * DAY)
    run(now)
    assert Message.objects.get(pk=second.pk).urgency == 5, "a hearing that was put off is no longer urgent"


def test_the_plan_counts_what_is_more_urgent_elsewhere(now):
    organization = an_organization()
    near = an_email_page(organization, title="Near", hard_stop=now + 2 * DAY)
    mine = an_email_page(organization, title="Mine", hard_stop=now + 5 * pacing.gap())
    for _each in range(3):
        a_letter(near, urgency=2, now=now)
        a_letter(mine, urgency=5, now=now)
    plan = pacing.plan(page=mine, now=now)
    assert (plan.waiting, plan.too_late) == (3, 1), "three of five turns are taken"
    assert pacing.plan(page=near, now=now).too_late == 0


def test_the_plan_in_one_sentence(now):
    page = an_email_page(an_organization(), hard_stop=now + DAY, deadline=now + DAY)
    plan = pacing.Plan(
        waiting=2400,
        last_leaves_at=None,
        too_late=2090,
        bundle_at=(now + DAY).replace(hour=8),
        targets=(pacing.TargetPlan("exa/minister/justice", 2400, 2090, 2090),),
    )
    assert plan_words.in_a_sentence(page, plan) == (
        "At this pace 310 of 2,400 letters arrive in time; the rest go as one bundle at 08:00 on the day."
    )
    in_time = pacing.Plan(waiting=12, last_leaves_at=None, too_late=0)
    assert plan_words.in_a_sentence(page, in_time) == "At this pace all 12 letters that wait arrive in time."


def test_a_page_that_is_over_says_what_happened_and_what_else_can_be_done(now):
    organization = an_organization()
    page = an_email_page(organization, deadline=now - DAY)
    other = an_email_page(organization, title="Write to the court")
    ActionPage.objects.filter(pk=page.pk).update(closed_at=now - DAY)
    browser = Client(headers={"host": "open-doors.test"})
    text = browser.get(page.url).content.decode()
    assert "What came of it is not written here yet" in text
    assert other.title in text
    assert 'name="given-name"' not in text
    ActionPage.objects.filter(pk=page.pk).update(outcome="The judge let Ilan go.")
    assert "The judge let Ilan go." in browser.get(page.url + "?now").content.decode()


def test_the_screen_shows_what_comes_and_what_is_over(now, chidi):
    page = an_email_page(an_organization(), deadline=now + 3650 * DAY, goal=5)
    text = signed_in(chidi).get(reverse("staff_hours")).content.decode()
    assert page.title in text
    assert "You hoped for 5." in text
