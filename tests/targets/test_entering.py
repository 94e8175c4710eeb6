"""An organization types in an office of its own: it can be written to at once, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.accounts.models import AuditEntry, Role
from amparo.targets import entering, finding, settling
from amparo.targets.contacting import UnfitContact, report_mistake
from amparo.targets.entering import Entry
from amparo.targets.models import Dataset, Person, Post
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db

DIRECTOR = Entry("Director of Tallow Prison", "Odd Lind", "Dear Director", "director@tallow.example.org")


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def ada(organization):
    """Ada administers."""
    return a_member_of_staff(organization, Role.ADMINISTRATOR, email="ada@example.org")


def target(post, organization, now):
    return finding.target_by_key(post.key, organization=organization, now=now)


def test_what_is_entered_can_be_written_to_at_once(organization, ada, now):
    post = entering.enter(organization=organization, entry=DIRECTOR, by=ada, now=now)

    found = target(post, organization, now)

    assert (found.holder, found.address, found.channel) == (
        "Odd Lind",
        "director@tallow.example.org",
        "email",
    )
    assert found.salutation("en") == "Dear Director"
    assert entering.entry_of(post) == DIRECTOR
    assert AuditEntry.objects.get(verb="entered target").organization == organization


def test_nobody_else_finds_it(organization, ada, now):
    post = entering.enter(organization=organization, entry=DIRECTOR, by=ada, now=now)

    assert target(post, an_organization("lamp-light"), now) is None
    assert target(post, None, now) is None


def test_two_offices_of_one_name_have_two_keys(organization, ada, now):
    keys = {
        entering.enter(organization=organization, entry=DIRECTOR, by=ada, now=now).key for _each in range(2)
    }

    assert len(keys) == 2
    assert Dataset.objects.filter(by_hand=True).count() == 1


def test_two_organizations_with_long_names_alike_have_lists_of_their_own(ada, now):
    slugs = {
        entering.own_slug(an_organization("a-very-long-name-for-a-group-of-" + end))
        for end in ("people", "friends")
    }

    assert len(slugs) == 2
    assert all(len(slug) <= 40 for slug in slugs)


def test_a_new_holder_is_greeted_by_name_and_the_key_stays(organization, ada, now):
    post = entering.enter(organization=organization, entry=DIRECTOR, by=ada, now=now)
    key = post.key

    later = now + timedelta(days=1)
    entering.amend(
        post=post,
        entry=Entry("Director, Tallow Prison", "Siv Moe", "", "siv@tallow.example.org"),
        by=ada,
        now=later,
    )

    found = finding.target_by_key(key, organization=organization, now=later)
    assert (found.label, found.holder, found.address) == (
        "Director, Tallow Prison",
        "Siv Moe",
        "siv@tallow.example.org",
    )
    assert "Siv Moe" in found.salutation("en")
    assert not Person.objects.filter(name="Odd Lind").exists()


def test_an_office_may_be_vacant_or_without_a_mailbox(organization, ada, now):
    vacant = entering.enter(organization=organization, entry=Entry("Warden"), by=ada, now=now)
    mute = entering.enter(organization=organization, entry=Entry("Clerk", "Ann Oy"), by=ada, now=now)

    assert target(vacant, organization, now).status == "vacant"
    assert target(mute, organization, now).channel == "none"


def test_what_is_no_mailbox_is_refused_and_nothing_is_left(organization, ada, now):
    with pytest.raises(UnfitContact):
        entering.enter(
            organization=organization, entry=Entry("Warden", "Ann Oy", "", "not an address"), by=ada, now=now
        )

    assert not Post.objects.exists()
    assert not AuditEntry.objects.filter(verb="entered target").exists()


def test_a_struck_office_is_gone(organization, ada, now):
    post = entering.enter(organization=organization, entry=DIRECTOR, by=ada, now=now)
    key = post.key

    entering.strike(post=post, by=ada, now=now + timedelta(minutes=1))

    assert finding.target_by_key(key, organization=organization, now=now) is None
    assert AuditEntry.objects.get(verb="struck target").subject_id


def test_a_settled_report_forgets_who_sent_it(organization, ada, now):
    report = report_mistake(
        organization=organization, target_key="exa/x", what="He left.", email="dana@example.net", now=now
    )

    assert settling.settle(report=report, by=ada, now=now) is True
    assert settling.settle(report=report, by=ada, now=now) is False

    report.refresh_from_db()
    assert (report.email, report.what, report.settled_by) == (None, "He left.", ada)
