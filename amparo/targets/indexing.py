"""Making a postcode index: rows of a table in, one compact file out.

Two layouts, chosen by size. *Dense*: one cell for every unit that a sector could hold, so that a look-up
is one multiplication away; Great Britain's 10,880 sectors of 400 units take 8.7 MB. *Sorted*: the units
that exist, in order, found by bisection; for sparse tables, and for countries whose codes have no small
limit.

A cell holds the number of a *bundle*, a distinct set of areas and shares; 1.7 million postcodes need 633
of them. Bundle 0 means "no such postcode", bundle 1 "exists, but has no area".
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.targets import sectioned_file
from amparo.targets.postcodes import FORMATS, MalformedPostcode
from amparo.targets.sectioned_file import FileKind, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from amparo.targets.postcodes import PostcodeFormat

#: (area code, share of the postcode's people in it, 0 < share <= 1, or None where nobody knows).
AreaShare = tuple[str, float | None]

NO_SUCH_POSTCODE = 0
NO_AREA = 1

#: A dense table may take this many times the room of a sorted one: it answers in two thirds of the time.
DENSE_IS_WORTH = 3

#: Bad rows that are kept in full in a refusal; the others are counted.
KEPT_PROBLEMS = 1_000


class UnreadableIndex(UnreadableFile):
    """The file is not a postcode index, or is damaged; say which (`file=`) and `why=`."""

    sentence = _("%(file)s cannot be used as a postcode index: %(why)s.")


INDEX_FILE = FileKind(magic=b"AMPCODE\x01", refusal=UnreadableIndex)


class RowProblem(NamedTuple):
    """One row that cannot be indexed; `row` counts from 1 as the rows came."""

    row: int
    postcode: str
    reason: str


class UnusableRows(Refusal):
    """Some rows cannot be indexed, so nothing was written; `problems` are the first of the `count`."""

    sentence = _("Row %(row)s of the postcode table cannot be used: %(reason)s. Bad rows in all: %(count)s.")

    def __init__(self, problems: Sequence[RowProblem], count: int) -> None:
        super().__init__(count=count, row=problems[0].row, reason=problems[0].reason)
        self.problems = tuple(problems)
        self.count = count


class NoRows(Refusal):
    """There was not one row: an index that finds nobody would only hide a mistake."""

    sentence = _("The postcode table is empty, so no index was made.")


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What went into an index. `unreached` are the area codes that no postcode leads to."""

    path: Path
    version: str
    count: int
    without_area: int
    unreached: tuple[str, ...]
    size: int


def build(
    path: Path,
    *,
    country_format: str,
    rows: Iterable[tuple[str, Sequence[AreaShare]]],
    area_codes: Sequence[str],
    version: str,
) -> BuildReport:
    """Index the rows into `path`, replacing the file there in one step.

    `country_format` is a key of `FORMATS`. Each postcode comes once, compact as its format normalizes it,
    with every area it touches; none when it exists but lies in no area. All or nothing: if any row cannot
    be used, `UnusableRows` names them and the former file stays. In memory meanwhile: about 100 bytes a
    postcode.
    """
    table = _Table(FORMATS[country_format], area_codes)
    table.fill(rows)
    if table.problem_count:
        raise UnusableRows(table.problems, table.problem_count)
    if not table.sectors:
        raise NoRows
    about = {
        "version": version,
        "format": country_format,
        "codes": list(area_codes),
        "count": table.count,
        "without_area": table.without_area,
    }
    layout, sections = _lay_out(table)
    sections.update(_bundle_sections(table))
    size = sectioned_file.write(path, kind=INDEX_FILE, about=about | layout, sections=sections)
    reached = {number for bundle in table.bundles for number, _share in bundle}
    return BuildReport(
        path=path,
        version=version,
        count=table.count,
        without_area=table.without_area,
        unreached=tuple(code for number, code in enumerate(area_codes) if number not in reached),
        size=size,
    )


@dataclass
class _Table:
    """The rows so far: for every sector its units, and for every unit the number of its bundle."""

    format: PostcodeFormat
    area_codes: Sequence[str]
    sectors: defaultdict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    bundles: list[tuple[tuple[int, float | None], ...]] = field(default_factory=lambda: [(), ()])
    count: int = 0
    without_area: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    problem_count: int = 0

    def __post_init__(self) -> None:
        self._numbers = {code: number for number, code in enumerate(self.area_codes)}
        self._known: dict[tuple[AreaShare, ...], int] = {(): NO_AREA}

    def fill(self, rows: Iterable[tuple[str, Sequence[AreaShare]]]) -> None:
        """Take all rows, keeping the bad ones apart. Two million times round: hence the local names."""
        is_key, sector, encode, known = (
            self.format.is_key,
            self.format.sector,
            self.format.encode,
            self._known,
        )
        for row, (postcode, areas) in enumerate(rows, start=1):
            bundle = known.get(tuple(areas)) or self._number_bundle(row, postcode, tuple(areas))
            if bundle is None:
                continue
            if not is_key(postcode):
                self._complain(row, postcode, self._find_misspelling(postcode))
                continue
            units = self.sectors[sector(postcode)]
            unit = encode(postcode)
            if unit in units:
                self._complain(row, postcode, "listed twice")
                continue
            units[unit] = bundle
            self.count += 1
            self.without_area += bundle == NO_AREA

    def _number_bundle(self, row: int, postcode: str, areas: tuple[AreaShare, ...]) -> int | None:
        if fault := self._find_fault(areas):
            self._complain(row, postcode, fault)
            return None
        self._known[areas] = len(self.bundles)
        self.bundles.append(tuple((self._numbers[code], share) for code, share in areas))
        return self._known[areas]

    def _find_misspelling(self, postcode: str) -> str:
        try:
            self.format.normalize(postcode)
        except MalformedPostcode:
            return "not a postcode of this country"
        return "not in the compact form that tables are kept by"

    def _find_fault(self, areas: tuple[AreaShare, ...]) -> str | None:
        codes = [code for code, _share in areas]
        if unknown := [code for code in codes if code not in self._numbers]:
            return f"area {unknown[0]} is not one of the set"
        if len(set(codes)) < len(codes):
            return "the same area twice"
        if any(share is not None and not 0 < share <= 1 for _code, share in areas):
            return "a share that is not between 0 and 1"
        return None

    def _complain(self, row: int, postcode: str, reason: str) -> None:
        self.problem_count += 1
        if len(self.problems) < KEPT_PROBLEMS:
            self.problems.append(RowProblem(row, postcode, reason))


def _lay_out(table: _Table) -> tuple[dict[str, str | int], dict[str, bytes]]:
    """Return what the reader must know of the layout, and its sections: dense where it is worth its size."""
    sectors = sorted(table.sectors)
    pages = [sorted(table.sectors[sector].items()) for sector in sectors]
    cell = _narrowest(len(table.bundles) - 1)
    unit = _narrowest(max(page[-1][0] for page in pages))
    names = "\n".join(sectors).encode("ascii")
    span = table.format.span
    sorted_size = table.count * (array(cell).itemsize + array(unit).itemsize)
    if span is not None and len(sectors) * span * array(cell).itemsize <= DENSE_IS_WORTH * sorted_size:
        cells = array(cell, bytes(len(sectors) * span * array(cell).itemsize))
        for number, page in enumerate(pages):
            for place, bundle in page:
                cells[number * span + place] = bundle
        return {"layout": "dense", "cell": cell, "span": span}, {"sectors": names, "cells": cells.tobytes()}
    return {"layout": "sorted", "cell": cell, "unit": unit}, {
        "sectors": names,
        "starts": array("I", accumulate(map(len, pages), initial=0)).tobytes(),
        "units": array(unit, (place for page in pages for place, _bundle in page)).tobytes(),
        "cells": array(cell, (bundle for page in pages for _place, bundle in page)).tobytes(),
    }


def _bundle_sections(table: _Table) -> dict[str, bytes]:
    """Return every bundle's areas, end to end: where each starts, the areas, their shares (NaN: unknown)."""
    parts = [part for bundle in table.bundles for part in bundle]
    return {
        "bundle_starts": array("I", accumulate(map(len, table.bundles), initial=0)).tobytes(),
        "bundle_areas": array("I", (number for number, _share in parts)).tobytes(),
        "bundle_shares": array(
            "d", (math.nan if share is None else share for _number, share in parts)
        ).tobytes(),
    }


def _narrowest(largest: int) -> str:
    """Return the typecode of the smallest unsigned array item that holds the number."""
    return next(code for code in "HIQ" if largest < 1 << 8 * array(code).itemsize)
