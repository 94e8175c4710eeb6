"""Send a mailing at an hour of the day where each reader is: who lives by which clock, and when their turn comes.

The time zone comes from a supporter's area or country (`supporters.time_zones`); who lives nobody knows where goes by
the organization's. An hour that a clock skips in spring comes an hour later, and of one that comes twice in autumn the
first counts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Case, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Substr

from amparo.mailings import audience
from amparo.mailings.models.audience_chunk import ID_BYTES, Octets
from amparo.organizations.quiet_hours import clock
from amparo.supporters import time_zones

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

    from django.db.models import QuerySet

    from amparo.mailings.models import Mailing
    from amparo.organizations.models import Organization
    from amparo.supporters.models import SupporterQuerySet

#: The place of those who go by the organization's clock: a time zone without a name.
OWN = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """Readers who live by one clock, and the moment at which theirs shows the hour."""

    zone: str
    at: datetime
    people: int
    #: Where they live: country, and the beginnings of areas in it.
    places: Sequence[tuple[str, str]] = ()


def moment(*, day: date, hour: time, organization: Organization, zone: str) -> datetime:
    """When it is that hour of that day there."""
    return datetime.combine(day, hour, clock(organization, zone)).astimezone(UTC)


def turns(*, organization: Organization, people: SupporterQuerySet, day: date, hour: time) -> list[Turn]:
    """The turns of these people, the earliest first, and of those that come at once in the order of their names."""
    numbers: dict[str, int] = defaultdict(int)
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for country, begins, found_zone, number in time_zones.places_of(people):
        zone = OWN if found_zone == organization.time_zone else found_zone
        numbers[zone] += number
        places[zone].append((country, begins))
    found = [
        Turn(
            zone,
            moment(day=day, hour=hour, organization=organization, zone=zone),
            number,
            places[zone] if zone != OWN else (),
        )
        for zone, number in numbers.items()
    ]
    return sorted(found, key=lambda turn: (turn.at, turn.zone))


def turns_of(mailing: Mailing, *, day: date, hour: time, now: datetime) -> list[Turn]:
    """The turns of those who would get a mailing now."""
    people = audience.chosen(mailing=mailing, now=now)
    return turns(organization=mailing.organization, people=people, day=day, hour=hour)


def begins(mailing: Mailing, *, day: date, hour: time, now: datetime, otherwise: datetime) -> datetime:
    """When the first of those who would get it now have that hour; `otherwise` where nobody would."""
    return min((turn.at for turn in turns_of(mailing, day=day, hour=hour, now=now)), default=otherwise)


def turns_to_freeze(mailing: Mailing, *, people: SupporterQuerySet) -> list[Turn]:
    """The turns of those who are about to be frozen; none where everybody gets it at once.

    The organization's own is always among them, for whoever is met that was not there a moment ago.
    """
    if mailing.local_day is None or mailing.local_hour is None:
        return []
    organization, day, hour = mailing.organization, mailing.local_day, mailing.local_hour
    found = turns(organization=organization, people=people, day=day, hour=hour)
    if all(turn.zone != OWN for turn in found):
        at = moment(day=day, hour=hour, organization=organization, zone=OWN)
        found.append(Turn(OWN, at, 0))
    return found


def with_turns(people: SupporterQuerySet, found: Sequence[Turn]) -> QuerySet[Any, Any]:
    """The ids of the same people, each with the number of their turn in `found` as `slot`."""
    own = next(at for at, turn in enumerate(found) if turn.zone == OWN)
    cases = [When(_lives_in(turn.places), then=Value(at)) for at, turn in enumerate(found) if turn.places]
    slot: Any = Case(*cases, default=Value(own), output_field=IntegerField()) if cases else Value(own)
    begins = Substr("area", 1, time_zones.AREA_LETTERS)
    return people.annotate(area_begins=begins).annotate(slot=slot).values("id", "slot")


def of_frozen(mailing: Mailing) -> list[Turn]:
    """The turns of a frozen audience."""
    rows = (
        mailing.chunks.filter(not_before__isnull=False)
        .order_by()
        .values("not_before", "zone")
        .annotate(octets=Sum(Octets("ids")))
        .order_by("not_before", "zone")
    )
    return [
        Turn(row["zone"], row["not_before"], row["octets"] // ID_BYTES) for row in rows if row["not_before"]
    ]


def _lives_in(places: Sequence[tuple[str, str]]) -> Q:
    by_country: dict[str, list[str]] = defaultdict(list)
    for country, begins in places:
        by_country[country].append(begins)
    found = Q(pk__in=[])
    for country, several in by_country.items():
        found |= Q(country=country, area_begins__in=several)
    return found
