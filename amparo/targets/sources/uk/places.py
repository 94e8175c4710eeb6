"""Where the seats lie: one seat for each postcode of Great Britain, and outlines on the British grid."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from amparo.targets.postcodes import FORMATS, MalformedPostcode
from amparo.targets.problems import Place, ProblemLog, UnreadableSource
from amparo.targets.records import OutlineRow, OutlineRows, PostcodeRow, PostcodeRows
from amparo.targets.sources.uk.seats import SEATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amparo.targets.files import SourceFiles
    from amparo.targets.sources.uk.seats import SeatCodes

POSTCODES = "gb_postcodes_pcon2024.csv"
HEADING = ("postcode", "pqi", "easting", "northing", "pcon24cd")

OUTLINES = "PCON_JULY_2024_UK_BUC_shp.zip"
GRID = "EPSG:27700"


def postcode_lines(files: SourceFiles) -> Iterator[str]:
    """The lines of the table without the heading.

    Taken apart by hand, because there are 1.7 million: no value in this table is quoted.
    """
    with files.text(POSTCODES) as lines:
        heading = tuple(lines.readline().strip().split(","))
        if heading != HEADING:
            why = f"its first line is not {','.join(HEADING)}"
            raise UnreadableSource(file=files.locate(POSTCODES), why=why)
        yield from lines


def codes_in_table(files: SourceFiles) -> frozenset[str]:
    """Every seat code in the postcode table: takes a full pass, about a second."""
    return frozenset({line.rpartition(",")[2].strip() for line in postcode_lines(files)})


def postcode_rows(files: SourceFiles, codes: SeatCodes, known: frozenset[str]) -> PostcodeRows:
    """The table, to be gone through when the index is built."""

    def read(problems: ProblemLog) -> Iterator[PostcodeRow]:
        return read_postcodes(files, codes, known, problems)

    return PostcodeRows(SEATS, "uk", read, crs=GRID)


def read_postcodes(
    files: SourceFiles, codes: SeatCodes, known: frozenset[str], problems: ProblemLog
) -> Iterator[PostcodeRow]:
    """Each postcode with its seat and its point; what cannot be read is reported with its line."""
    name = files.place(POSTCODES).file
    normalize = FORMATS["uk"].normalize
    answers: dict[str, tuple[tuple[str, float | None], ...]] = {code: ((code, None),) for code in known}
    seen: set[str] = set()
    renumbered: set[str] = set()
    last = ""
    for line, text in enumerate(postcode_lines(files), start=2):
        try:
            written, _quality, easting, northing, given = text.rstrip("\r\n").split(",")
            postcode = normalize(written)
        except (ValueError, MalformedPostcode):
            report_unreadable(problems, Place(name, line), text.strip())
            continue
        if postcode <= last:
            reason = "the postcode is listed twice, or not in order; it is left out"
            problems.error(Place(name, line), reason, postcode)
            continue
        last = postcode
        code = codes.official(given)
        if code != given and code not in renumbered:
            codes.read(given, Place(name, line), problems)
            renumbered.add(code)
        answer = answers.get(code, ())
        if answer:
            seen.add(code)
        elif given:
            problems.error(Place(name, line), "the seat's GSS code is not known", f"{postcode}: {given}")
            continue
        else:
            reason = "the postcode exists, but the table gives no seat for it"
            problems.warning(Place(name, line), reason, postcode)
        yield postcode, answer, point_of(easting, northing)
    report_absent(problems, Place(name), known - seen)


def report_unreadable(problems: ProblemLog, place: Place, text: str) -> None:
    """Say why a line is refused: its columns, or its postcode."""
    columns = text.split(",")
    if len(columns) != len(HEADING):
        if text:
            reason = f"the row has {len(columns)} columns, not {len(HEADING)}"
            problems.error(place, reason, columns[0])
    else:
        problems.error(place, "this is not a British postcode", columns[0])


def point_of(easting: str, northing: str) -> tuple[float, float] | None:
    """The grid reference; None where the table has none (it then writes 0 or nothing)."""
    try:
        point = float(easting), float(northing)
    except ValueError:
        return None
    return point if point != (0.0, 0.0) else None


def report_absent(problems: ProblemLog, place: Place, absent: frozenset[str]) -> None:
    """Name the seats that no postcode leads to: in the open table, those of Northern Ireland."""
    for code in sorted(absent):
        problems.warning(place, "no postcode in the table leads to this seat", code)


def outline_rows(
    files: SourceFiles, codes: SeatCodes, known: frozenset[str], *, problems: ProblemLog
) -> list[OutlineRows]:
    """The outlines, to be gone through when the map is built; none, with a warning, when the file is missing."""
    if not files.has(OUTLINES):
        problems.warning(files.place(OUTLINES), "missing: seats cannot be found on the map")
        return []
    members = open_shapefile(files)

    def read(found: ProblemLog) -> Iterator[OutlineRow]:
        return read_outlines(members, codes, known, found)

    return [OutlineRows(SEATS, GRID, read)]


def open_shapefile(files: SourceFiles) -> dict[str, bytes]:
    """The parts of the shapefile inside the zip, by ending; refused when one is missing or the grid is another."""
    parts = {member.rpartition(".")[2].lower(): content for member, content in files.unpack(OUTLINES).items()}
    missing = {"shp", "shx", "dbf", "prj"} - set(parts)
    if missing:
        raise UnreadableSource(file=OUTLINES, why=f"it lacks the .{sorted(missing)[0]} part of a shapefile")
    for ending in ("shp", "shx"):
        # Both say in their heading how long they are, in words of two bytes; the reader would only warn.
        if parts[ending][24:28] != struct.pack(">i", len(parts[ending]) // 2):
            raise UnreadableSource(file=OUTLINES, why=f"its .{ending} part is damaged or cut short")
    if b"British_National_Grid" not in parts["prj"]:
        raise UnreadableSource(file=OUTLINES, why="its outlines are not on the British National Grid")
    return parts


def read_outlines(
    parts: dict[str, bytes], codes: SeatCodes, known: frozenset[str], problems: ProblemLog
) -> Iterator[OutlineRow]:
    """Each seat's outline, as a GeoJSON-like mapping."""
    import shapefile

    seen: set[str] = set()
    try:
        reader = shapefile.Reader(
            **{key: io.BytesIO(parts[key]) for key in ("shp", "shx", "dbf")}, encoding="utf-8"
        )
        for number, entry in enumerate(reader.iterShapeRecords(), start=1):
            place = Place(OUTLINES, number)
            given = str(entry.record.as_dict().get("PCON24CD", ""))
            code = codes.read(given, place, problems)
            outline: Any = entry.shape.__geo_interface__
            if code not in known:
                problems.error(place, "the outline's GSS code is not known", given)
            elif code in seen:
                problems.error(place, "the seat has two outlines; the first is kept", code)
            else:
                seen.add(code)
                yield code, outline
    except (shapefile.ShapefileException, struct.error, ValueError, IndexError, EOFError, OSError) as damage:
        raise UnreadableSource(file=OUTLINES, why="its shapefile is damaged") from damage
    for code in sorted(known - seen):
        problems.warning(Place(OUTLINES), "the seat has no outline", code)
