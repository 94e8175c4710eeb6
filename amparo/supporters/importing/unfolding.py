"""Columns that hold JSON, as listmonk's `attributes` do: each key becomes a column of its own, `attributes.city`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from amparo.kit.tables.headings import Headed, key_of

#: Rows in which the keys of a list are looked for: they are wanted at once, when the columns are mapped.
LOOKED_AT = 2000
#: Keys beyond so many are not columns but data.
MOST_KEYS = 100
#: An object in an object in an object; what lies deeper is not brought in.
DEEPEST = 3


class Cells(list[str]):
    """The cells of a row, with what could not be read of it: pairs of heading and reason."""

    troubles: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Unfolded(Headed):
    """A table with further columns, each read out of the JSON in a column that stays what it is."""

    #: Where the JSON stands, and the keys that are columns.
    place: int = 0
    keys: tuple[str, ...] = ()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The same rows, each with the values of its keys behind the columns of the file."""
        heading = self.headers[self.place]
        width = len(self.headers) - len(self.keys)
        known = set(self.keys)
        for number, cells in Headed.rows(self):
            found, troubles = _read(cells[self.place] if self.place < len(cells) else "", heading)
            if not known.issuperset(found):
                troubles.append((heading, "unknown-key"))
            padding = [""] * (width - len(cells))
            whole = Cells(
                [*cells[:width], *padding, *(found.get(key, "") for key in self.keys), *cells[width:]]
            )
            whole.troubles = troubles
            yield number, whole


def unfold(table: Headed, *, columns: Sequence[str], headers: Sequence[str]) -> Headed:
    """The table with a column for each key, when it has one of `columns` (as `key_of` gives them).

    The keys are those among `headers`, which were found before; or, when there are none, those of the first rows.
    """
    place = next((at for at, header in enumerate(table.headers) if key_of(header) in columns), None)
    if place is None:
        return table
    heading = table.headers[place]
    start = f"{heading}."
    keys = [header.removeprefix(start) for header in headers if header.startswith(start)]
    keys = keys or _keys_of(table, place, heading)
    return Unfolded(
        table.table, [*table.headers, *(start + key for key in keys)], table.header_row, place, tuple(keys)
    )


def _keys_of(table: Headed, place: int, heading: str) -> list[str]:
    found: dict[str, None] = {}
    for _number, cells in islice(table.rows(), LOOKED_AT):
        if place < len(cells):
            found.update(dict.fromkeys(_read(cells[place], heading)[0]))
    return sorted(found)[:MOST_KEYS]


def _read(cell: str, heading: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The values of a cell by key, and what is wrong with it."""
    if not cell.strip():
        return {}, []
    try:
        inside = json.loads(cell)
    except (ValueError, RecursionError):
        return {}, [(heading, "bad-json")]
    if not isinstance(inside, dict):
        return {}, [(heading, "bad-json")]
    return dict(_flat(inside, "", 1)), []


def _flat(inside: dict[str, Any], above: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in inside.items():
        name = above + " ".join(key.split())
        if isinstance(value, dict):
            if depth < DEEPEST:
                yield from _flat(value, f"{name}.", depth + 1)
        elif (text := _as_text(value)) and name:
            yield name, text


def _as_text(value: Any) -> str:
    """A value as it would stand in a cell: a list with commas, yes and no, nothing for null."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_as_text(each) for each in value if not isinstance(each, dict))))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()
