"""ZIP codes and outlines. A ZIP code is a mail route, not a place: a fifth of them touch several districts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from amparo.targets.fields import text_of
from amparo.targets.geojson import read_outlines
from amparo.targets.postcodes import FORMATS, MalformedPostcode
from amparo.targets.records import OutlineRow, OutlineRows, PostcodeRow, PostcodeRows
from amparo.targets.sources.us.districts import DISTRICT_SET
from amparo.targets.sources.us.states import BY_FIPS, STATES, district_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amparo.targets.files import SourceFiles
    from amparo.targets.problems import Place, ProblemLog

ZCTAS = "zcta_cd119.csv"
PLACES = "geonames_zip.tsv"
OUTLINES = "cd119_20m.geojson"
DEGREES = "EPSG:4326"

#: GeoNames' columns (https://download.geonames.org/export/zip/readme.txt).
GEONAMES = (
    "country",
    "code",
    "place",
    "state_name",
    "state",
    "county_name",
    "county",
    "community_name",
    "community",
    "latitude",
    "longitude",
    "accuracy",
)


def postcode_rows(files: SourceFiles, known: frozenset[str]) -> PostcodeRows:
    """The table, to be gone through when the index is built."""

    def read(problems: ProblemLog) -> Iterator[PostcodeRow]:
        return read_zips(files, known, problems)

    return PostcodeRows(DISTRICT_SET, "us", read, crs=DEGREES)


def read_zips(files: SourceFiles, known: frozenset[str], problems: ProblemLog) -> Iterator[PostcodeRow]:
    """Every ZIP code: with all districts it touches, or, for post boxes and single buildings, its point alone."""
    districts = read_districts(files, known, problems)
    points = read_points(files, problems)
    for code, touched in districts.items():
        yield code, tuple((area, None) for area in touched), points.pop(code, None)
    for code, point in points.items():
        yield code, (), point


def read_districts(files: SourceFiles, known: frozenset[str], problems: ProblemLog) -> dict[str, list[str]]:
    """The Census Bureau's table: the districts that each ZIP code tabulation area touches, without their shares."""
    districts: dict[str, list[str]] = defaultdict(list)
    for line, row in files.rows(ZCTAS, columns=["state_abbr", "zcta", "cd"], problems=problems):
        place = files.place(ZCTAS, line)
        code = read_zip(row["zcta"], place, problems)
        if code is None:
            continue
        if (
            not row["cd"].isdecimal()
            or (area := district_code(row["state_abbr"], int(row["cd"]))) not in known
        ):
            problems.error(place, "there is no such district", f"{row['state_abbr']}-{row['cd']}")
        elif area in districts[code]:
            problems.error(place, "the ZIP code is listed twice for this district", f"{code}: {area}")
        else:
            districts[code].append(area)
    return {code: touched for code, touched in districts.items() if touched}


def read_points(files: SourceFiles, problems: ProblemLog) -> dict[str, tuple[float, float]]:
    """Where each ZIP code is, as (longitude, latitude). Military and foreign ones lie in no district."""
    if not files.has(PLACES):
        problems.warning(files.place(PLACES), "missing: ZIP codes of post boxes are not known")
        return {}
    points: dict[str, tuple[float, float]] = {}
    elsewhere = 0
    for line, row in files.plain_rows(PLACES, columns=GEONAMES, problems=problems):
        place = files.place(PLACES, line)
        code = read_zip(row["code"], place, problems)
        if code is None:
            continue
        if row["state"] not in STATES:
            elsewhere += 1
            continue
        try:
            point = float(row["longitude"]), float(row["latitude"])
        except ValueError:
            problems.error(place, "the point is not one", code)
            continue
        # A code repeats once for each place name; they lie close together.
        points.setdefault(code, point)
    if elsewhere:
        problems.warning(
            files.place(PLACES), "ZIP codes of no state (military, foreign) are left out", elsewhere
        )
    return points


def read_zip(text: str, place: Place, problems: ProblemLog) -> str | None:
    """Five digits, or None after reporting: spreadsheets like to lose the leading zero."""
    try:
        code = FORMATS["us"].normalize(text)
    except MalformedPostcode:
        code = ""
    if len(code) != 5:
        problems.error(place, "this is not a five-digit ZIP code", text)
        return None
    return code


def outline_rows(files: SourceFiles, known: frozenset[str], *, problems: ProblemLog) -> list[OutlineRows]:
    """The outlines, to be gone through when the map is built; none, with a warning, when the file is missing."""
    if not files.has(OUTLINES):
        problems.warning(files.place(OUTLINES), "missing: districts cannot be found on the map")
        return []
    files.whole(OUTLINES)  # read now, so that the digest covers it and a damaged file is refused at once

    def read(found: ProblemLog) -> Iterator[OutlineRow]:
        return read_outlines(files, OUTLINES, code_of=code_of, known=known, problems=found)

    return [OutlineRows(DISTRICT_SET, DEGREES, read)]


def code_of(properties: dict[str, object]) -> str:
    """Our code from the Census Bureau's two numbers; 00 and 98 are districts that are a whole state."""
    state = BY_FIPS.get(text_of(properties.get("STATEFP")), "")
    number = text_of(properties.get("CD119FP"))
    if not state or not number.isdecimal():
        return ""
    return district_code(state, 0 if number in {"00", "98"} else int(number))
