"""Suzie follows a case: one form, one mail, one press; news an hour after it is cleared, once; peace at any time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amparo.actions import confirming, erasing, expiring
from amparo.actions.followers import case_news, following
from amparo.actions.models import CaseFollowing, CaseNews, CaseTelling, Confirmation
from amparo.cases import publishing
from amparo.cases.models import Case, Clearance
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.mailings.registry import notice_kinds
from amparo.supporters import deeds
from amparo.supporters.models import Origin, Supporter
from amparo.supporters.own_pages import preferences
from amparo.supporters.rights import erasure
from amparo.supporters.rights.exporting_person import export_person
from tests.factories.cases import a_case, a_case_page, a_development, a_safety_check, publish
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question, an_email_page
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SUZIE = "suzie@example.org"


class Staff:
    """Bruno asks, Chidi agrees, over one case with a page."""

    def __init__(self, now):
        self.organization = an_organization()
        self.bruno = a_member_of_staff(self.organization)
        self.chidi = a_member_of_staff(self.organization, "approver")
        self.case = a_case(self.organization, now=now)
        a_safety_check(self.case, by=self.chidi)
        self.publish(self.case, "title", now=now)
        self.page = a_case_page(self.case, slug="is-1")

    def publish(self, record, *columns, now):
        publish(record, *columns, case=self.case, asked_by=self.bruno, agreed_by=self.chidi, now=now)

    def news(self, title="He saw a judge", *, now, cleared=True, **fields):
        made = a_development(self.case, "2026-11-20", title, is_news=True, now=now, **fields)
        if cleared:
            self.publish(made, "dated", "title", now=now)
        return made

    def follower(self, email=SUZIE, *, now):
        return CaseFollowing.objects.create(
            organization=self.organization,
            supporter=a_supporter(self.organization, given_name="Suzie", email=email, now=now),
            case=self.case, words=following.question(), language="en", asked_at=now, since=now,
        )  # fmt: skip


@pytest.fixture
def staff(now):
    return Staff(now - timedelta(days=30))


def browser():
    return Client(HTTP_HOST="open-doors.test")


def send(staff, *, step="follow", email=SUZIE, agrees="on", **fields):
    url = reverse("follow_case", args=[staff.page.pk])
    return browser().post(url, {"step": step, "email": email, "agrees": agrees, **fields})


def tell(at):
    return run_line(case_news.LINE, now_source=lambda: at)


def told():
    return Notice.objects.filter(kind=case_news.NEWS)


def written(notice):
    return notice_kinds.get(notice.kind)().write(notice)


# --- Following ---


def test_beside_a_case_stands_what_can_be_done_now(staff, now):
    page = an_email_page(staff.organization, title="Write for Ilan", hard_stop=now + timedelta(days=365 * 50))
    over = an_email_page(
        staff.organization, title="It is too late for this", hard_stop=now - timedelta(days=365)
    )
    Case.objects.filter(pk=staff.case.pk).update(campaign=page.campaign)
    shown = browser().get(staff.page.url).content.decode()
    assert "Write for Ilan" in shown
    assert page.url in shown
    assert over.title not in shown


def test_suzie_follows_confirms_and_follows_only_then(staff, mail_server):
    shown = browser().get(staff.page.url).content.decode()
    assert "Follow this case" in shown
    assert "checked" not in shown
    answer = send(staff)
    assert "Now look in your mailbox" in answer.content.decode()
    assert not CaseFollowing.objects.in_force().exists()
    run_line("notices", now_source=lambda: timezone.now() + timedelta(minutes=2))
    (mail,) = mail_server.to(SUZIE)
    assert "Ilan Sarr" in mail.get_content()

    path = "/confirm/" + mail.get_content().partition("/confirm/")[2].split()[0]
    assert following.question() in browser().get(path).content.decode()
    assert not CaseFollowing.objects.in_force().exists()
    assert "From now on you hear when there is news" in browser().post(path).content.decode()
    assert "From now on you hear when there is news" in browser().get(path).content.decode()
    held = CaseFollowing.objects.get()
    assert (held.words, held.language, held.ended) == (following.question(), "en", None)
    assert held.since is not None


def test_known_and_unknown_addresses_get_the_same_answer_and_one_row(staff, now):
    staff.follower("known@example.org", now=now)
    one, two = (
        send(staff, email=email).content.decode() for email in ("known@example.org", "nobody@example.org")
    )
    assert one.replace("known@", "nobody@") == two
    for confirmation in Confirmation.objects.filter(closed_at=None):
        confirming.confirm(token=confirming.link_for(confirmation.pk), now=timezone.now())
    assert CaseFollowing.objects.in_force().count() == CaseFollowing.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"agrees": ""}, "Without a yes"),
        ({"email": ""}, "Please write the e-mail"),
        ({"email": "x@y"}, "Error:"),
    ],
)
def test_without_an_address_or_a_yes_nothing_is_stored(staff, fields, said):
    answer = send(staff, **fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not CaseFollowing.objects.exists()


def test_a_slip_of_the_finger_is_asked_about(staff):
    assert "Did you mean" in send(staff, email="suzie@gmial.com").content.decode()
    send(staff, email="suzie@gmial.com", step="corrected", agrees="True")
    assert Supporter.objects.get().email == "suzie@gmail.com"


def test_a_robot_is_told_nothing_and_stores_nothing(staff):
    assert "Now look in your mailbox" in send(staff, website="spam").content.decode()
    assert not CaseFollowing.objects.exists()


@pytest.mark.parametrize("aftermath", ["quiet", "renamed", "removed"])
def test_a_case_that_lists_may_not_name_is_not_followed(staff, aftermath):
    Case.objects.update(aftermath=aftermath)
    assert send(staff).status_code == 404
    assert "Follow this case" not in browser().get(staff.page.url).content.decode()


def test_nothing_is_stored_by_asking_for_the_address(staff):
    assert browser().get(reverse("follow_case", args=[staff.page.pk])).status_code == 302
    assert not CaseFollowing.objects.exists()


def test_what_was_never_confirmed_ends_and_is_forgotten(staff):
    send(staff)
    at = timezone.now()
    assert erasing.anonymize_people(now=at) == 0
    expiring.expire_links(now=at + timedelta(days=15))
    assert CaseFollowing.objects.get().ended_why == "unconfirmed"
    assert erasing.anonymize_people(now=at + timedelta(days=16)) == 0
    assert erasing.anonymize_people(now=at + timedelta(days=23)) == 1
    assert not CaseFollowing.objects.exists()


def test_whoever_follows_is_not_forgotten(staff, now):
    staff.follower(now=now)
    assert erasing.anonymize_people(now=now + timedelta(days=800)) == 0


# --- Being told ---


def test_news_is_told_once_an_hour_after_it_was_cleared_and_never_before(staff, now):
    staff.follower(now=now - timedelta(days=1))
    made = staff.news(now=now, cleared=False)
    tell(now + 2 * HOUR)
    assert not told().exists(), "nobody has cleared it"
    staff.publish(made, "dated", "title", now=now)
    tell(now + HOUR - timedelta(seconds=1))
    assert not told().exists()
    tell(now + HOUR)
    tell(now + 5 * HOUR)
    notice = told().get()
    text = written(notice)
    assert "He saw a judge" in text.body
    assert "20 November 2026" in text.body
    assert "printer" not in text.subject
    assert CaseNews.objects.get().told_at == now + HOUR


def test_a_mistake_taken_back_within_the_hour_is_told_to_nobody(staff, now):
    staff.follower(now=now - timedelta(days=1))
    staff.news(now=now)
    clearance = Clearance.objects.filter(record_type="Development", column="title").get()
    publishing.withdraw(clearance=clearance, by=staff.bruno, now=now + timedelta(minutes=50))
    tell(now + 3 * HOUR)
    assert not told().exists()


def test_a_change_begins_the_hour_anew(staff, now):
    staff.follower(now=now - timedelta(days=1))
    made = staff.news(now=now)
    type(made).objects.update(changed_at=now + timedelta(minutes=30))
    tell(now + HOUR)
    assert not told().exists()
    tell(now + timedelta(minutes=90))
    assert told().count() == 1


def test_what_was_taken_back_after_the_hour_is_not_in_a_mail_that_still_waits(staff, now):
    staff.follower(now=now - timedelta(days=1))
    staff.news(now=now)
    tell(now + HOUR)
    clearance = Clearance.objects.filter(record_type="Development", column="title").get()
    publishing.withdraw(clearance=clearance, by=staff.bruno, now=now + HOUR)
    assert written(told().get()) is None


@pytest.mark.parametrize("aftermath", ["quiet", "renamed", "removed"])
def test_nothing_is_told_of_a_case_that_is_quiet_renamed_or_removed(staff, now, aftermath):
    staff.follower(now=now - timedelta(days=1))
    staff.news(now=now)
    publishing.change_aftermath(case=staff.case, to=Case.Aftermath(aftermath), by=staff.chidi, now=now)
    tell(now + 2 * HOUR)
    assert not told().exists()


def test_only_news_is_told_and_only_to_those_who_followed_before(staff, now):
    staff.follower("early@example.org", now=now - timedelta(days=1))
    staff.follower("late@example.org", now=now + timedelta(minutes=1))
    staff.news(now=now)
    other = a_development(staff.case, "2026-11-19", "Not news", now=now)
    staff.publish(other, "dated", "title", now=now)
    tell(now + HOUR)
    assert [notice.recipient for notice in told()] == ["early@example.org"]


def test_many_followers_are_told_in_turns_and_each_once(staff, now, monkeypatch):
    monkeypatch.setattr(case_news, "AT_ONCE", 2)
    for number in range(5):
        staff.follower(f"follower{number}@example.org", now=now - timedelta(days=1))
    staff.news(now=now)
    tell(now + HOUR)
    assert told().count() == CaseTelling.objects.count() == 5
    assert CaseNews.objects.get().told_at is not None


def test_without_a_page_there_is_nowhere_to_send_anybody(staff, now):
    staff.follower(now=now - timedelta(days=1))
    staff.news(now=now)
    staff.page.unpublish()
    tell(now + HOUR)
    assert not told().exists()


# --- Leaving ---


def test_the_link_in_the_mail_names_no_case_and_ends_it_by_post_alone(staff, now):
    followed = staff.follower(now=now - timedelta(days=1))
    staff.news(now=now)
    tell(now + HOUR)
    notice = told().get()
    text = written(notice)
    path = "/following/" + following.link_for(followed.pk) + "/"
    assert path in text.body
    assert path in text.headers["List-Unsubscribe"]
    assert browser().get(path).status_code == 200
    assert CaseFollowing.objects.in_force().exists()
    browser().post(path, {"List-Unsubscribe": "One-Click"})
    assert CaseFollowing.objects.get().ended_why == "person"
    assert browser().get(path).status_code == 410
    assert written(notice) is None


def test_it_stands_in_the_preference_centre_and_ends_there(staff, now):
    followed = staff.follower(now=now)
    theirs = a_supporter(staff.organization, given_name="Mallory", email="mallory@example.org")
    (one,) = deeds.subscriptions_of(followed.supporter, now=now)
    assert (one.title, one.words, one.url) == ("Ilan Sarr, printer", following.question(), staff.page.url)
    assert not deeds.end_subscription(theirs, kind="cases", id=one.id, now=now)
    Case.objects.update(aftermath="removed")
    (hidden,) = deeds.subscriptions_of(followed.supporter, now=now)
    assert (hidden.title, hidden.url) == ("A case that you follow", "")
    assert deeds.end_subscription(followed.supporter, kind="cases", id=one.id, now=now)
    assert deeds.subscriptions_of(followed.supporter, now=now) == []


def test_the_button_on_ones_own_page_ends_it(staff, now):
    from amparo.supporters import linking

    followed = staff.follower(now=now)
    Supporter.objects.update(confirmed_at=now)
    url = linking.url_of(followed.supporter).partition("//")[2].partition("/")[2]
    assert "Ilan Sarr, printer" in browser().get(f"/{url}").content.decode()
    answer = browser().post(f"/{url}", {"deed": "end", "what": f"cases/{followed.pk}"}, follow=True)
    assert "You are not told of this any more." in answer.content.decode()
    assert CaseFollowing.objects.get().ended is not None
    assert browser().post(f"/{url}", {"deed": "end", "what": "cases/x"}).status_code == 422


def test_unsubscribing_from_everything_ends_it_too(staff, now):
    followed = staff.follower(now=now)
    a_question(staff.organization)
    preferences.stop_everything(supporter=followed.supporter, origin=Origin.PREFERENCES, now=now)
    assert CaseFollowing.objects.get().ended_why == "everything"


def test_it_goes_with_the_person_and_stands_in_their_copy(staff, now):
    followed = staff.follower(now=now)
    assert following.question() in export_person(supporter=followed.supporter, now=now).as_json()
    erasure.erase(supporter=followed.supporter, by=None, origin=Origin.PREFERENCES, now=now)
    assert not CaseFollowing.objects.exists()
