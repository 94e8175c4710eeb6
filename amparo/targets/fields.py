"""Reading single fields of a source: dates, genders, numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amparo.targets.problems import Place, ProblemLog

#: How sources write what Popolo calls gender. Anything else is kept as the source says it.
GENDERS = {"m": "male", "male": "male", "f": "female", "female": "female"}


def read_date(value: object, *, place: Place, problems: ProblemLog) -> date | None:
    """A day written as 2024-07-04, with or without a time after it; None when there is none.

    Anything else is reported, and counts as not stated.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError:
        problems.error(place, "the date is not one", value)
        return None


def read_gender(value: str) -> str | None:
    """Popolo's word for a gender that the source states; None when it states none."""
    return GENDERS.get(value.strip().lower(), value.strip()) or None


def latest(dates: Iterable[date | None]) -> date | None:
    """The latest of the dates that are stated; None when none is."""
    return max((day for day in dates if day is not None), default=None)


def is_running(start: date | None, end: date | None, *, on: date) -> bool:
    """Whether a spell has begun and not yet ended. The day it ends no longer counts: a successor may start then."""
    return (start is None or start <= on) and (end is None or on < end)


def text_of(value: object) -> str:
    """A text or a number out of JSON or YAML as stripped text; anything else, and nothing, is empty."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def mapping_of(value: object) -> dict[str, Any]:
    """A mapping out of JSON or YAML; empty when it is something else."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """A list out of JSON or YAML; empty when it is something else."""
    return value if isinstance(value, list) else []


def texts_by_key(value: object) -> dict[str, str]:
    """A mapping from texts to texts, as names by language; what is not text is left out."""
    return {key: text_of(text) for key, text in mapping_of(value).items() if text_of(text)}
