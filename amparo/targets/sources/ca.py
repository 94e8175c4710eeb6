"""Canada: the 343 ridings of the 2023 representation order, and which province a postal code is in.

The files, as their publishers name them:

    fed_2023_names.csv                          the ridings in English and French (Elections Canada)
    ocd_federal_electoral_districts-2023.csv    their Open Civic Data identifiers
    ocd_provinces.csv                           provinces and territories
    geonames_fsa.tsv                            the province of each forward sortation area (may be missing)

There are no people in them: who holds a seat is not known here, which is not the same as a vacancy. And no
open table leads from a postal code to a riding of 2023; outlines of 2013 are about, and would send letters
to somebody else's member. So a postal code narrows the choice to a province, and the supporter picks the
riding.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from amparo.targets.fields import latest, read_date
from amparo.targets.files import SourceFiles
from amparo.targets.gathering import Gathering
from amparo.targets.postcodes import FORMATS, MalformedPostcode
from amparo.targets.records import (
    AreaRecord,
    AreaSetRecord,
    LegislatureRecord,
    PostcodeRow,
    PostcodeRows,
    PostRecord,
)
from amparo.targets.registry import register_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from amparo.targets.problems import Place, ProblemLog
    from amparo.targets.records import SourceBundle

RIDINGS = "fed_2023_names.csv"
DIVISIONS = "ocd_federal_electoral_districts-2023.csv"
PROVINCES = "ocd_provinces.csv"
SORTATION = "geonames_fsa.tsv"
SUPERSEDED = "fed_2013_boundaries.geojson"

HOUSE = "hoc"
RIDING_SET = "ca-fed-2023"
PROVINCE_SET = "ca-provinces"

#: The first general election on these ridings: https://www.elections.ca (45th general election).
ELECTION = date(2025, 4, 28)

#: The OCD list of provinces has their names in English only.
FRENCH_PROVINCES = {
    "NL": "Terre-Neuve-et-Labrador",
    "PE": "Île-du-Prince-Édouard",
    "NS": "Nouvelle-Écosse",
    "NB": "Nouveau-Brunswick",
    "QC": "Québec",
    "ON": "Ontario",
    "MB": "Manitoba",
    "SK": "Saskatchewan",
    "AB": "Alberta",
    "BC": "Colombie-Britannique",
    "YT": "Yukon",
    "NT": "Territoires du Nord-Ouest",
    "NU": "Nunavut",
}

#: GeoNames' columns (https://download.geonames.org/export/zip/readme.txt).
GEONAMES = (
    "country",
    "code",
    "place",
    "province_name",
    "province",
    "county_name",
    "county",
    "community_name",
    "community",
    "latitude",
    "longitude",
    "accuracy",
)

CREDITS = (
    "Ridings: Elections Canada, Open Government Licence – Canada; Open Civic Data, CC0",
    "Places of postal codes: GeoNames, CC BY 4.0",
)


@register_source("ca", title="Canada: federal ridings (no members), provinces of postal codes")
def read(path: Path, *, today: date) -> SourceBundle:
    """Read the folder (or a zip of it)."""
    del today  # nothing in these files depends on it
    files = SourceFiles(path)
    files.require(RIDINGS, DIVISIONS, PROVINCES)
    gathering = Gathering()
    declare(gathering, files)
    provinces = add_provinces(gathering, files)
    published = add_ridings(gathering, files, provinces)
    if files.has(SUPERSEDED):
        reason = "outlines of ridings that ended in April 2025; not used"
        gathering.problems.warning(files.place(SUPERSEDED), reason)
    return gathering.bundle(
        files,
        slug="ca",
        country="CA",
        title="Canada",
        description="House of Commons of Canada",
        licence="Open Government Licence – Canada; CC0 1.0; CC BY 4.0 (GeoNames)",
        published=published,
        credits=CREDITS,
        postcodes=postcode_rows(gathering, files),
    )


def declare(gathering: Gathering, files: SourceFiles) -> None:
    """The area sets and the House of Commons."""
    place = files.place(RIDINGS)
    gathering.add_area_set(AreaSetRecord(PROVINCE_SET, "Provinces and territories"), files.place(PROVINCES))
    gathering.add_area_set(
        AreaSetRecord(
            code=RIDING_SET,
            name="Federal electoral districts (2023 representation order)",
            role="sitting",
            valid_from=ELECTION,
            source="Elections Canada, by way of Represent; Open Civic Data",
            licence="Open Government Licence – Canada; CC0 1.0",
        ),
        place,
    )
    gathering.add_legislature(
        LegislatureRecord(
            code=HOUSE,
            name="House of Commons",
            names={"en": "House of Commons", "fr": "Chambre des communes"},
            state="sitting",
            since=ELECTION,
            area_set=RIDING_SET,
            post_noun="Member of Parliament",
        ),
        place,
    )


def add_provinces(gathering: Gathering, files: SourceFiles) -> dict[str, str]:
    """Provinces and territories; their codes by the two digits that their ridings' numbers start with."""
    by_number: dict[str, str] = {}
    for line, row in files.rows(PROVINCES, columns=["id", "name", "sgc"], problems=gathering.problems):
        place = files.place(PROVINCES, line)
        found = re.fullmatch(r"ocd-division/country:ca/(province|territory):([a-z]{2})", row["id"])
        if found is None:
            gathering.problems.error(
                place, "this is not the identifier of a province or territory", row["id"]
            )
            continue
        code = found[2].upper()
        names = {"en": row["name"], "fr": FRENCH_PROVINCES.get(code, row["name"])}
        identifiers = {"ocd": row["id"], "sgc": row["sgc"]}
        if gathering.add_area(
            AreaRecord(
                set=PROVINCE_SET,
                code=code,
                name=row["name"],
                names=names,
                identifiers=identifiers,
                classification=found[1],
            ),
            place,
        ):
            by_number[row["sgc"]] = code
    return by_number


def add_ridings(gathering: Gathering, files: SourceFiles, provinces: dict[str, str]) -> date | None:
    """The ridings and their seats; returns the day from which the identifiers are valid."""
    divisions = read_divisions(gathering, files)
    place = files.place(DIVISIONS)
    published = latest(
        read_date(row["validFrom"], place=place, problems=gathering.problems) for row in divisions.values()
    )
    columns = ["FED_NUM", "ED_NAMEE", "ED_NAMEF"]
    for line, row in files.rows(RIDINGS, columns=columns, problems=gathering.problems):
        place = files.place(RIDINGS, line)
        code = row["FED_NUM"]
        province = provinces.get(code[:2])
        if not re.fullmatch(r"\d{5}", code) or province is None:
            gathering.problems.error(place, "this is not the number of a riding in a known province", code)
            continue
        division = divisions.pop(code, None)
        if division is None:
            gathering.problems.warning(place, f"the riding is not in {DIVISIONS}", code)
        else:
            compare_names(gathering, row, division, files)
        add_riding(gathering, row, province, division["id"] if division else "", place)
    for code in divisions:
        gathering.problems.warning(files.place(DIVISIONS), f"the riding is not in {RIDINGS}; left out", code)
    return published


def add_riding(gathering: Gathering, row: dict[str, str], province: str, ocd: str, place: Place) -> None:
    """One riding and its seat, of which these files do not say who holds it."""
    code, name = row["FED_NUM"], row["ED_NAMEE"]
    area = AreaRecord(
        set=RIDING_SET,
        code=code,
        name=name,
        names={"en": name, "fr": row["ED_NAMEF"]},
        identifiers={"fed": code, "ocd": ocd} if ocd else {"fed": code},
        classification="federal electoral district",
        parent=(PROVINCE_SET, province),
    )
    if gathering.add_area(area, place):
        gathering.add_post(
            PostRecord(
                code=f"{HOUSE}/{code}",
                label=f"Member of Parliament for {name}",
                role="Member of Parliament",
                kind="seat",
                legislature=HOUSE,
                organization_name="House of Commons",
                area=area.key,
                office="ca/mp",
                holders_known=False,
            ),
            place,
        )


def read_divisions(gathering: Gathering, files: SourceFiles) -> dict[str, dict[str, str]]:
    """The Open Civic Data rows by the riding's number."""
    divisions: dict[str, dict[str, str]] = {}
    columns = ["id", "name", "name_fr", "validFrom"]
    for line, row in files.rows(DIVISIONS, columns=columns, problems=gathering.problems):
        place = files.place(DIVISIONS, line)
        found = re.fullmatch(r"ocd-division/country:ca/ed:(\d{5})-2023", row["id"])
        if found is None:
            gathering.problems.error(place, "this is not the identifier of a riding of 2023", row["id"])
        elif found[1] in divisions:
            gathering.problems.error(place, "the riding is listed twice; the first is kept", found[1])
        else:
            divisions[found[1]] = row | {"line": str(line)}
    return divisions


def compare_names(
    gathering: Gathering, row: dict[str, str], division: dict[str, str], files: SourceFiles
) -> None:
    """Name the ridings that the two lists spell differently, apostrophes and spaces aside."""
    place = files.place(DIVISIONS, int(division["line"]))
    for ours, theirs in ((row["ED_NAMEE"], division["name"]), (row["ED_NAMEF"], division["name_fr"])):
        if spelling(ours) != spelling(theirs):
            reason = f"the name differs from {RIDINGS}; that one is taken"
            gathering.problems.warning(place, reason, f"{theirs}, not {ours}")


def spelling(name: str) -> str:
    """The name without what only typography changes."""
    return name.replace("’", "'").replace(" ", "").replace("œ", "oe")


def postcode_rows(gathering: Gathering, files: SourceFiles) -> PostcodeRows | None:
    """Forward sortation areas and their provinces: a hint, never a riding."""
    if not files.has(SORTATION):
        reason = "missing: a postal code does not even narrow the choice"
        gathering.problems.warning(files.place(SORTATION), reason)
        return None
    files.whole(SORTATION)  # so that the digest covers it and a damaged file is refused at once
    known = frozenset(code for area_set, code in gathering.areas if area_set == PROVINCE_SET)

    def read_rows(problems: ProblemLog) -> Iterator[PostcodeRow]:
        return read_sortation(files, known, problems)

    return PostcodeRows(PROVINCE_SET, "ca", read_rows, reach="hint", crs="EPSG:4326")


def read_sortation(files: SourceFiles, known: frozenset[str], problems: ProblemLog) -> Iterator[PostcodeRow]:
    """Each forward sortation area once, with every province that it is listed under, and its first point."""
    provinces: dict[str, dict[str, None]] = {}
    points: dict[str, tuple[float, float]] = {}
    for line, row in files.plain_rows(SORTATION, columns=GEONAMES, problems=problems):
        place = files.place(SORTATION, line)
        try:
            code = FORMATS["ca"].normalize(row["code"])
        except MalformedPostcode:
            problems.error(place, "this is not a forward sortation area", row["code"])
            continue
        if row["province"] not in known:
            problems.error(place, "the province is not known", f"{code}: {row['province']}")
            continue
        try:
            points.setdefault(code, (float(row["longitude"]), float(row["latitude"])))
        except ValueError:
            problems.warning(place, "the point is not one", code)
        provinces.setdefault(code, {})[row["province"]] = None
    for code, found in provinces.items():
        yield code, tuple((province, None) for province in found), points.get(code)
