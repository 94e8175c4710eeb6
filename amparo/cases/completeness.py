"""What a register must hold of everybody who is deprived of liberty, and what is missing of it in one case.

The eight items of article 17(3) of the International Convention for the Protection of All Persons from Enforced
Disappearance (2006), letters a to h: an agreed least for a register of people in detention, and so a good list of what
to ask next. Times of the day are asked for there and not here: hardly any family learns them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.cases.models import CustodySpell
from amparo.kit import part_dates

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise

    from amparo.cases.models import Case, Stay


@dataclass(frozen=True, slots=True)
class Item:
    """One letter of the article: what it asks for, and what of that is missing here."""

    letter: str
    title: _StrOrPromise
    missing: tuple[_StrOrPromise, ...] = ()
    #: Whether it is asked for at all: nothing is, of a death, while somebody lives.
    applies: bool = True

    @property
    def is_met(self) -> bool:
        return self.applies and not self.missing


@dataclass(frozen=True, slots=True)
class Completeness:
    """All eight, and how many of those that apply are met."""

    items: tuple[Item, ...]

    @property
    def met(self) -> int:
        return sum(item.is_met for item in self.items)

    @property
    def asked(self) -> int:
        return sum(item.applies for item in self.items)


#: What each letter asks for.
TITLES: dict[str, _StrOrPromise] = {
    "a": _("Identity"),
    "b": _("When and by whom they were taken"),
    "c": _("Who ordered it, and on which grounds"),
    "d": _("Who supervises the detention"),
    "e": _("Where they are held, and since when"),
    "f": _("State of health"),
    "g": _("In the event of death: circumstances, cause, and where the remains went"),
    "h": _("Release or transfer: when and where to"),
}
#: What is read of a case to hold it against the article: hand it to `prefetch_related`.
READ = ("person__names", "spells__stays", "health_notes", "developments")
#: Cases in memory at once while many are held against it.
_AT_ONCE = 200


def lacking(cases: QuerySet[Case], *, letter: str = "") -> list[UUID]:
    """Which of these cases lack something of the item of this letter, or of any item where none is named.

    Names and grounds are sealed, so the database cannot tell; every case is read.
    """
    rows = cases.select_related("person").prefetch_related(*READ).order_by("pk")
    return [
        case.pk
        for case in rows.iterator(chunk_size=_AT_ONCE)
        if any(item.missing for item in of(case).items if letter in {"", item.letter})
    ]


def of(case: Case) -> Completeness:
    """This case against the eight items; of several times in custody, the last one."""
    spells = sorted(case.spells.all(), key=lambda spell: (spell.began, spell.ended or "9999"))
    spell = spells[-1] if spells else None
    stays = sorted(spell.stays.all(), key=lambda stay: (stay.began, stay.ended or "9999")) if spell else []
    return Completeness(
        (
            _identity(case),
            _taken(spell),
            _ordered(spell),
            _item("d", (spell and spell.authority, _("the authority"))),
            _admitted(stays),
            _health(case),
            _death(case, spell),
            _release(spell, stays),
        )
    )


def _item(letter: str, *wanted: tuple[object, _StrOrPromise], applies: bool = True) -> Item:
    missing = tuple(label for found, label in wanted if not found) if applies else ()
    return Item(letter, TITLES[letter], missing, applies)


def _identity(case: Case) -> Item:
    return _item(
        "a",
        (any(name.text for name in case.person.names.all()), _("the name")),
        (case.person.birth_date, _("the date of birth")),
    )


def _taken(spell: CustodySpell | None) -> Item:
    return _item(
        "b",
        (spell and _is_a_day(spell.began), _("the day")),
        (spell and (spell.authority or spell.ordered_by), _("the authority")),
    )


def _ordered(spell: CustodySpell | None) -> Item:
    return _item(
        "c",
        (spell and spell.ordered_by, _("who ordered it")),
        (spell and spell.grounds, _("the grounds")),
    )


def _admitted(stays: Sequence[Stay]) -> Item:
    return _item(
        "e",
        (stays, _("the place")),
        (stays and _is_a_day(stays[-1].began), _("the day of admission")),
    )


def _health(case: Case) -> Item:
    return _item("f", (case.health_notes.all(), _("a note on health")))


def _death(case: Case, spell: CustodySpell | None) -> Item:
    died = spell is not None and spell.end == CustodySpell.End.DIED
    after = spell.ended if spell and died else ""
    told = [each for each in case.developments.all() if each.text and each.dated >= after]
    return _item(
        "g",
        (told, _("an entry in the timeline that tells it")),
        applies=died,
    )


def _release(spell: CustodySpell | None, stays: Sequence[Stay]) -> Item:
    ended = spell is not None and bool(spell.ended)
    moves: list[tuple[object, _StrOrPromise]] = [
        (_is_a_day(stay.ended), _("the day of a transfer")) for stay in stays[:-1]
    ]
    if ended and spell:
        moves.append((_is_a_day(spell.ended), _("the day of the release")))
    return _item(
        "h",
        *_each_once(moves),
        applies=bool(moves),
    )


def _each_once(wanted: Sequence[tuple[object, _StrOrPromise]]) -> list[tuple[object, _StrOrPromise]]:
    """One line for all transfers: missing when any of them is."""
    labels: dict[str, tuple[object, _StrOrPromise]] = {}
    for found, label in wanted:
        known = labels.get(str(label))
        labels[str(label)] = (bool(found) and (known is None or bool(known[0])), label)
    return list(labels.values())


def _is_a_day(text: str) -> bool:
    return bool(text) and part_dates.parse(text).is_exact
