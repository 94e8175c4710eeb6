"""Days that are known only in part: 2015, October 2015, 12 October 2015, as prefixes of ISO 8601.

Most of what a case register holds is dated like that. A part date stands for a span of days; two of them compare by
their first days, and are compared as unclear where the spans overlap.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import formats, translation
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from typing import Any

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class NotADate(Refusal):
    sentence = _("Write a day as 2015-10-12, a month as 2015-10 or a year as 2015.")


@dataclass(frozen=True, slots=True)
class PartDate:
    """A year, a month or a day."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def first(self) -> date:
        """The earliest day it can be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """The latest day it can be."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def is_exact(self) -> bool:
        return self.day is not None

    def surely_before(self, other: PartDate) -> bool:
        """Whether every day it can be lies before every day the other can be."""
        return self.last < other.first

    def __str__(self) -> str:
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)

    def in_words(self, *, language: str) -> str:
        """As a person writes it: 12 October 2015, October 2015, 2015."""
        with translation.override(language):
            if self.day is not None:
                return formats.date_format(self.first, "j F Y")
            return formats.date_format(self.first, "F Y") if self.month else str(self.year)


def parse(text: str) -> PartDate:
    """The part date in `text`. Raises `NotADate`."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise NotADate
    year, month, day = (int(part) if part else None for part in found.groups())
    part_date = PartDate(year or 0, month, day)
    try:
        part_date.first  # noqa: B018 - there is no 30 February
    except ValueError:
        raise NotADate from None
    return part_date


def of_day(day: date) -> PartDate:
    """An exact day."""
    return PartDate(day.year, day.month, day.day)


def validate(text: str) -> None:
    """For fields and forms. Raises `ValidationError`."""
    try:
        parse(text)
    except NotADate as refusal:
        raise ValidationError(str(refusal)) from None


class PartDateField(models.CharField):  # type: ignore[type-arg]
    """A part date, kept as its text: it sorts as it should, and no day is made up for it. Empty means not known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
        self.validators.append(validate)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs
