"""What a cell says: names, dates, countries, languages, as people and programs write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from amparo.kit import addresses

#: As long as the forms for supporters take them.
LONGEST_NAME = 100
LONGEST_POSTCODE = 20
LONGEST_ADDRESS = 300
LONGEST_TAG = 80
#: Languages whose names of countries and languages are understood in a list.
_READ_IN = ("en", "fr", "ar", "de", "es", "he", "it", "nl", "pt", "tr")
_COUNTRIES_TOO = {"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB", "usa": "US",
                  "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "holland": "NL"}  # fmt: skip
_NUMERIC = re.compile(
    r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?.*"
)
_IPV4 = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_WRITTEN = re.compile(r"(?:(\d{1,2})\.? )?([A-Za-z]{3,9})\.? (?:(\d{1,2}),? )?(\d{4})\b.*")


def name(text: str) -> str:
    return addresses.one_line(text, LONGEST_NAME)


def split_name(whole: str) -> tuple[str, str]:
    """First and last name: what stands after a comma comes first; else the first word is the first name."""
    last, comma, first = whole.partition(",")
    if comma and first.strip():
        return name(first), name(last)
    given, _space, family = whole.strip().partition(" ")
    return name(given), name(family)


@lru_cache(maxsize=512)
def country(text: str) -> str | None:
    """The two letters of ISO 3166 for a country by its code or name; None for what is none."""
    word = text.strip()
    if len(word) == 2 and word.upper() in _codes():
        return word.upper()
    return _country_names().get(word.casefold())


@lru_cache(maxsize=512)
def language(text: str) -> str | None:
    """The code of a language by its code, with or without a region, or by its name; None for what is none."""
    word = text.strip()
    code = re.split(r"[-_]", word)[0].lower()
    if code in _language_codes():
        return code
    return _language_names().get(word.casefold())


@lru_cache(maxsize=4096)
def moment(text: str, *, day_first: bool) -> datetime | None:
    """A date, with its time where it has one; what names no zone is taken as UTC. None for what is no date.

    `day_first` decides about 3/4/2026; 25/4/2026 decides by itself.
    """
    word = text.strip()
    try:
        found = datetime.fromisoformat(word.replace("UTC", "+00:00").replace(" +", "+"))
    except ValueError:
        pass
    else:
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    numeric = _NUMERIC.fullmatch(word)
    try:
        if numeric:
            return _from_numbers(*numeric.groups(), day_first=day_first)
        written = _WRITTEN.fullmatch(word)
        if written:
            before, month, after, year = written.groups()
            return datetime(int(year), _MONTHS[month[:3].lower()], int(before or after or 1), tzinfo=UTC)
    except (ValueError, KeyError):
        pass
    return None


def _from_numbers(
    one: str, two: str, three: str, hour: str | None, minute: str | None, second: str | None, half: str | None,
    *, day_first: bool,
) -> datetime:  # fmt: skip
    if len(one) != 4 and len(three) not in {2, 4}:
        raise ValueError
    first, middle, last = int(one), int(two), int(three)
    if len(one) == 4:
        year, month, day = first, middle, last
    else:
        year = last if last > 99 else 2000 + last if last < 70 else 1900 + last
        if first > 12 or (day_first and middle <= 12):
            day, month = first, middle
        else:
            month, day = first, middle
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    return datetime(year, month, day, hours, int(minute or 0), int(second or 0), tzinfo=UTC)


def day(text: str, *, day_first: bool) -> date | None:
    found = moment(text, day_first=day_first)
    return found.date() if found else None


def without_network_addresses(text: str) -> str:
    """The text without anything that looks like the address of a machine."""
    return " ".join(_IPV6.sub("", _IPV4.sub("", text)).split())


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha())


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    names = {
        called.casefold(): code
        for read_in in reversed(_READ_IN)
        for code, called in Locale(read_in).territories.items()
        if code in _codes()
    }
    return names | _COUNTRIES_TOO


@lru_cache(maxsize=1)
def _language_codes() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    names = {}
    for code in sorted(_language_codes()):
        try:
            own = Locale(code).languages.get(code)
        except UnknownLocaleError:
            own = None
        if own:
            names[own.casefold()] = code
    for read_in in reversed(_READ_IN):
        names |= {
            called.casefold(): code
            for code, called in Locale(read_in).languages.items()
            if code in _language_codes()
        }
    return names
