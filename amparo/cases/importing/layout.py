"""How tables and columns of a spreadsheet are called, worked out from the register: a new kind needs nothing here.

A workbook has one sheet for each kind of record. Each row names its case by reference; `key` is any word by which other
rows of the same case name this one, and `below` names the row it hangs under.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from amparo.cases import register
from amparo.cases.cells import in_every_language
from amparo.kit.tables.headings import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amparo.cases.register import Kind

CASE, KEY, BELOW = "case", "key", "below"
#: The column of the case itself that the others name it by.
REFERENCE = "reference"
#: Sheets of the template that say how the others are filled in, and are not read.
GUIDE, CHOICES = "Guide", "Choices"
_NUMBER = re.compile(r"(?<= )\d+(?= )")


def kinds() -> list[Kind]:
    """The kinds that a spreadsheet can hold, each after those that its rows refer to."""
    return _ordered([kind for kind in register.KINDS.values() if kind.parent or kind.name in _ROOTS])


#: What every case has exactly one of.
_ROOTS = ("Person", "Case")


def is_root(kind: Kind) -> bool:
    """Whether a case has exactly one of them, so that its rows need no key."""
    return kind.name in _ROOTS


def kind_above(kind: Kind) -> Kind | None:
    """The kind that rows of this one hang below, where that is not the case or the person itself."""
    if not kind.parent or kind.parent in {"case", "person"}:
        return None
    model = kind.model._meta.get_field(kind.parent).related_model
    return next(one for one in register.KINDS.values() if one.model is model)


def columns(kind: Kind) -> list[str]:
    """The headings of the sheet of one kind, in order."""
    if kind.name == "Case":
        own = [column.name for column in kind.columns]
        return [REFERENCE, *(name for name in own if name != REFERENCE)]
    frame = [CASE] if is_root(kind) else [CASE, KEY]
    below = [BELOW] if kind_above(kind) else []
    return [*frame, *below, *(column.name for column in kind.columns if column.name != kind.parent)]


def field_of(kind: Kind, column: str) -> Any:
    """The field of the model behind a column of the register."""
    return kind.model._meta.get_field(column)


def kind_called(title: str) -> Kind | None:
    """The kind whose sheet or file is called so, by its name or by its title in any language of ours."""
    return _kinds_by_name().get(key_of(title.removesuffix(".csv").removesuffix(".tsv")))


def column_called(kind: Kind, heading: str) -> str | None:
    """The column of a sheet that a heading names, by its name or by its label in any language of ours."""
    return _columns_by_name(kind.name).get(key_of(heading))


def place_called(heading: str) -> tuple[Kind, int, str] | None:
    """For a table with one row a case: of which kind, of which of its rows, and in which column a heading is.

    Such as `title`, `CustodySpell.began`, `Charge 2 text` or `Time in custody: began`; `name` is the first name.
    """
    key = key_of(heading)
    number = _NUMBER.search(key)
    found = _places().get(_NUMBER.sub("", key, count=1).replace("  ", " ") if number else key)
    return (found[0], int(number.group()) if number else 1, found[1]) if found else None


def _ordered(found: list[Kind]) -> list[Kind]:
    ordered: list[Kind] = []
    waiting = list(found)
    while waiting:
        models = {kind.model for kind in waiting}
        # A kind may refer to itself; whatever goes round in a circle otherwise comes as it is declared.
        ready = [kind for kind in waiting if not _refers_to(kind) & (models - {kind.model})] or waiting[:1]
        ordered += ready
        waiting = [kind for kind in waiting if kind not in ready]
    return ordered


def _refers_to(kind: Kind) -> set[Any]:
    # A relation names somebody of another case.
    names = {kind.parent, *(column.name for column in kind.columns)} - {""}
    found = {kind.model._meta.get_field(name).related_model for name in names}
    if "record_type" in names:
        found |= {other.model for other in register.KINDS.values() if "record_type" not in _names(other)}
    return found


def _names(kind: Kind) -> set[str]:
    return {column.name for column in kind.columns}


@lru_cache(maxsize=1)
def _kinds_by_name() -> dict[str, Kind]:
    return {key_of(name): kind for kind in kinds() for name in _names_of(kind)}


def _names_of(kind: Kind) -> Iterator[str]:
    yield kind.name
    yield from in_every_language(kind.plural)
    # A title of a sheet is cut there.
    yield from (title[:31] for title in in_every_language(kind.plural))
    yield from in_every_language(kind.title)


@lru_cache(maxsize=64)
def _columns_by_name(kind_name: str) -> dict[str, str]:
    kind = register.KINDS[kind_name]
    found: dict[str, str] = {}
    for column in columns(kind):
        if column not in {CASE, KEY, BELOW}:
            for label in in_every_language(field_of(kind, column).verbose_name):
                found.setdefault(key_of(label), column)
    return found | {key_of(column): column for column in columns(kind)}


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[Kind, str]]:
    found: dict[str, tuple[Kind, str]] = {}
    case, name = register.KINDS["Case"], register.KINDS["PersonName"]
    for kind in kinds():
        for called in _names_of(kind):
            for heading, column in _columns_by_name(kind.name).items():
                if column not in {CASE, KEY, BELOW}:
                    found.setdefault(f"{key_of(called)} {heading}", (kind, column))
    found |= {heading: (case, column) for heading, column in _columns_by_name("Case").items()}
    return found | {"name": (name, "text"), "names": (name, "text")}
