"""Supporters who do not exist, in twelve scripts and languages, by the hundred thousand.

Words come from Faker's vocabularies and are drawn once for each language; people are made of them by a seeded
chance, so that the same seed makes the same people. Addresses end in supporters.example.net, telephone numbers come
from ranges that are kept for fiction (Ofcom's 01632 960000 and what NANPA calls 555-01xx).

`people()` makes them one by one; `csv_rows()` and `write_csv()` make a list as groups hand lists on.
"""

from __future__ import annotations

import csv
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from faker import Faker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Faker's locale, the country, the language, how many of a hundred.
PLACES = (
    ("en_GB", "GB", "en", 40),
    ("en_US", "US", "en", 8),
    ("fr_FR", "FR", "fr", 12),
    ("de_DE", "DE", "de", 8),
    ("ar_AA", "EG", "ar", 8),
    ("fa_IR", "IR", "fa", 5),
    ("he_IL", "IL", "he", 3),
    ("ru_RU", "RU", "ru", 4),
    ("es_MX", "MX", "es", 4),
    ("hi_IN", "IN", "hi", 3),
    ("zh_TW", "TW", "zh", 3),
    ("ja_JP", "JP", "ja", 2),
)
WORDS = 400
#: The moment up to which people joined, as in the tests.
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
YEARS = 6
HEADER = [
    "given_name",
    "family_name",
    "email",
    "phone",
    "postal_code",
    "address",
    "country",
    "language",
    "area",
    "tags",
    "joined",
]
TAGS = ("donor", "volunteer", "press list", "member", "speaker", "street team", "translator", "lawyer")


@dataclass(frozen=True, slots=True)
class Invented:
    """One supporter as a list has them."""

    id: uuid.UUID
    given_name: str
    family_name: str
    email: str
    phone: str
    postal_code: str
    postal_address: str
    country: str
    language: str
    area: str
    tags: tuple[str, ...]
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of one place to make people of."""

    given: list[str]
    family: list[str]
    streets: list[str]
    postcodes: list[str]


@cache
def vocabulary(locale: str) -> Vocabulary:
    """Drawn once for each place, always the same."""
    fake = Faker(locale)
    fake.seed_instance(locale)
    postcode = getattr(fake, "postcode", None) or (lambda: fake.numerify("#####"))
    return Vocabulary(
        given=[fake.first_name() for _ in range(WORDS)],
        family=[fake.last_name() for _ in range(WORDS)],
        streets=[fake.street_address().replace("\n", ", ") for _ in range(WORDS)],
        postcodes=[postcode() for _ in range(WORDS)],
    )


def people(number: int, *, seed: int = 1) -> Iterator[Invented]:
    """That many supporters, in the order in which they joined over six years, more of them lately."""
    chance = random.Random(seed)
    places = chance.choices(PLACES, weights=[place[3] for place in PLACES], k=number)
    span = timedelta(days=365 * YEARS).total_seconds()
    for at, (locale, country, language, _share) in enumerate(places):
        words = vocabulary(locale)
        joined_at = NOW - timedelta(seconds=span * (1 - ((at + 0.5) / number) ** 0.5))
        yield Invented(
            id=id_of(joined_at, chance),
            given_name=chance.choice(words.given),
            family_name=chance.choice(words.family),
            email=f"{language}.{seed}.{at:07}@supporters.example.net",
            phone=_phone(country, at) if at % 4 == 0 else "",
            postal_code=chance.choice(words.postcodes),
            postal_address=f"{chance.choice(words.streets)}, {chance.choice(words.family)}",
            country=country,
            language=language,
            area=_area(country, chance),
            tags=tuple(tag for tag in TAGS if chance.random() < 0.1),
            joined_at=joined_at,
        )


def id_of(moment: datetime, chance: random.Random) -> uuid.UUID:
    """A UUIDv7 (RFC 9562) as it would have been made at that moment."""
    milliseconds = int(moment.timestamp() * 1000)
    value = milliseconds << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62 | chance.getrandbits(62)
    return uuid.UUID(int=value)


def csv_rows(number: int, *, seed: int = 1) -> Iterator[list[str]]:
    """The same people as rows of a list, without the row of column names, which is `HEADER`."""
    for each in people(number, seed=seed):
        yield [
            each.given_name,
            each.family_name,
            each.email,
            each.phone,
            each.postal_code,
            each.postal_address,
            each.country,
            each.language,
            each.area,
            "; ".join(each.tags),
            each.joined_at.date().isoformat(),
        ]


def write_csv(path: Path, *, number: int, seed: int = 1) -> None:
    """A list as a file: UTF-8, comma, one row of names first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(csv_rows(number, seed=seed))


def _phone(country: str, at: int) -> str:
    return f"+4416329600{at % 100:02}" if country != "US" else f"+1201555010{at % 10}"


def _area(country: str, chance: random.Random) -> str:
    if country == "GB":
        return f"uk/E14001{chance.randrange(1, 651):03}" if chance.random() < 0.9 else ""
    if country == "US":
        return f"us/ny-{chance.randrange(1, 27):02}"
    return ""
