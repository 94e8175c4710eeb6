"""How an hour is said: the day plainly, what is left and when that was counted, on the clock of the place."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.utils import translation

from amparo.actions import hours
from amparo.actions.models import EmailTargetPage
from amparo.cases.models import Hearing
from amparo.organizations.models import Organization

# A page that is not stored asks for its type.
pytestmark = pytest.mark.django_db
HEARING = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def a_page(deadline=HEARING, *, zone="", own="UTC"):
    page = EmailTargetPage(deadline=deadline, deadline_label="The court sits", hour_zone=zone)
    page.organization = Organization(time_zone=own)
    return page


@pytest.mark.parametrize(
    ("before", "left"),
    [
        (timedelta(days=9), "9 days left"),
        (timedelta(hours=48, minutes=1), "2 days left"),
        (timedelta(hours=47, minutes=59), "47 hours left"),
        (timedelta(hours=1), "1 hour left"),
        (timedelta(minutes=59), "less than an hour left"),
        (timedelta(0), ""),
        (-timedelta(days=1), ""),
    ],
)
def test_what_is_left(before, left):
    hour = hours.hour_of(a_page(), now=HEARING - before)
    assert hour.left == left
    assert hour.has_passed is (before <= timedelta(0))
    assert bool(hour.counted) is bool(left), (
        "a number never stands without the moment at which it was counted"
    )


def test_it_says_when_it_was_counted():
    assert hours.hour_of(a_page(), now=HEARING - timedelta(days=9)).counted == "22 November 2026"
    assert hours.hour_of(a_page(), now=HEARING - timedelta(hours=3)).counted == "1 December 2026, 06:30"


def test_days_are_those_of_the_place_where_it_happens():
    late_evening = datetime(2026, 11, 30, 22, 0, tzinfo=UTC)
    page = a_page(datetime(2026, 12, 1, 20, 30, tzinfo=UTC), zone="Asia/Tehran")
    hour = hours.hour_of(page, now=late_evening - timedelta(days=3))
    assert (hour.day, hour.clock, hour.place) == (date(2026, 12, 2), "", "Tehran")
    assert hour.left == "4 days left", "there it is the 28th already"


def test_where_only_the_day_is_known_hours_are_not_counted():
    page = a_page(datetime(2026, 12, 1, tzinfo=UTC))
    assert hours.hour_of(page, now=datetime(2026, 11, 30, 18, tzinfo=UTC)).left == "1 day left"


def test_in_arabic_the_unit_is_that_of_the_number():
    with translation.override("ar"):
        left = [hours.left_words("day", number) for number in (2, 3, 11)]
    assert len(set(left)) == 3
    assert "يومان" in left[0] or "يومين" in left[0]


def a_hearing(day=1, *, hour=time(9, 30), status="scheduled", to=None, zone="Asia/Tehran"):
    return SimpleNamespace(
        day=date(2026, 12, day),
        hour=hour,
        time_zone=zone,
        status=status,
        postponed_to=to,
        Status=Hearing.Status,
    )


def test_a_hearing_is_followed_through_every_postponement():
    third = a_hearing(20)
    second = a_hearing(10, status="postponed", to=third)
    standing = hours.standing_of(a_hearing(1, status="postponed", to=second))
    assert standing.moment == datetime(2026, 12, 20, 6, 0, tzinfo=UTC)


def test_a_hearing_that_is_postponed_to_itself_ends():
    hearing = a_hearing(1, status="postponed")
    hearing.postponed_to = hearing
    assert hours.standing_of(hearing).moment is None


@pytest.mark.parametrize("status", ["postponed", "cancelled"])
def test_without_a_new_day_there_is_no_moment(status):
    assert hours.standing_of(a_hearing(status=status)).moment is None


def test_what_comes_before_the_hour_moves_with_it():
    page = a_page()
    page.followed_at, page.hard_stop = HEARING, HEARING - timedelta(hours=16)
    page.bundle_at = HEARING - timedelta(hours=20)
    later = HEARING + timedelta(days=10)
    hours.move(page, to=later, zone="UTC")
    assert (page.deadline, page.hard_stop, page.bundle_at) == (
        later,
        later - timedelta(hours=16),
        later - timedelta(hours=20),
    )


def test_while_no_day_is_known_letters_still_stop_and_later_move_by_the_whole_way():
    page = a_page()
    page.followed_at, page.hard_stop = HEARING, HEARING - timedelta(hours=16)
    hours.move(page, to=None, zone="UTC")
    assert (page.deadline, page.hard_stop) == (None, HEARING - timedelta(hours=16))
    later = HEARING + timedelta(days=30)
    hours.move(page, to=later, zone="UTC")
    assert page.hard_stop == later - timedelta(hours=16)
