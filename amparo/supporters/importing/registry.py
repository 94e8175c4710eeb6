"""The programs whose lists can be brought in: one file in `sources/` for each."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from amparo.kit.registry import Registry
from amparo.kit.tables.headings import key_of

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class Standing(StrEnum):
    """What a list says about somebody's leave to be written to."""

    YES = "yes"
    #: They did not agree, or do not any more.
    NO = "no"
    #: They asked never to be written to again.
    UNSUBSCRIBED = "unsubscribed"
    #: Mail to them came back.
    BOUNCED = "bounced"
    #: They called a mail junk.
    COMPLAINED = "complained"
    #: Nothing that can be built on, such as an address that was never confirmed.
    UNKNOWN = "unknown"


#: Their addresses go to the suppression list.
SHUT = frozenset({Standing.UNSUBSCRIBED, Standing.BOUNCED, Standing.COMPLAINED})


def everybody(_table_name: str) -> Standing | None:
    """Every table lists people, whatever it is called."""
    return None


@dataclass(frozen=True, slots=True)
class ImportSource:
    """How one program writes its lists.

    `columns` says what its headings are (as `tables.key_of` gives them: small letters, words between single spaces),
    `telltale` which of them only this program uses, `standings` what its words for a status mean, and `role_of` what
    a table's name says about everybody in it.
    """

    title: _StrOrPromise
    columns: Mapping[str, str]
    telltale: Sequence[str] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)
    #: Whether 3/4/2026 is in April; None leaves it to where the organization is.
    day_first: bool | None = None
    role_of: Callable[[str], Standing | None] = everybody
    #: Columns that hold JSON, whose keys are columns of their own (`unfolding`).
    unfolds: Sequence[str] = ()
    #: Where people find the list in that program.
    how: _StrOrPromise = ""

    def likeness(self, headers: Sequence[str], table_names: Sequence[str]) -> int:
        """How many of its own headings a file has, and files named as it names them."""
        keys = {key_of(header) for header in headers}
        return len(keys.intersection(self.telltale)) + sum(
            self.role_of(name) is not None for name in table_names
        )


import_sources: Registry[ImportSource] = Registry("import source")

#: What fits every file, when no program is recognised.
PLAIN = "spreadsheet"


def load_sources() -> Registry[ImportSource]:
    """The registry, after importing every file in `sources/`. Cheap when they are imported already."""
    package = importlib.import_module("amparo.supporters.importing.sources")
    for inner in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{inner.name}")
    return import_sources


def recognise(headers: Sequence[str], table_names: Sequence[str] = ()) -> str:
    """The slug of the source that a file most probably comes from; a plain spreadsheet when nothing tells."""
    scores = {
        slug: source.likeness(headers, table_names)
        for slug, source in load_sources().items()
        if slug != PLAIN
    }
    best = max(scores, key=lambda slug: scores[slug], default=PLAIN)
    return best if scores.get(best) else PLAIN
