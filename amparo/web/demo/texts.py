"""The demonstration's words, by language, with its days filled in as each language writes them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from string import Template
from typing import Any

from django.utils import formats, translation

DATA = Path(__file__).parent / "data"
#: 4 March 2026, in the month names of each language; Django's own English format is the American one.
WRITTEN_DAY = "j F Y"
#: The site's own language first.
LANGUAGES = ("en", "fr", "ar")


@dataclass(frozen=True, slots=True)
class Days:
    """When things happen in the invented case, so that it is always three weeks before its hearing."""

    today: date

    @property
    def arrested(self) -> date:
        return self.today - timedelta(days=263)

    @property
    def letter(self) -> date:
        """When the letter was written that the page quotes."""
        return self.today - timedelta(days=19)

    @property
    def listed(self) -> date:
        """When the list was published that a figure comes from."""
        return self.today - timedelta(days=40)

    @property
    def hearing(self) -> datetime:
        """Three weeks from now, on a weekday: courts do not sit on Sundays."""
        day = self.today + timedelta(days=21)
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        return datetime.combine(day, time(9, 30), tzinfo=UTC)

    @property
    def last_letter(self) -> datetime:
        """The afternoon before."""
        return self.hearing - timedelta(hours=16)


def read(language: str, days: Days) -> dict[str, Any]:
    """Every text of one language."""
    found = tomllib.loads((DATA / f"{language}.toml").read_text(encoding="utf-8"))
    return filled(found, language, days)


def filled(found: dict[str, Any], language: str, days: Days) -> dict[str, Any]:
    """Texts of one language with the days in them."""
    with translation.override(language):
        values = {
            name: formats.date_format(day, WRITTEN_DAY)
            for name, day in (
                ("arrested", days.arrested),
                ("letter", days.letter),
                ("hearing", days.hearing.date()),
            )
        }
    told: dict[str, Any] = _filled(found, values)
    return told


def _filled(found: Any, values: dict[str, str]) -> Any:
    if isinstance(found, str):
        return Template(found).substitute(values)
    if isinstance(found, list):
        return [_filled(item, values) for item in found]
    return {key: _filled(item, values) for key, item in found.items()}
