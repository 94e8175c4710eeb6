"""A column of the register as a cell of a table, and a cell as a column: the same both ways.

Cells are read as people fill them in: choices by their code or by what they are called in any of our languages, days as
far as they are known. What could mean two things is refused with a sentence, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel import Locale
from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from amparo.kit import part_dates
from amparo.kit.part_dates import NotADate, PartDate, PartDateField
from amparo.kit.refusal import Refusal
from amparo.kit.tables.headings import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amparo.cases.models.record import Record

#: 12/10/2015, 12.10.2015, 10/2015 and the like.
_NUMERIC = re.compile(r"(?:(\d{1,2})[./-])?(\d{1,2})[./-](\d{4})")
#: 12 October 2015, October 12, 2015, October 2015.
_WRITTEN = re.compile(r"(?:(\d{1,2})\.? )?([^\W\d_]+)\.?(?: (\d{1,2}),)? (\d{4})")
#: An exact day as a workbook keeps it, at midnight.
_AT_MIDNIGHT = re.compile(r"[T ]00:00(?::00)?")
#: More digits than any column of the register holds are no number of ours.
_PLAIN_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,6})?")
_YES = {"yes", "y", "true", "1", "x", "oui", "vrai", "نعم"}
_NO = {"no", "n", "false", "0", "non", "faux", "لا"}
#: In a list of several texts in one cell.
SEPARATOR = "|"


class BadCell(Refusal):
    """What stands in a cell cannot be what its column holds."""


class AmbiguousDay(BadCell):
    sentence = _(
        "This could be two different days. Write the year first, then the month, then the day: 2015-10-12."
    )


class NoDay(BadCell):
    sentence = _("Write a day as 2015-10-12, a month as 2015-10 or a year as 2015.")


class NotExact(BadCell):
    sentence = _("The whole day is needed here, such as 2015-10-12.")


class NoHour(BadCell):
    sentence = _("Write the hour as 09:30.")


class NotAmongChoices(BadCell):
    sentence = _("This is none of the choices. There are: %(choices)s.")


class NoNumber(BadCell):
    sentence = _(
        "Write a number, with a point before decimals and nothing between thousands, such as 1250.50."
    )


class NotYesOrNo(BadCell):
    sentence = _("Write yes or no.")


class NoState(BadCell):
    sentence = _("Write the country as two letters (ISO 3166), such as FR, or by its name.")


def written(record: Record, column: str) -> str:
    """What a column of this record says in a cell; choices by their code. References are not written here."""
    value = getattr(record, column)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def read(field: Any, text: str) -> Any:
    """What a cell means for this column. Raises `BadCell` and its kin. An empty cell means nothing known."""
    text = text.strip()
    if not text:
        return None if field.null else field.get_default()
    if field.choices:
        return _choice(field, text)
    if holds_part_dates(field):
        return str(part_date(text))
    if isinstance(field, models.DateField):
        return _exact(text)
    if isinstance(field, models.TimeField):
        return _hour(text)
    if isinstance(field, models.BooleanField):
        return _yes_or_no(text)
    if isinstance(field, models.IntegerField | models.DecimalField):
        return _number(field, text)
    if isinstance(field, models.CharField) and field.max_length == 2:
        return _state(text)
    return text


def holds_part_dates(field: Any) -> bool:
    """Whether a column holds days that may be known in part."""
    return isinstance(field, PartDateField) or part_dates.validate in field.validators


def part_date(text: str) -> PartDate:
    """A day as far as it is known, as people write it. Raises `AmbiguousDay` and `NoDay`."""
    word = _AT_MIDNIGHT.sub("", _western(text))
    try:
        return part_dates.parse(word)
    except NotADate:
        pass
    found = _from_numbers(word) or _from_words(word)
    if found is None:
        raise NoDay
    try:
        return part_dates.parse(str(found))
    except (NotADate, ValueError):
        raise NoDay from None


def _from_numbers(word: str) -> PartDate | None:
    match = _NUMERIC.fullmatch(word)
    if match is None:
        return None
    first, second, year = (int(part) if part else None for part in match.groups())
    if first is None or second is None or year is None:
        return PartDate(year or 0, second)
    if first <= 12 and second <= 12 and first != second:
        raise AmbiguousDay
    return PartDate(year, second, first) if second <= 12 else PartDate(year, first, second)


def _from_words(word: str) -> PartDate | None:
    match = _WRITTEN.fullmatch(" ".join(word.split()))
    month = _months().get(match.group(2).casefold()) if match else None
    if match is None or month is None:
        return None
    day = match.group(1) or match.group(3)
    return PartDate(int(match.group(4)), month, int(day) if day else None)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Names of months, long and short, in every language of ours."""
    return {
        name.rstrip(".").casefold(): number
        for code in _languages()
        for width in ("wide", "abbreviated")
        for number, name in Locale.parse(code, sep="-").months["format"][width].items()
    }


def _exact(text: str) -> date:
    found = part_date(text)
    if not found.is_exact:
        raise NotExact
    return found.first


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(_western(text).replace(".", ":").zfill(5))
    except ValueError:
        raise NoHour from None


def _yes_or_no(text: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise NotYesOrNo
    return word in _YES


def _number(field: Any, text: str) -> int | Decimal:
    word = _western(text).replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    if not _PLAIN_NUMBER.fullmatch(word):
        raise NoNumber
    found = Decimal(word)
    if isinstance(field, models.DecimalField):
        return found
    if found != found.to_integral_value():
        raise NoNumber
    return int(found)


def _state(text: str) -> str:
    word = text.strip()
    if len(word) == 2 and word.upper() in _territories():
        return word.upper()
    code = _territory_names().get(word.casefold())
    if code is None:
        raise NoState
    return code


@lru_cache(maxsize=1)
def _territories() -> frozenset[str]:
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha())


@lru_cache(maxsize=1)
def _territory_names() -> dict[str, str]:
    return {
        name.casefold(): code
        for language in _languages()
        for code, name in Locale.parse(language, sep="-").territories.items()
        if code in _territories()
    }


def _choice(field: Any, text: str) -> str:
    """By its code, or by what it is called in one language of ours, and no other choice in another."""
    codes = [str(code) for code, _label in field.flatchoices]
    if text in codes:
        return text
    asked = key_of(text)
    meant = {code for code, names in names_of_choices(field).items() if asked in map(key_of, (code, *names))}
    if len(meant) != 1:
        labels = ", ".join(str(label) for code, label in field.flatchoices if code != "")
        raise NotAmongChoices(choices=labels)
    return meant.pop()


def names_of_choices(field: Any) -> dict[str, list[str]]:
    """What each choice is called, in every language of ours."""
    found: dict[str, list[str]] = {}
    for code, label in field.flatchoices:
        found[str(code)] = in_every_language(label)
    return found


def in_every_language(text: Any) -> list[str]:
    """What is called so, in every language of ours, each once; English first."""
    said = []
    for code in _languages():
        with translation.override(code):
            said.append(str(text))
    return list(dict.fromkeys(said))


def _languages() -> Iterable[str]:
    codes = [code for code, _name in settings.LANGUAGES]
    return sorted(codes, key=lambda code: code != "en")


def _western(text: str) -> str:
    """The same with digits of any script as 0 to 9."""
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in text.strip())
