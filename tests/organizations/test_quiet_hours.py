"""Hours in which nothing that is sent to many leaves, by a clock on a wall."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from django.db import IntegrityError

from amparo.organizations import quiet_hours
from amparo.organizations.models import Organization
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db


def at(hour, minute=0, *, month=11, day=22):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def berlin():
    return an_organization(time_zone="Europe/Berlin", quiet_from=time(22), quiet_until=time(8))


@pytest.mark.parametrize(
    ("moment", "over"),
    [
        (at(20, 59), None),
        (at(21, 0), at(7, 0, day=23)),
        (at(23, 30), at(7, 0, day=23)),
        (at(6, 59), at(7, 0)),
        (at(7, 0), None),
        # The night in which clocks go back is an hour longer.
        (at(21, 0, month=10, day=24), at(7, 0, month=10, day=25)),
        (at(21, 0, month=3, day=28), at(6, 0, month=3, day=29)),
    ],
)
def test_a_night_ends_in_the_morning(berlin, moment, over):
    assert quiet_hours.over_at(berlin, at=moment) == over
    assert quiet_hours.is_quiet(berlin, at=moment) == (over is not None)


def test_a_quiet_stretch_of_the_day(berlin):
    berlin.quiet_from, berlin.quiet_until = time(12), time(14)
    assert quiet_hours.over_at(berlin, at=at(11, 30)) == at(13)
    assert not quiet_hours.is_quiet(berlin, at=at(13))


def test_without_quiet_hours_nothing_is_quiet():
    assert quiet_hours.over_at(an_organization(), at=at(3)) is None
    assert quiet_hours.quiet_now(now=at(3)) == {}


def test_who_is_quiet_where(berlin):
    zones = ["Asia/Tokyo", "America/New_York"]
    assert quiet_hours.quiet_now(now=at(12), zones=zones) == {berlin: ["America/New_York"]}
    assert quiet_hours.quiet_now(now=at(14), zones=zones) == {berlin: ["Asia/Tokyo"]}
    assert quiet_hours.quiet_now(now=at(5), zones=zones) == {berlin: ["", "America/New_York"]}


def test_a_zone_that_nobody_knows_is_the_organizations(berlin):
    assert str(quiet_hours.clock(berlin, "Moon/Sea")) == "Europe/Berlin"


@pytest.mark.parametrize("hours", [{"quiet_until": None}, {"quiet_until": time(22)}])
def test_half_of_quiet_hours_is_refused(berlin, hours):
    with pytest.raises(IntegrityError):
        Organization.objects.update(**hours)
