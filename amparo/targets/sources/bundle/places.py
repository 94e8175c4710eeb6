"""The postcodes and outlines of a bundle."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Any

from amparo.targets.fields import text_of
from amparo.targets.geojson import read_outlines
from amparo.targets.postcodes import FORMATS, MalformedPostcode
from amparo.targets.records import OutlineRow, OutlineRows, PostcodeRow, PostcodeRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place, ProblemLog
    from amparo.targets.sources.bundle.manifest import Manifest

POSTCODES = "postcodes.csv"
OUTLINES = "outlines.geojson"

#: How far the shares of one postcode may add up beyond 1, for rounding.
ROUNDING = 0.01


def postcode_rows(gathering: Gathering, files: SourceFiles, manifest: Manifest) -> PostcodeRows | None:
    """The table, to be gone through when the index is built; None when the bundle has none."""
    table = manifest.postcodes
    if table is None or not files.has(POSTCODES):
        if table is not None or files.has(POSTCODES):
            reason = "the manifest and the files disagree on whether there are postcodes; none are loaded"
            gathering.problems.error(files.place(POSTCODES), reason)
        return None
    files.whole(POSTCODES)  # so that the digest covers it and a damaged file is refused at once
    known = frozenset(code for area_set, code in gathering.areas if area_set == table.area_set)

    def read(problems: ProblemLog) -> Iterator[PostcodeRow]:
        return read_postcodes(files, table.format, known, problems)

    return PostcodeRows(
        area_set=table.area_set, format=table.format, read=read, reach=table.reach, crs=table.crs
    )


def read_postcodes(
    files: SourceFiles, written: str, known: frozenset[str], problems: ProblemLog
) -> Iterator[PostcodeRow]:
    """Each postcode once. Its rows must stand together and the postcodes in order, so that none comes back unseen."""
    last = ""
    for postcode, group in groupby(read_rows(files, written, problems), key=lambda row: row[1]):
        rows = list(group)
        if postcode <= last:
            reason = "the postcode comes again, or out of order; it is left out"
            problems.error(files.place(POSTCODES, rows[0][0]), reason, postcode)
            continue
        last = postcode
        yield postcode, areas_of(files, rows, known, problems), point_of(files, rows, problems)


def read_rows(
    files: SourceFiles, written: str, problems: ProblemLog
) -> Iterator[tuple[int, str, dict[str, str]]]:
    """The rows as (line, compact postcode, columns); what is not a postcode is reported and left out."""
    code_format = FORMATS[written]
    for line, row in files.rows(POSTCODES, columns=["postcode", "area", "share"], problems=problems):
        try:
            yield line, code_format.key(code_format.normalize(row["postcode"])), row
        except MalformedPostcode:
            problems.error(
                files.place(POSTCODES, line), "this is not a postcode of this country", row["postcode"]
            )


def areas_of(
    files: SourceFiles,
    rows: list[tuple[int, str, dict[str, str]]],
    known: frozenset[str],
    problems: ProblemLog,
) -> tuple[tuple[str, float | None], ...]:
    """The areas of one postcode with their shares; an empty area says that it exists and lies in none."""
    areas: dict[str, float | None] = {}
    for line, postcode, row in rows:
        place = files.place(POSTCODES, line)
        if not row["area"]:
            continue
        if row["area"] not in known:
            problems.error(place, "the area is not known", f"{postcode}: {row['area']}")
        elif row["area"] in areas:
            problems.error(place, "the postcode is listed twice for this area", f"{postcode}: {row['area']}")
        else:
            areas[row["area"]] = read_share(row["share"], place, problems)
    if sum(filter(None, areas.values())) > 1 + ROUNDING:
        problems.error(
            files.place(POSTCODES, rows[0][0]), "the shares add up to more than 1; none is kept", rows[0][1]
        )
        return tuple((area, None) for area in areas)
    return tuple(areas.items())


def read_share(written: str, place: Place, problems: ProblemLog) -> float | None:
    """A share above 0 and up to 1; None when it is not stated."""
    if not written:
        return None
    try:
        share = float(written)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        problems.error(place, "the share is not a number above 0 and up to 1; it is not kept", written)
        return None
    return share


def point_of(
    files: SourceFiles, rows: list[tuple[int, str, dict[str, str]]], problems: ProblemLog
) -> tuple[float, float] | None:
    """The point of the first row that has one."""
    for line, _postcode, row in rows:
        if row.get("x") or row.get("y"):
            try:
                point = float(row.get("x", "")), float(row.get("y", ""))
            except ValueError:
                point = (math.nan, math.nan)
            if all(map(math.isfinite, point)):
                return point
            problems.error(
                files.place(POSTCODES, line), "the point is not one; it is not kept", row.get("x", "")
            )
    return None


def outline_rows(gathering: Gathering, files: SourceFiles) -> list[OutlineRows]:
    """The outlines of each area set that says in which coordinates its outlines are."""
    drawn = [record for record in gathering.area_sets.values() if record.crs]
    if not drawn or not files.has(OUTLINES):
        if drawn or files.has(OUTLINES):
            reason = "the manifest and the files disagree on whether there are outlines; none are loaded"
            gathering.problems.error(files.place(OUTLINES), reason)
        return []
    files.json(OUTLINES)  # so that the digest covers it and a damaged file is refused at once
    first = drawn[0].code
    return [
        OutlineRows(record.code, record.crs or "", reader(gathering, files, record.code, default=first))
        for record in drawn
    ]


def reader(
    gathering: Gathering, files: SourceFiles, area_set: str, *, default: str
) -> Callable[[ProblemLog], Iterator[OutlineRow]]:
    """Read the features of one area set; those that name no set, or an unknown one, fall to `default`."""
    known = frozenset(code for of_set, code in gathering.areas if of_set == area_set)
    sets = {record.code for record in gathering.area_sets.values() if record.crs}

    def code_of(properties: dict[str, Any]) -> str | None:
        own_set, code = text_of(properties.get("set")) or default, text_of(properties.get("area"))
        if own_set not in sets:
            return f"{own_set}/{code}" if area_set == default else None
        return code if own_set == area_set else None

    def read(problems: ProblemLog) -> Iterator[OutlineRow]:
        return read_outlines(files, OUTLINES, code_of=code_of, known=known, problems=problems)

    return read
