"""The United States: both houses of the 119th Congress, their committees, districts and ZIP codes.

The files, as their publishers name them (`docs/host/` says where they come from); those in brackets may be
missing:

    legislators-current.yaml               members and their terms (unitedstates/congress-legislators)
    ocd_us_congressional_districts.csv     the districts (Open Civic Data)
    zcta_cd119.csv                         the districts that each ZIP code touches (Census Bureau)
    [legislators-district-offices.yaml]    telephones and addresses at home
    [legislators-social-media.yaml]        official accounts
    [committees-current.yaml, committee-membership-current.yaml]
    [contact_forms.csv]                    web forms and what they ask for (unitedstates/contact-congress)
    [geonames_zip.tsv]                     where each ZIP code is (GeoNames)
    [cd119_20m.geojson]                    outlines of the districts, 1:20,000,000 (Census Bureau)

Districts and members belong together until the Congress ends; the next ones are chosen on new lines.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from amparo.targets.files import SourceFiles
from amparo.targets.gathering import Gathering
from amparo.targets.records import AreaSetRecord, LegislatureRecord
from amparo.targets.registry import register_source
from amparo.targets.sources.us.committees import add_committees
from amparo.targets.sources.us.congress import MEMBERS, add_members
from amparo.targets.sources.us.districts import (
    DISTRICT_SET,
    DIVISIONS,
    HOUSE,
    SENATE,
    STATE_SET,
    add_districts,
    add_states,
)
from amparo.targets.sources.us.offices import (
    add_capitol_offices,
    add_district_offices,
    add_forms,
    add_social_media,
)
from amparo.targets.sources.us.zips import DEGREES, OUTLINES, PLACES, ZCTAS, outline_rows, postcode_rows

if TYPE_CHECKING:
    from pathlib import Path

    from amparo.targets.records import SourceBundle

#: The 119th Congress, by the Twentieth Amendment.
CONGRESS = (date(2025, 1, 3), date(2027, 1, 3))

CREDITS = (
    "Members of Congress: unitedstates/congress-legislators, CC0",
    "Districts: U.S. Census Bureau, public domain; Open Civic Data, CC0",
    "Places of ZIP codes: GeoNames, CC BY 4.0",
)


@register_source("us", title="United States: Congress, committees, ZIP codes")
def read(path: Path, *, today: date) -> SourceBundle:
    """Read the folder (or a zip of it). Members count when a term of theirs runs on `today`."""
    files = SourceFiles(path)
    files.require(MEMBERS, DIVISIONS, ZCTAS)
    gathering = Gathering()
    declare(gathering, files)
    add_states(gathering, files)
    add_districts(gathering, files, today=today)
    members, newest = add_members(gathering, files, today=today)
    add_forms(gathering, files, members)
    add_capitol_offices(gathering, members)
    add_district_offices(gathering, files, members)
    add_social_media(gathering, files, members)
    add_committees(gathering, files, members)
    known = frozenset(code for area_set, code in gathering.areas if area_set == DISTRICT_SET)
    for table in (ZCTAS, PLACES):
        if files.has(table):
            files.whole(table)  # so that the digest covers it and a damaged file is refused at once
    return gathering.bundle(
        files,
        slug="us",
        country="US",
        title="United States",
        description="Congress of the United States",
        licence="CC0 1.0; public domain (U.S. Census Bureau); CC BY 4.0 (GeoNames)",
        published=newest,
        credits=CREDITS,
        postcodes=postcode_rows(files, known),
        outlines=outline_rows(files, known, problems=gathering.problems),
    )


def declare(gathering: Gathering, files: SourceFiles) -> None:
    """The area sets and the two houses."""
    place = files.place(DIVISIONS)
    gathering.add_area_set(AreaSetRecord(STATE_SET, "States, federal district and territories"), place)
    gathering.add_area_set(
        AreaSetRecord(
            code=DISTRICT_SET,
            name="Congressional districts of the 119th Congress",
            valid_from=CONGRESS[0],
            valid_until=CONGRESS[1],
            source="U.S. Census Bureau; Open Civic Data",
            licence="public domain; CC0 1.0",
            crs=DEGREES if files.has(OUTLINES) else None,
        ),
        place,
    )
    for code, name, area_set, noun in (
        (HOUSE, "House of Representatives", DISTRICT_SET, "Representative"),
        (SENATE, "Senate", STATE_SET, "Senator"),
    ):
        record = LegislatureRecord(
            code=code,
            name=name,
            names={"en": name},
            state="sitting",
            since=CONGRESS[0],
            area_set=area_set,
            post_noun=noun,
        )
        gathering.add_legislature(record, place)
