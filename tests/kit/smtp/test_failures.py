"""A mail server's words, made fit to keep: short, on one line, and without anybody's address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit.smtp.failures import (
    LONGEST_REASON,
    PermanentFailure,
    TemporaryFailure,
    enhanced_code_in,
    reason_in,
    retry_after_in,
)

HIDE = ("amina.okafor@example.org", "post@campaign.test")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("5.1.1 <amina.okafor@example.org>: user unknown", "<(address)>: user unknown"),
        ("5.1.1 User amina.okafor not here", "User (address) not here"),
        ("AMINA.OKAFOR@EXAMPLE.ORG is over quota", "(address) is over quota"),
        ("see https://help.test/?to=dana%40example.net&c=1", "see https:(address)"),
        ("sender post@campaign.test via mallory@example.net", "sender (address) via (address)"),
        ("first line\n 5.1.1 second\x00line\u2028third", "first line 5.1.1 second line third"),
        ("4.7.1 Greylisted", "Greylisted"),
        ("", ""),
    ],
)
def test_addresses_and_line_breaks_are_taken_out(reply, reason):
    assert reason_in(reply, hide=HIDE) == reason


def test_a_word_that_merely_contains_the_name_is_left_whole():
    assert reason_in("information about info is here", hide=("info@example.org", "")) == (
        "information about (address) is here"
    )


def test_a_long_reason_is_cut():
    reason = reason_in("no " * 500)
    assert len(reason) == LONGEST_REASON
    assert reason.endswith("…")


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_address_survives_whatever_stands_around_it(before, after):
    reason = reason_in(f"{before} amina.okafor@example.org {after}", hide=HIDE)
    assert "amina.okafor" not in reason.lower()
    assert len(reason) <= LONGEST_REASON
    assert len(reason.splitlines()) <= 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("5.1.1 unknown", "5.1.1"),
        ("4.7.500", "4.7.500"),
        ("unknown 5.1.1", None),
        ("3.0.0 odd", None),
        ("", None),
    ],
)
def test_the_enhanced_code_is_what_the_reply_begins_with(reply, code):
    assert enhanced_code_in(reply) == code


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        ("4.2.0 Greylisted, please try again in 300 seconds", 300),
        ("Greylisting in action, try again after 00:05 or in 5 minutes", 300),
        ("Too many messages, retry in 2 hours", 7200),
        ("wait 90s", 90),
        ("try again later", None),
        ("blocked after 3 attempts", None),
        ("port 25 minutes of the meeting", None),
    ],
)
def test_how_long_a_server_asks_us_to_wait(reply, seconds):
    assert retry_after_in(reply) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_failure_reads_as_a_sentence_for_staff():
    failure = PermanentFailure(stage="rcpt", code=550, enhanced_code="5.1.1", reason="user unknown")
    assert str(failure) == "not delivered (rcpt 550 5.1.1): user unknown"
    assert (
        str(TemporaryFailure(stage="connect", reason="refused")) == "not delivered for now (connect): refused"
    )
