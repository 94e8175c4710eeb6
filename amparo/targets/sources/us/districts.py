"""The states and the congressional districts, and the seats of both houses: 435 + 6, and two in each state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amparo.targets.records import AreaRecord, PostRecord
from amparo.targets.sources.us.states import STATES, district_code, ordinal

if TYPE_CHECKING:
    from datetime import date

    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place

HOUSE = "house"
SENATE = "senate"
STATE_SET = "us-states"
DISTRICT_SET = "us-cd119"
DIVISIONS = "ocd_us_congressional_districts.csv"

#: ocd-division/country:us/state:ca/cd:14, /district:dc/cd:at-large, /territory:pr/cd:at-large
DIVISION = re.compile(
    r"(?P<above>ocd-division/country:us/(?:state|district|territory):(?P<state>[a-z]{2}))/cd:(?P<number>\d+|at-large)"
)


def add_states(gathering: Gathering, files: SourceFiles) -> None:
    """The 50 states, the District of Columbia and five territories, and the Senate's seats."""
    place = files.place(DIVISIONS)
    for code, state in STATES.items():
        ocd = f"ocd-division/country:us/{state.kind}:{code.lower()}"
        identifiers = {"ocd": ocd, "fips": state.fips}
        area = AreaRecord(
            set=STATE_SET,
            code=code,
            name=state.name,
            names={"en": state.name},
            identifiers=identifiers,
            classification=state.kind,
        )
        gathering.add_area(area, place)
        for number in state.classes:
            gathering.add_post(
                PostRecord(
                    code=senate_post(code, number),
                    label=f"U.S. Senator for {state.name} (class {number})",
                    role="Senator",
                    legislature=SENATE,
                    organization_name="United States Senate",
                    area=area.key,
                    office="us/senator",
                ),
                place,
            )


def add_districts(gathering: Gathering, files: SourceFiles, *, today: date) -> None:
    """Every district that has not been abolished, with the seat in the House that it fills."""
    for line, row in files.rows(
        DIVISIONS, columns=["id", "name", "validThrough"], problems=gathering.problems
    ):
        place = files.place(DIVISIONS, line)
        found = DIVISION.fullmatch(row["id"])
        if found is None or found["state"].upper() not in STATES:
            gathering.problems.error(
                place, "this is not the identifier of a congressional district", row["id"]
            )
            continue
        if row["validThrough"] and row["validThrough"] <= today.isoformat():
            continue
        number = 0 if found["number"] == "at-large" else int(found["number"])
        add_district(gathering, found["state"].upper(), number, row, place)


def add_district(gathering: Gathering, state: str, number: int, row: dict[str, str], place: Place) -> None:
    """One district and its seat."""
    code = district_code(state, number)
    identifiers = {"ocd": row["id"], "geoid": f"{STATES[state].fips}{district_number(state, number)}"}
    area = AreaRecord(
        set=DISTRICT_SET,
        code=code,
        name=row["name"],
        names={"en": row["name"]},
        identifiers=identifiers,
        classification="congressional district",
        parent=(STATE_SET, state),
    )
    if gathering.add_area(area, place):
        role, office = role_of(state)
        gathering.add_post(
            PostRecord(
                code=house_post(state, number),
                label=f"{role} for {place_name(state, number)}",
                role=role,
                kind="seat",
                legislature=HOUSE,
                organization_name="United States House of Representatives",
                area=area.key,
                office=office,
            ),
            place,
        )


def district_number(state: str, number: int) -> str:
    """The Census Bureau's two digits: 00 for a state with one district, 98 for those who send a delegate."""
    return "98" if STATES[state].kind != "state" else f"{number:02}"


def role_of(state: str) -> tuple[str, str]:
    """What the member is called, and the key of the form of address. Delegates have no vote on the floor."""
    if state == "PR":
        return "Resident Commissioner", "us/resident-commissioner"
    if STATES[state].kind != "state":
        return "Delegate", "us/delegate"
    return "Representative", "us/representative"


def place_name(state: str, number: int) -> str:
    """The place in words: "California's 14th district", or the state alone when it has one."""
    name = STATES[state].name
    return f"{name}'s {ordinal(number)} district" if number else name


def house_post(state: str, number: int) -> str:
    """The code of a seat in the House."""
    return f"{HOUSE}/{district_code(state, number)}"


def senate_post(state: str, number: int) -> str:
    """The code of a seat in the Senate, by state and class."""
    return f"{SENATE}/{state}-{number}"
