"""How often Mallory may knock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit.throttle import Limit, window_end, window_start

NOW = datetime(2026, 3, 2, 9, 41, 7, 250_000, tzinfo=UTC)


def test_an_hour_runs_from_one_full_hour_to_the_next():
    assert window_start(NOW, 3600) == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert window_end(NOW, 3600) == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_a_day_is_the_day_of_utc_wherever_the_moment_was_written_down():
    in_nepal = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert window_start(in_nepal, 86_400) == datetime(2026, 3, 2, tzinfo=UTC)


@given(
    st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(min_value=1, max_value=10_000_000),
)
def test_every_moment_lies_in_its_own_window_and_no_other(moment, seconds):
    start, end = window_start(moment, seconds), window_end(moment, seconds)
    assert start <= moment < end
    assert end - start == timedelta(seconds=seconds)
    assert window_start(end, seconds) == end
    assert window_start(start, seconds) == start


def test_mallory_is_let_in_as_often_as_the_limit_says_and_no_more():
    limit = Limit(name="knocks", count=3, seconds=60)
    assert [limit.allows(taken) for taken in range(5)] == [True, True, True, False, False]


def test_whoever_is_turned_away_learns_when_to_come_back():
    limit = Limit(name="knocks", count=3, seconds=60)
    assert NOW + limit.retry_after(NOW) == datetime(2026, 3, 2, 9, 42, tzinfo=UTC)
    assert limit.retry_after(limit.window(NOW)) == timedelta(seconds=60)


@pytest.mark.parametrize(("name", "count", "seconds"), [("", 1, 1), ("knocks", 0, 60), ("knocks", 1, 0)])
def test_a_limit_that_limits_nothing_or_everything_is_refused(name, count, seconds):
    with pytest.raises(ValueError, match=r"[Ll]imit"):
        Limit(name=name, count=count, seconds=seconds)


def test_a_moment_without_a_time_zone_and_a_window_without_length_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        window_start(NOW.replace(tzinfo=None), 60)
    with pytest.raises(ValueError, match="second"):
        window_start(NOW, 0)
