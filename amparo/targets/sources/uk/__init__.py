"""The United Kingdom: 650 Members of Parliament, His Majesty's ministers, and the postcodes of Great Britain.

The files, as their publishers name them (`docs/host/` says where they come from):

    pcon_2024_lookup.json            mySociety: the seats, with Welsh names and codes
    gb_postcodes_pcon2024.csv        postcode, grid reference, seat
    mp_lookup.csv                    members, their titles, parties and e-mail addresses
    current_mps.csv                  gender, first day and TheyWorkForYou number of members (may be missing)
    ifg_ministers_*.csv              Institute for Government: posts and appointments (may be missing)
    PCON_JULY_2024_UK_BUC_shp.zip    outlines on the British grid (may be missing)

Northern Ireland's postcodes carry a licence of their own and are in no open table; its seats are found on
the map.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from amparo.targets.fields import latest
from amparo.targets.files import SourceFiles
from amparo.targets.gathering import Gathering
from amparo.targets.records import AreaSetRecord, LegislatureRecord
from amparo.targets.registry import register_source
from amparo.targets.sources.uk.members import add_members
from amparo.targets.sources.uk.ministers import add_ministers, read_ministers
from amparo.targets.sources.uk.places import OUTLINES, POSTCODES, codes_in_table, outline_rows, postcode_rows
from amparo.targets.sources.uk.seats import COMMONS, MEMBERS, NATIONS, SEATS, SeatCodes, add_seats

if TYPE_CHECKING:
    from pathlib import Path

    from amparo.targets.records import SourceBundle

#: The general election that elected the present House on these seats: https://www.parliament.uk/general-election-2024
ELECTION = date(2024, 7, 4)

SEAT_LICENCE = "Open Government Licence v3.0; CC BY 4.0 (mySociety)"

CREDITS = (
    "Contains OS data © Crown copyright and database right",
    "Contains Royal Mail data © Royal Mail copyright and database right",
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0",
    "Contains Parliamentary information licensed under the Open Parliament Licence v3.0",
    "Constituency codes and names: mySociety, CC BY 4.0",
    "Ministers: Institute for Government, CC BY 4.0",
)


@register_source("uk", title="United Kingdom: Members of Parliament, ministers, postcodes")
def read(path: Path, *, today: date) -> SourceBundle:
    """Read the folder (or a zip of it). Appointments count when they run on `today`."""
    files = SourceFiles(path)
    files.require("pcon_2024_lookup.json", "mp_lookup.csv", POSTCODES)
    gathering = Gathering()
    declare(gathering, files)
    codes = SeatCodes(codes_in_table(files))
    add_seats(gathering, files, codes)
    ministers = read_ministers(gathering, files, today=today)
    members_date = add_members(gathering, files, codes, ministers)
    ministers_date = add_ministers(gathering, files, ministers, today=today)
    known = frozenset(code for area_set, code in gathering.areas if area_set == SEATS)
    return gathering.bundle(
        files,
        slug="uk",
        country="GB",
        title="United Kingdom",
        description="House of Commons and His Majesty's Government",
        licence=f"Open Parliament Licence v3.0; {SEAT_LICENCE}; CC BY 4.0 (Institute for Government)",
        published=latest([members_date, ministers_date]),
        credits=CREDITS,
        postcodes=postcode_rows(files, codes, known),
        outlines=outline_rows(files, codes, known, problems=gathering.problems),
    )


def declare(gathering: Gathering, files: SourceFiles) -> None:
    """The area sets and the House of Commons. (A dissolution is not in these files: staff set it.)"""
    seats = files.place("pcon_2024_lookup.json")
    gathering.add_area_set(AreaSetRecord(NATIONS, "Nations of the United Kingdom"), files.place(MEMBERS))
    gathering.add_area_set(
        AreaSetRecord(
            code=SEATS,
            name="Westminster constituencies (2023 review)",
            role="sitting",
            valid_from=ELECTION,
            source="Boundary Commissions, by way of mySociety and the Office for National Statistics",
            licence=SEAT_LICENCE,
            crs="EPSG:27700" if files.has(OUTLINES) else None,
        ),
        seats,
    )
    gathering.add_legislature(
        LegislatureRecord(
            code=COMMONS,
            name="House of Commons",
            names={"en": "House of Commons", "cy": "Tŷ'r Cyffredin"},
            state="sitting",
            since=ELECTION,
            area_set=SEATS,
            post_noun="Member of Parliament",
        ),
        seats,
    )
