"""Nine in the morning where each reader is: whose clock counts, and when their turn comes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from amparo.mailings import freezing, local_hours
from amparo.mailings.models import AudienceChunk
from amparo.mailings.progress import progress
from amparo.organizations import quiet_hours
from amparo.organizations.models import Organization
from amparo.supporters import time_zones
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db

NINE = {"local_day": date(2026, 11, 23), "local_hour": time(9)}


@pytest.fixture
def doors():
    return an_organization(time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("country", "area", "zone"),
    [
        ("GB", "", "Europe/London"),
        ("gb", "uk/E14001063", "Europe/London"),
        ("", "uk/S14000001", "Europe/London"),
        ("US", "", "America/New_York"),
        ("US", "us/CA-14", "America/Los_Angeles"),
        ("", "us/HI", "Pacific/Honolulu"),
        ("CA", "ca/59034", "America/Vancouver"),
        ("AU", "", "Australia/Sydney"),
        ("FR", "exa/NM", "Europe/Paris"),
        ("", "exa/NM", ""),
        ("XX", "", ""),
        ("", "", ""),
    ],
)
def test_the_clock_of_a_place(country, area, zone):
    assert time_zones.zone_of(country=country, area=area) == zone


def test_every_zone_of_the_table_is_known_to_the_machine(doors):
    assert {str(quiet_hours.clock(doors, zone)) for zone in time_zones.every()} == time_zones.every()


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        (date(2026, 3, 28), time(9), datetime(2026, 3, 28, 9, tzinfo=UTC)),
        (date(2026, 3, 29), time(9), datetime(2026, 3, 29, 8, tzinfo=UTC)),
        # The clock skips from one to two: half past one comes as half past two.
        (date(2026, 3, 29), time(1, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # It comes twice: the first counts.
        (date(2026, 10, 25), time(1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_summer_time(doors, day, hour, utc):
    assert local_hours.moment(day=day, hour=hour, organization=doors, zone="Europe/London") == utc


def test_a_chunk_has_one_hour_and_the_sums_hold(doors, now, monkeypatch):
    for engine, statement in freezing._INSERT.items():
        monkeypatch.setitem(freezing._INSERT, engine, statement.replace("/ 500", "/ 2"))
    for number, (country, area) in enumerate(
        [("GB", ""), ("GB", ""), ("GB", ""), ("JP", ""), ("US", "us/CA-14"), ("", "")]
    ):
        a_reader(doors, f"Reader{number}", country=country, area=area)
    mailing = frozen(a_mailing(doors, variant_shares={"a": 100}, **NINE))

    found = [
        (chunk.number, chunk.zone, chunk.not_before.hour, len(chunk.people), bytes(chunk.variants))
        for chunk in mailing.chunks.order_by("number")
    ]
    assert found == [
        (0, "Asia/Tokyo", 0, 1, b"a"),
        (1, "", 8, 1, b"a"),
        (2, "Europe/London", 9, 2, b"aa"),
        (3, "Europe/London", 9, 1, b"a"),
        (4, "America/Los_Angeles", 17, 1, b"a"),
    ]
    everybody = [person for chunk in mailing.chunks.all() for person in chunk.people]
    assert len(everybody) == len(set(everybody)) == 6
    assert progress(mailing).by_outcome == {"queued": 6}
    assert [(turn.zone, turn.people) for turn in local_hours.of_frozen(mailing)] == [
        ("Asia/Tokyo", 1), ("", 1), ("Europe/London", 3), ("America/Los_Angeles", 1),
    ]  # fmt: skip


def test_only_chunks_whose_hour_has_come_are_taken(doors, now):
    a_reader(doors, "Suzie", country="GB")
    a_reader(doors, "Haru", country="JP")
    frozen(a_mailing(doors, **NINE))
    at = datetime(2026, 11, 23, tzinfo=UTC)
    for hours, zones in (
        (-0.1, []), (0, ["Asia/Tokyo"]), (8.9, ["Asia/Tokyo"]), (9, ["Asia/Tokyo", "Europe/London"]),
    ):  # fmt: skip
        due = AudienceChunk.objects.sendable(now=at + timedelta(hours=hours)).order_by("number")
        assert [chunk.zone for chunk in due] == zones


def test_who_lives_by_the_organizations_clock_is_in_its_turn(doors, now):
    a_reader(doors, "Emil", country="DE")
    a_reader(doors, "Suzie", country="")
    mailing = frozen(a_mailing(doors, **NINE))
    assert [(turn.zone, turn.people) for turn in local_hours.of_frozen(mailing)] == [("", 2)]


def test_who_joins_late_has_a_turn_too(doors, now):
    a_reader(doors, "Suzie", country="GB")
    mailing = frozen(a_mailing(doors, **NINE))
    a_reader(doors, "Haru", country="JP")
    freezing.add_late_joiners(mailing=mailing, by=None, now=now)
    assert [(chunk.snapshot, chunk.zone) for chunk in mailing.chunks.order_by("pk")] == [
        (1, "Europe/London"),
        (2, "Asia/Tokyo"),
    ]


def test_readers_quiet_hours_go_by_their_own_clock(doors, now):
    """What is late, at a slow pace, waits for the next morning of those who read it."""
    Organization.objects.update(quiet_from=time(21), quiet_until=time(8))
    a_reader(doors, "Suzie", country="GB")
    a_reader(doors, "Haru", country="JP")
    frozen(a_mailing(doors, **NINE))
    midnight_in_japan = datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert [chunk.zone for chunk in AudienceChunk.objects.sendable(now=midnight_in_japan)] == [
        "Europe/London"
    ]
