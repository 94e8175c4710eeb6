"""When a letter that was put off is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from amparo.kit.retry import LONGEST_ASKED, LONGEST_WAIT, next_attempt

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 1), (2, 2), (3, 4), (7, 64), (8, 120), (9, 120), (10_000, 120)],
)
def test_each_wait_is_twice_the_one_before_up_to_two_hours(attempts, minutes):
    assert next_attempt(attempts, now=NOW, jitter=0) == NOW + timedelta(minutes=minutes)


def test_jitter_lengthens_a_wait_by_up_to_a_fifth_and_never_shortens_it():
    waits = [next_attempt(4, now=NOW, jitter=share) - NOW for share in (0, 0.5, 1)]
    assert waits == [timedelta(seconds=480), timedelta(seconds=528), timedelta(seconds=576)]


def test_a_server_that_asks_for_patience_gets_it():
    assert next_attempt(1, now=NOW, retry_after=timedelta(minutes=15), jitter=0) == NOW + timedelta(
        minutes=15
    )


def test_a_server_that_asks_for_less_than_our_own_patience_does_not_hurry_us():
    assert next_attempt(5, now=NOW, retry_after=timedelta(seconds=1), jitter=0) == NOW + timedelta(minutes=16)


def test_a_server_that_asks_for_a_week_is_not_believed():
    assert next_attempt(1, now=NOW, retry_after=timedelta(days=7), jitter=0) == NOW + LONGEST_ASKED


def test_an_outage_of_a_day_ends_within_two_hours_for_a_message_that_waited_through_it():
    moment, attempts = NOW, 1
    while moment < NOW + timedelta(days=1):
        moment = next_attempt(attempts, now=moment, jitter=0.3)
        attempts += 1
    assert moment - (NOW + timedelta(days=1)) <= LONGEST_WAIT * 1.2
    assert attempts < 25


@pytest.mark.parametrize(("attempts", "jitter"), [(0, 0.5), (-1, 0.5), (1, -0.1), (1, 1.01)])
def test_nonsense_is_refused(attempts, jitter):
    with pytest.raises(ValueError, match=r"attempt|Jitter"):
        next_attempt(attempts, now=NOW, jitter=jitter)
