"""The states, the federal district and the territories that send somebody to Congress."""

from __future__ import annotations

from typing import NamedTuple


class State(NamedTuple):
    """One of them: its FIPS number, which outlines carry, its name, and the kind that OCD identifiers use.

    `classes` are those of its two senators. The Constitution makes three, each elected two years after the last
    (Article I, section 3); which two a state has is history:
    https://www.senate.gov/senators/Class_I.htm and the pages beside it.
    """

    fips: str
    name: str
    classes: tuple[int, ...]
    kind: str = "state"


#: By postal abbreviation. FIPS 5-2 numbers, as the Census Bureau uses them in its outlines.
STATES = {
    "AL": State("01", "Alabama", (2, 3)),
    "AK": State("02", "Alaska", (2, 3)),
    "AZ": State("04", "Arizona", (1, 3)),
    "AR": State("05", "Arkansas", (2, 3)),
    "CA": State("06", "California", (1, 3)),
    "CO": State("08", "Colorado", (2, 3)),
    "CT": State("09", "Connecticut", (1, 3)),
    "DE": State("10", "Delaware", (1, 2)),
    "DC": State("11", "District of Columbia", (), "district"),
    "FL": State("12", "Florida", (1, 3)),
    "GA": State("13", "Georgia", (2, 3)),
    "HI": State("15", "Hawaii", (1, 3)),
    "ID": State("16", "Idaho", (2, 3)),
    "IL": State("17", "Illinois", (2, 3)),
    "IN": State("18", "Indiana", (1, 3)),
    "IA": State("19", "Iowa", (2, 3)),
    "KS": State("20", "Kansas", (2, 3)),
    "KY": State("21", "Kentucky", (2, 3)),
    "LA": State("22", "Louisiana", (2, 3)),
    "ME": State("23", "Maine", (1, 2)),
    "MD": State("24", "Maryland", (1, 3)),
    "MA": State("25", "Massachusetts", (1, 2)),
    "MI": State("26", "Michigan", (1, 2)),
    "MN": State("27", "Minnesota", (1, 2)),
    "MS": State("28", "Mississippi", (1, 2)),
    "MO": State("29", "Missouri", (1, 3)),
    "MT": State("30", "Montana", (1, 2)),
    "NE": State("31", "Nebraska", (1, 2)),
    "NV": State("32", "Nevada", (1, 3)),
    "NH": State("33", "New Hampshire", (2, 3)),
    "NJ": State("34", "New Jersey", (1, 2)),
    "NM": State("35", "New Mexico", (1, 2)),
    "NY": State("36", "New York", (1, 3)),
    "NC": State("37", "North Carolina", (2, 3)),
    "ND": State("38", "North Dakota", (1, 3)),
    "OH": State("39", "Ohio", (1, 3)),
    "OK": State("40", "Oklahoma", (2, 3)),
    "OR": State("41", "Oregon", (2, 3)),
    "PA": State("42", "Pennsylvania", (1, 3)),
    "RI": State("44", "Rhode Island", (1, 2)),
    "SC": State("45", "South Carolina", (2, 3)),
    "SD": State("46", "South Dakota", (2, 3)),
    "TN": State("47", "Tennessee", (1, 2)),
    "TX": State("48", "Texas", (1, 2)),
    "UT": State("49", "Utah", (1, 3)),
    "VT": State("50", "Vermont", (1, 3)),
    "VA": State("51", "Virginia", (1, 2)),
    "WA": State("53", "Washington", (1, 3)),
    "WV": State("54", "West Virginia", (1, 2)),
    "WI": State("55", "Wisconsin", (1, 3)),
    "WY": State("56", "Wyoming", (1, 2)),
    "AS": State("60", "American Samoa", (), "territory"),
    "GU": State("66", "Guam", (), "territory"),
    "MP": State("69", "Northern Mariana Islands", (), "territory"),
    "PR": State("72", "Puerto Rico", (), "territory"),
    "VI": State("78", "Virgin Islands", (), "territory"),
}

BY_FIPS = {state.fips: code for code, state in STATES.items()}


def district_code(state: str, district: int) -> str:
    """The district as "CA-14"; the only one of a state is "AK-0", as the Census Bureau's ZIP table has it."""
    return f"{state}-{district}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
