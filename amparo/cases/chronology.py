"""What follows from dated records: where somebody stands now, how long they are held, how old they are.

Nothing here is ever typed or stored. Days that are known only in part make spans: at least so many days, at most so
many. Readers are told the least.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext_lazy as _

from amparo.cases.models import Case, Condition, CustodySpell
from amparo.kit import part_dates
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import date

    from amparo.kit.part_dates import PartDate

#: Solitary confinement of more than 15 days in a row is prolonged (Nelson Mandela Rules, rule 44; banned by rule 43).
PROLONGED_AFTER = 15


class Dated(Protocol):
    """Whatever begins and may have ended."""

    began: str
    ended: str


class EndsBeforeItBegins(Refusal):
    sentence = _("It ends before it begins. One of the two days is wrong.")


class NotYet(Refusal):
    sentence = _("This day has not come yet.")


class Overlaps(Refusal):
    sentence = _("Somebody is not taken into custody twice at once: this overlaps another time in custody.")


class Standing(StrEnum):
    """Where somebody stands, as their last time in custody says."""

    UNKNOWN = "unknown"
    HELD = "held"
    PRE_TRIAL = "pre-trial"
    ADMINISTRATIVE = "administrative"
    SERVING = "serving"
    HOUSE_ARREST = "house-arrest"
    DISAPPEARED = "disappeared"
    RELEASED = "released"
    ON_TERMS = "on-terms"
    ESCAPED = "escaped"
    DEPORTED = "deported"
    DIED = "died"


_WHILE = {
    CustodySpell.Kind.UNKNOWN: Standing.HELD,
    CustodySpell.Kind.EMERGENCY: Standing.HELD,
    CustodySpell.Kind.ADMINISTRATIVE: Standing.ADMINISTRATIVE,
    CustodySpell.Kind.PRE_TRIAL: Standing.PRE_TRIAL,
    CustodySpell.Kind.SENTENCE: Standing.SERVING,
    CustodySpell.Kind.HOUSE_ARREST: Standing.HOUSE_ARREST,
    CustodySpell.Kind.DISAPPEARED: Standing.DISAPPEARED,
}
_AFTER = {
    CustodySpell.End.RELEASED: Standing.RELEASED,
    CustodySpell.End.RELEASED_ON_TERMS: Standing.ON_TERMS,
    CustodySpell.End.ESCAPED: Standing.ESCAPED,
    CustodySpell.End.DEPORTED: Standing.DEPORTED,
    CustodySpell.End.DIED: Standing.DIED,
}
#: In which somebody is not free.
IN_CUSTODY = frozenset(_WHILE.values())


@dataclass(frozen=True, slots=True)
class Span:
    """So many days: at least, and at most."""

    least: int
    most: int

    @property
    def is_exact(self) -> bool:
        return self.least == self.most

    def __add__(self, other: Span) -> Span:
        return Span(self.least + other.least, self.most + other.most)


NO_DAYS = Span(0, 0)


def days_of(entry: Dated, *, today: date) -> Span:
    """How long something has lasted, counting the first day and not the last; up to today while it has not ended.

    As courts and registers count: somebody arrested yesterday has been held for one day.
    """
    began = part_dates.parse(entry.began)
    ended = part_dates.parse(entry.ended) if entry.ended else part_dates.of_day(today)
    least = (ended.first - began.last).days
    most = (ended.last - began.first).days
    return Span(max(least, 0), max(most, 0))


def days_held(spells: Iterable[Dated], *, today: date) -> Span:
    """All times in custody together."""
    return sum((days_of(spell, today=today) for spell in spells), NO_DAYS)


def standing_after(spells: Sequence[CustodySpell]) -> Standing:
    """What the last of these says."""
    if not spells:
        return Standing.UNKNOWN
    last = max(spells, key=_order)
    if not last.ended:
        return _WHILE[CustodySpell.Kind(last.kind)]
    return _AFTER.get(CustodySpell.End(last.end), Standing.UNKNOWN)


def in_solitary(conditions: Iterable[Condition], *, today: date) -> Span:
    """The present time in solitary confinement; nothing when it has ended or there was none."""
    open_ones = [one for one in conditions if one.kind == Condition.Kind.SOLITARY and not one.ended]
    if not open_ones:
        return NO_DAYS
    return days_of(min(open_ones, key=lambda one: one.began), today=today)


def is_prolonged(span: Span) -> bool:
    """Whether that is surely longer than the Mandela Rules allow."""
    return span.least > PROLONGED_AFTER


def age_on(birth_date: str, *, day: date) -> tuple[int, int] | None:
    """How old somebody is at least and at most; None when the year of birth is not known."""
    if not birth_date:
        return None
    born = part_dates.parse(birth_date)
    return _years(born.last, day), _years(born.first, day)


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


# --- What cannot be ---------------------------------------------------------------------------------------------


def refuse_impossible(entry: Dated, *, today: date) -> None:
    """Raises `EndsBeforeItBegins` and `NotYet` for days that cannot be, however little is known of them."""
    for text in (entry.began, entry.ended):
        if text and part_dates.parse(text).first > today:
            raise NotYet
    if (
        entry.began
        and entry.ended
        and part_dates.parse(entry.ended).surely_before(part_dates.parse(entry.began))
    ):
        raise EndsBeforeItBegins


def refuse_overlap(spell: CustodySpell, *, others: Iterable[CustodySpell], today: date) -> None:
    """Raises `Overlaps` when two times in custody surely lie over one another."""
    for other in others:
        if other.pk == spell.pk:
            continue
        if _surely_overlap(spell, other, today=today):
            raise Overlaps


def _surely_overlap(one: Dated, other: Dated, *, today: date) -> bool:
    """Whether they share a day whatever the days left open were."""
    first, second = sorted([one, other], key=_order)
    ended = part_dates.parse(first.ended) if first.ended else part_dates.of_day(today)
    begins: PartDate = part_dates.parse(second.began)
    return begins.surely_before(ended)


def _order(entry: Dated) -> tuple[str, str]:
    return entry.began, entry.ended or "9999"


@dataclass(frozen=True, slots=True)
class Present:
    """Everything about a case that is worked out."""

    standing: Standing
    held: Span
    in_solitary: Span
    age: tuple[int, int] | None
    age_when_taken: tuple[int, int] | None

    @property
    def is_held(self) -> bool:
        return self.standing in IN_CUSTODY


def present_of(case: Case, *, today: date) -> Present:
    """Where this case stands today."""
    spells, conditions = list(case.spells.all()), list(case.conditions.all())
    birth_date = case.person.birth_date or ""
    first = min(spells, key=_order) if spells else None
    taken = part_dates.parse(first.began).first if first else None
    return Present(
        standing=standing_after(spells),
        held=days_held(spells, today=today),
        in_solitary=in_solitary(conditions, today=today),
        age=age_on(birth_date, day=today),
        age_when_taken=age_on(birth_date, day=taken) if taken else None,
    )
