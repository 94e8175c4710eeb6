"""Action Network's custom targets: the CSV as it is exported there, unchanged.

Its columns are title, first_name, last_name, zip_code, country, gender, email and phone
(https://help.actionnetwork.org/hc/en-us/articles/203112879). Several targets may share a ZIP code, and a
target without one is everybody's. There the nearest ZIP code wins; here a supporter's ZIP code must be one
of the list's, or lie between two that agree, because a list says nothing about distances.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

from amparo.targets.address_forms import is_spoken_title
from amparo.targets.contacts import fault_of
from amparo.targets.fields import read_gender
from amparo.targets.files import SourceFiles
from amparo.targets.gathering import Gathering
from amparo.targets.postcodes import FORMATS, GENERIC, MalformedPostcode
from amparo.targets.problems import UnreadableSource
from amparo.targets.records import (
    AreaRecord,
    AreaSetRecord,
    ContactRecord,
    LegislatureRecord,
    MembershipRecord,
    PersonRecord,
    PostcodeRow,
    PostcodeRows,
    PostRecord,
)
from amparo.targets.registry import register_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from amparo.targets.problems import Place, ProblemLog
    from amparo.targets.records import ContactType, SourceBundle

COLUMNS = ("title", "first_name", "last_name", "zip_code", "country", "gender", "email", "phone")

LIST = "list"
ZIP_SET = "list-zips"

#: How the countries that we know write their postcodes, by the ways the column is filled in.
COUNTRIES = {"US": "us", "USA": "us", "GB": "uk", "UK": "uk", "CA": "ca"}


@register_source("action-network", title="Action Network: a CSV of custom targets")
def read(path: Path, *, today: date) -> SourceBundle:
    """Read the file. Its name becomes the slug, so that a newer export replaces the older one."""
    del today  # nothing in a list depends on it
    if path.is_dir():
        raise UnreadableSource(file=path.name, why="it is a folder; give the CSV file itself")
    files = SourceFiles(path)
    gathering = Gathering()
    rows = list(files.rows(path.name, columns=COLUMNS, problems=gathering.problems))
    stem = path.name.partition(".")[0]
    place = files.place(path.name)
    gathering.add_area_set(AreaSetRecord(ZIP_SET, "ZIP codes of the list"), place)
    gathering.add_legislature(
        LegislatureRecord(
            code=LIST, name=stem, names={}, state="sitting", since=None, area_set=ZIP_SET, post_noun="target"
        ),
        place,
    )
    country = Counter(row["country"].upper() for _line, row in rows if row["zip_code"]).most_common(1)
    home = country[0][0] if country else ""
    written = COUNTRIES.get(home, GENERIC)
    for line, row in rows:
        add_target(gathering, row, files.place(path.name, line), home=home, written=written)
    return gathering.bundle(
        files,
        slug=slug_of(stem),
        country={"uk": "GB", "us": "US", "ca": "CA"}.get(
            written, home if re.fullmatch("[A-Z]{2}", home) else ""
        ),
        title=stem[:200],
        description="Custom targets exported from Action Network",
        licence="",
        published=None,
        postcodes=postcode_rows(gathering, written),
    )


def add_target(gathering: Gathering, row: dict[str, str], place: Place, *, home: str, written: str) -> None:
    """One row: a person, the post that stands for the row, and how to reach them."""
    if not row["email"] and not row["phone"]:
        gathering.problems.error(
            place, "the target has neither an e-mail address nor a telephone", row["last_name"]
        )
        return
    kinds: tuple[ContactType, ...] = ("email", "phone")
    for kind in kinds:
        fault = (
            fault_of(ContactRecord(holder_kind="person", holder="", type=kind, value=row[kind]))
            if row[kind]
            else ""
        )
        if fault:
            gathering.problems.error(place, fault, row[kind])
            return
    code = ""
    if row["zip_code"]:
        code = read_zip(gathering, row, place, home=home, written=written)
        if not code:
            return
    person = person_of(row)
    known = gathering.people.get(person.code)
    if known is None and not gathering.add_person(person, place):
        return
    if known is not None and known.name != person.name:
        gathering.problems.error(place, "two targets of different names have one address", person.name)
        return
    if code and (ZIP_SET, code) not in gathering.areas:
        gathering.add_area(AreaRecord(ZIP_SET, code, code, classification="ZIP code"), place)
    add_holding(gathering, row, person, code, place)


def add_holding(
    gathering: Gathering, row: dict[str, str], person: PersonRecord, code: str, place: Place
) -> None:
    """The post, who holds it, and the contacts of the row."""
    role = "" if is_spoken_title(row["title"]) else row["title"]
    post = PostRecord(
        code=f"target/{person.code}/{code or 'all'}",
        label=role or person.name,
        role=role,
        kind="seat",
        legislature=LIST,
        organization_name="",
        area=(ZIP_SET, code) if code else None,
        office="",
    )
    holding = MembershipRecord(post.code, person.code, "appointed")
    if not (gathering.add_post(post, place) and gathering.add_membership(holding, place)):
        return
    if row["email"]:
        gathering.add_contact(
            ContactRecord(holder_kind="membership", holder=holding.code, type="email", value=row["email"]),
            place,
        )
    else:
        gathering.problems.warning(place, "the target has no e-mail address", person.name)
    if row["phone"]:
        gathering.add_contact(
            ContactRecord(holder_kind="membership", holder=holding.code, type="phone", value=row["phone"]),
            place,
        )


def read_zip(gathering: Gathering, row: dict[str, str], place: Place, *, home: str, written: str) -> str:
    """The compact ZIP code; empty after reporting that it cannot be used."""
    if row["country"].upper() != home:
        reason = f"the list is about {home or 'no country'}; make another list for other countries"
        gathering.problems.error(place, reason, row["country"])
        return ""
    try:
        return FORMATS[written].key(FORMATS[written].normalize(row["zip_code"]))
    except MalformedPostcode:
        gathering.problems.error(place, "this is not a postcode of the country", row["zip_code"])
        return ""


def person_of(row: dict[str, str]) -> PersonRecord:
    """The person. One address is one person, on however many rows."""
    name = " ".join(filter(None, [row["first_name"], row["last_name"]]))
    return PersonRecord(
        code=digest(row["email"].lower() or f"{name} {row['phone']}"),
        name=name,
        family_name=row["last_name"],
        given_name=row["first_name"],
        honorific_prefix=row["title"] if is_spoken_title(row["title"]) else "",
        honorific_suffix="",
        gender=read_gender(row["gender"]),
    )


def postcode_rows(gathering: Gathering, written: str) -> PostcodeRows | None:
    """The list's ZIP codes lead to themselves; None when no target has one."""
    codes = sorted(code for area_set, code in gathering.areas if area_set == ZIP_SET)
    if not codes:
        return None

    def read_rows(_problems: ProblemLog) -> Iterator[PostcodeRow]:
        return ((code, ((code, None),), None) for code in codes)

    return PostcodeRows(ZIP_SET, written, read_rows)


def slug_of(stem: str) -> str:
    """The file's name as a slug of at most 40 letters."""
    return re.sub("[^a-z0-9]+", "-", stem.lower()).strip("-")[:40].strip("-") or LIST


def digest(text: str) -> str:
    """A short key that does not show the address: post codes stand in links."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
