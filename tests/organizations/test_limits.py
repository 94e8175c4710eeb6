"""Caps at the doors hold over processes, and keep no address of anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.kit import proof_of_work
from amparo.kit.throttle import Limit
from amparo.organizations import limits
from amparo.organizations.models import AttemptCount

pytestmark = pytest.mark.django_db
THREE_AN_HOUR = Limit("a-test", count=3, seconds=3600)


def test_the_fourth_in_an_hour_is_refused_and_the_next_hour_is_another(now):
    outcomes = [limits.allow(THREE_AN_HOUR, value="192.0.2.1", now=now) for _try in range(4)]

    assert outcomes == [True, True, True, False]
    assert limits.allow(THREE_AN_HOUR, value="192.0.2.1", now=now + timedelta(hours=1))


def test_one_network_does_not_use_up_anothers(now):
    for _try in range(3):
        limits.allow(THREE_AN_HOUR, value="192.0.2.1", now=now)

    assert limits.allow(THREE_AN_HOUR, value="192.0.2.2", now=now)


def test_no_address_is_stored_and_tomorrows_mark_is_another(now):
    limits.allow(THREE_AN_HOUR, value="192.0.2.1", now=now)
    limits.allow(THREE_AN_HOUR, value="192.0.2.1", now=now + timedelta(days=1))

    marks = [bytes(mark) for mark in AttemptCount.objects.values_list("mark", flat=True)]
    assert len(set(marks)) == 2
    assert all(b"192.0.2.1" not in mark for mark in marks)


def test_old_counts_are_forgotten(now):
    limits.allow(THREE_AN_HOUR, value="192.0.2.1", now=now)

    assert limits.forget_old(now=now + timedelta(days=1)) == 0
    assert limits.forget_old(now=now + timedelta(days=3)) == 1


def test_a_solved_proof_is_good_once(now, monkeypatch):
    monkeypatch.setattr(
        proof_of_work, "check", lambda payload, now: "challenge-1" if payload == "solved" else None
    )

    assert [limits.spend_proof("solved", now=now) for _try in range(3)] == [True, False, False]
    assert not limits.spend_proof("not solved", now=now)
