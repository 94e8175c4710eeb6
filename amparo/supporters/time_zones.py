"""Which clock a supporter lives by, as far as their country or their area says (`time_zones.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from django.db.models import Count, F
from django.db.models.functions import Substr

if TYPE_CHECKING:
    from amparo.supporters.models import SupporterQuerySet

#: Letters of an area's key that may say more than the country: “us/CA”, “ca/59”.
AREA_LETTERS = 5


def zone_of(*, country: str, area: str) -> str:
    """The time zone of somebody who lives there; empty where that is not known."""
    countries, areas = _known()
    register, slash, _code = area.partition("/")
    return (
        areas.get(area[:AREA_LETTERS]) or countries.get(country.upper()) or areas.get(register + slash) or ""
    )


def every() -> frozenset[str]:
    """Every time zone that `zone_of` may name."""
    countries, areas = _known()
    return frozenset(countries.values()) | frozenset(areas.values())


def places_of(people: SupporterQuerySet) -> list[tuple[str, str, str, int]]:
    """Where these people live: country, beginning of the area, time zone, and how many of them; asked once for all."""
    rows = (
        people.order_by()
        .annotate(area_begins=Substr("area", 1, AREA_LETTERS))
        .values("country", "area_begins")
        .annotate(number=Count("pk"))
        .order_by("country", "area_begins")
        .values_list("country", F("area_begins"), "number")
    )
    return [
        (country, begins, zone_of(country=country, area=begins), number) for country, begins, number in rows
    ]


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    text = resources.files(__package__).joinpath("time_zones.toml").read_text("utf-8")
    found = tomllib.loads(text)
    return found["countries"], found["areas"]
