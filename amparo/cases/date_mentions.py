"""Days that a text names near a hearing, in English, French and Arabic, to be held against the record."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Locales whose names of months and weekdays are read: the Levant and the Maghreb have months of their own.
LOCALES = ("en", "fr", "ar", "ar_LB", "ar_DZ", "ar_MA")
_HEARING = re.compile(r"\b(?:hearings?|court date|audiences?)\b|جلس(?:ة|ات|ته|تها)", re.IGNORECASE)
#: Letters between the word and the day, within one sentence.
NEAR = 80
_SENTENCES = re.compile(r"(?<=[.!?؟])\s+(?=\D)|\n+")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


@dataclass(frozen=True, slots=True)
class Mention:
    """A day as a text has it; the year and the weekday only where it says them (Monday is 0)."""

    said: str
    day: int
    month: int
    year: int | None = None
    weekday: int | None = None

    def is_on(self, day: date) -> bool:
        """Whether it names this day."""
        return (self.day, self.month) == (day.day, day.month) and self.year in {None, day.year}

    def is_another_weekday(self, day: date) -> bool:
        return self.weekday is not None and self.weekday != day.weekday()

    def coming(self, *, today: date) -> date | None:
        """The day that a reader takes it for: in its year, else the next of that name; None for 30 February."""
        years = [self.year] if self.year else [today.year, today.year + 1]
        for year in years:
            with suppress(ValueError):
                found = date(year, self.month, self.day)
                if self.year or found >= today:
                    return found
        return None


def near_a_hearing(text: str) -> list[Mention]:
    """The days that are named near the word for a hearing."""
    found: dict[str, Mention] = {}
    for sentence in _SENTENCES.split(text):
        places = [match.span() for match in _HEARING.finditer(sentence)]
        if not places:
            continue
        for start, end, mention in _mentions(sentence):
            if any(start - after <= NEAR and before - end <= NEAR for before, after in places):
                found[mention.said] = mention
    return list(found.values())


def unlike(mention: Mention, *, coming: Iterable[date], past: Iterable[date], today: date) -> bool:
    """Whether a day named near a hearing is none of the record's.

    `coming` are the hearings that are to be held, `past` those that were held. A day in the past that is not on record
    may be an older hearing: nothing is said of it. Where no hearing is to be held, there is nothing to hold it against.
    """
    days = list(coming)
    for day in [*days, *past]:
        if mention.is_on(day):
            return mention.is_another_weekday(day)
    meant = mention.coming(today=today)
    return bool(days) and meant is not None and meant >= today


def _mentions(sentence: str) -> Iterable[tuple[int, int, Mention]]:
    for match in _ISO.finditer(sentence):
        year, month, day = (int(part) for part in match.groups())
        yield match.start(), match.end(), Mention(match.group(0), day, month, year)
    months, weekdays, pattern = _calendar()
    for match in pattern.finditer(sentence):
        name = (match.group("month") or match.group("first_month")).casefold()
        day = int(match.group("day") or match.group("first_day"))
        in_year = match.group("year")
        weekday = match.group("weekday")
        yield (
            match.start(),
            match.end(),
            Mention(
                match.group(0).strip(),
                day,
                months[name],
                int(in_year) if in_year else None,
                weekdays[weekday.casefold()] if weekday else None,
            ),
        )


@cache
def _calendar() -> tuple[dict[str, int], dict[str, int], re.Pattern[str]]:
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for name in LOCALES:
        locale = Locale.parse(name)
        months |= {text.casefold(): number for number, text in locale.months["format"]["wide"].items()}
        weekdays |= {text.casefold(): number for number, text in locale.days["format"]["wide"].items()}
    month, weekday = (
        "|".join(re.escape(text) for text in sorted(each, key=len, reverse=True))
        for each in (months, weekdays)
    )
    pattern = re.compile(
        rf"(?:(?P<weekday>{weekday}),?\s+(?:the\s+|le\s+)?)?"
        rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?\s+(?:of\s+|de\s+|من\s+)?(?P<month>{month})"
        rf"|(?P<first_month>{month})\s+(?P<first_day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))"
        rf"(?:,?\s+(?P<year>\d{{4}}))?(?!\d)",
        re.IGNORECASE,
    )
    return months, weekdays, pattern
