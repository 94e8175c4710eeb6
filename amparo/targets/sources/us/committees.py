"""Committees of Congress: a post for each, with as many seats as members, so that an action can be sent to
one.

Campaigns bind to committees as they do to seats: the members change, the post stays.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from amparo.targets.fields import list_of, mapping_of, text_of
from amparo.targets.problems import UnreadableSource
from amparo.targets.records import MembershipRecord, PostRecord
from amparo.targets.sources.us.districts import HOUSE, SENATE

if TYPE_CHECKING:
    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.sources.us.congress import Member

COMMITTEES = "committees-current.yaml"
SEATS = "committee-membership-current.yaml"

CHAMBERS = {"house": HOUSE, "senate": SENATE}

#: A committee's members are addressed as members of their house; a joint one has both.
OFFICES = {HOUSE: "us/representative", SENATE: "us/senator"}

#: Roles on a committee as the file spells them, in the words of our flags.
FLAGS = {
    "Chairman": "chair",
    "Chair": "chair",
    "Chairwoman": "chair",
    "Cochairman": "chair",
    "Vice Chair": "vice-chair",
    "Vice Chairman": "vice-chair",
    "Vice Chairwoman": "vice-chair",
    "Ranking Member": "ranking-member",
    "Ex Officio": "ex-officio",
}


def add_committees(gathering: Gathering, files: SourceFiles, members: dict[str, Member]) -> None:
    """Committees, subcommittees and who sits on them; nothing, with a warning, when a file is missing."""
    for name in (COMMITTEES, SEATS):
        if not files.has(name):
            gathering.problems.warning(files.place(name), "missing: committees are not loaded")
            return
    table = files.yaml(SEATS)
    place = files.place(SEATS)
    if not isinstance(table, dict):
        raise UnreadableSource(file=place.file, why="it does not list members by committee")
    seats: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for code, rows in table.items():
        seats[str(code)] = [mapping_of(row) for row in list_of(rows)]
    add_posts(gathering, files, seats)
    for code, rows in seats.items():
        if committee_post(code) not in gathering.posts:
            gathering.problems.error(place, f"the committee is not in {COMMITTEES}", code)
            continue
        for row in rows:
            add_seat(gathering, files, code, row, members)


def add_posts(gathering: Gathering, files: SourceFiles, seats: dict[str, list[dict[str, Any]]]) -> None:
    """A post for each committee and each subcommittee."""
    for line, entry in files.yaml_items(COMMITTEES, problems=gathering.problems):
        place = files.place(COMMITTEES, line)
        name, code = text_of(entry.get("name")), text_of(entry.get("thomas_id"))
        chamber = CHAMBERS.get(text_of(entry.get("type")))
        inner = map(mapping_of, list_of(entry.get("subcommittees")))
        subcommittees = [
            (code + text_of(part.get("thomas_id")), f"{name}: {text_of(part.get('name'))}") for part in inner
        ]
        for own_code, own_name in [(code, name), *subcommittees]:
            gathering.add_post(
                PostRecord(
                    code=committee_post(own_code),
                    label=f"Member of the {own_name}",
                    role="Committee member",
                    kind="committee",
                    legislature=chamber,
                    organization_name=own_name,
                    seats=max(1, len(seats.get(own_code, ()))),
                    office=OFFICES.get(chamber or "", "us/committee-member"),
                ),
                place,
            )


def add_seat(
    gathering: Gathering, files: SourceFiles, code: str, row: dict[str, Any], members: dict[str, Member]
) -> None:
    """One member of one committee, the chair and the ranking member flagged."""
    place = files.place(SEATS)
    bioguide, title = text_of(row.get("bioguide")), text_of(row.get("title"))
    member = members.get(bioguide)
    if member is None:
        gathering.problems.warning(
            place, "somebody who is not in office sits on a committee", f"{code}: {bioguide}"
        )
        return
    holding = MembershipRecord(
        post=committee_post(code),
        person=bioguide,
        status="appointed",
        party=member.holding.party,
        party_name=member.holding.party_name,
        note=title,
        flags=(FLAGS[title],) if title in FLAGS else (),
    )
    gathering.add_membership(holding, place)


def committee_post(code: str) -> str:
    """The code of a committee's post, by its THOMAS identifier; a subcommittee's is longer."""
    return f"committee/{code}"
