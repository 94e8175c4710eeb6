"""Stances of many at once, pasted from a spreadsheet: every line is checked before any is kept."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from amparo.actions.campaigns import siding
from amparo.actions.campaigns.demanding import InTheFuture
from amparo.actions.models import Stance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from amparo.organizations.models import Organization

#: What the columns are called, in this order where the first line does not name them.
COLUMNS = ("target", "stance", "date", "how", "source")
#: A parliament and its committees fit into one paste.
MOST = 1000
_NEEDED = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be kept, by its number in what was pasted."""

    line: int
    sentence: str


@dataclass(slots=True)
class Reading:
    """What was found in a paste."""

    said: list[siding.Said] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(text: str, *, organization: Organization, now: datetime) -> Reading:
    """Each line as a stance of whoever holds the post today, or as what is wrong with it. Nothing is kept."""
    found = Reading()
    seen: dict[tuple[str, str], int] = {}
    lines = list(_lines(text))
    if not lines:
        found.problems.append(Problem(1, _("There is nothing to read.")))
    if len(lines) > MOST:
        found.problems.append(Problem(MOST + 1, _("Please paste %(most)d lines at most.") % {"most": MOST}))
        return found
    for number, cells in lines:
        try:
            one = _stance(cells, organization=organization, now=now)
        except ValueError as wrong:
            found.problems.append(Problem(number, str(wrong)))
            continue
        who = (one.who.target_key, one.who.person_code or one.who.name)
        if who in seen:
            sentence = _("%(name)s stands in line %(line)d already.")
            found.problems.append(Problem(number, sentence % {"name": one.who.name, "line": seen[who]}))
        else:
            seen[who] = number
            found.said.append(one)
    return found


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines with something in them, their cells parted by tab, semicolon or comma as the first line is."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max("\t;,", key=first.count)
    for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
        written = [cell.strip() for cell in cells]
        if any(written) and tuple(cell.casefold() for cell in written[:2]) != COLUMNS[:2]:
            yield number, written


def _stance(cells: list[str], *, organization: Organization, now: datetime) -> siding.Said:
    """Raises `ValueError` with a sentence."""
    if len(cells) < _NEEDED:
        raise ValueError(
            _("This line has fewer than four columns; there must be: %(columns)s.")
            % {"columns": ", ".join(COLUMNS)}
        )
    key, side, day, how, source = [*cells, ""][:5]
    try:
        who = siding.holder_of(key, organization=organization, now=now)
    except siding.NoSuchTarget as refusal:
        raise ValueError(str(refusal)) from None
    return siding.Said(
        who=who,
        side=_one_of(Stance.Side.values, side, _("stance")),
        known_by=_one_of(Stance.Known.values, how, _("how we know")),
        dated=_day(day, now=now),
        source_url=_address(source),
    )


def _one_of(values: list[str], typed: str, column: str) -> str:
    if typed.casefold() not in values:
        sentence = _("“%(typed)s” is not known as %(column)s; there are: %(known)s.")
        raise ValueError(sentence % {"typed": typed[:40], "column": column, "known": ", ".join(values)})
    return typed.casefold()


def _day(typed: str, *, now: datetime) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise ValueError(
            _("“%(typed)s” is no day; write it like 2026-05-31.") % {"typed": typed[:40]}
        ) from None
    if day > now.date():
        raise ValueError(str(InTheFuture()))
    return day


def _address(typed: str) -> str:
    if typed and (not typed.startswith(("https://", "http://")) or len(typed) > 500 or " " in typed):
        raise ValueError(_("“%(typed)s” is no address of a page.") % {"typed": typed[:40]})
    return typed
