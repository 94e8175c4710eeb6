"""The timeline as a picture: bars for time in custody and for how somebody was held, on one axis of years.

Only geometry is worked out here, in hundredths of the width; the template draws it as SVG, with a table underneath that
says the same in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from amparo.kit import part_dates

if TYPE_CHECKING:
    from amparo.cases.public_view import PublicCase, PublicRecord

#: The picture's width in its own units.
WIDTH = 1000
#: A bar is never thinner than this, so that a day is seen among years.
THINNEST = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One span on the axis."""

    left: int
    width: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A year on the axis."""

    at: int
    year: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything to draw; `marks` are days of hearings."""

    held: list[Bar]
    solitary: list[Bar]
    marks: list[int]
    ticks: list[Tick]


def timeline(case: PublicCase, *, today: date) -> Timeline | None:
    """The picture of a case; None where no public day would be in it."""
    spells = [record for record in case.of("CustodySpell") if record["began"]]
    solitary = [record for record in case.of("Condition") if record["kind"] == "solitary" and record["began"]]
    hearings = [record["day"] for record in case.of("Hearing") if record["day"]]
    if not spells:
        return None
    begins = [part_dates.parse(record["began"]).first for record in [*spells, *solitary]]
    first = min(begins)
    last = max([today, *hearings]) + timedelta(days=1)
    scale = _Scale(first, last)
    return Timeline(
        held=[scale.bar(record, today=today) for record in spells],
        solitary=[scale.bar(record, today=today) for record in solitary],
        marks=[scale.at(day) for day in hearings if day >= first],
        ticks=scale.ticks(),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def at(self, day: date) -> int:
        return round(WIDTH * (day - self.first).days / max((self.last - self.first).days, 1))

    def bar(self, record: PublicRecord, *, today: date) -> Bar:
        left = self.at(part_dates.parse(record["began"]).first)
        ended = part_dates.parse(record["ended"]).last if record["ended"] else today
        return Bar(left, max(self.at(ended) - left, THINNEST), not record["ended"])

    def ticks(self) -> list[Tick]:
        years = range(self.first.year + 1, self.last.year + 1)
        step = max(1, len(years) // 8)
        return [Tick(self.at(date(year, 1, 1)), year) for year in list(years)[::step]]
