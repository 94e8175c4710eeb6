"""His Majesty's ministers: posts and who holds them, from the Institute for Government's database.

Ministers are posts, not members: a third of them sit in the House of Lords, and a change of minister must
not move a campaign. No address is published for them, and none is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.targets.fields import is_running, latest, read_date, read_gender
from amparo.targets.records import HoldingStatus, MembershipRecord, PersonRecord, PostRecord
from amparo.targets.sources.uk.names import Name, read_peer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place

PEOPLE = "ifg_ministers_person.csv"
POSTS = "ifg_ministers_post.csv"
ORGANIZATIONS = "ifg_ministers_organisation.csv"
APPOINTMENTS = "ifg_ministers_appointment.csv"
SPELLS = "ifg_ministers_appointment_characteristics.csv"
FILES = (PEOPLE, POSTS, ORGANIZATIONS, APPOINTMENTS, SPELLS)

#: How to address the holder of a post, by the words its name starts with; the first that fits counts.
OFFICES = (
    ("Prime Minister", "uk/prime-minister"),
    ("Deputy Prime Minister", "uk/deputy-prime-minister"),
    ("Chancellor of the Exchequer", "uk/chancellor"),
    ("Secretary of State for Foreign", "uk/foreign-secretary"),
    ("Secretary of State for the Home Department", "uk/home-secretary"),
    ("Secretary of State for Defence", "uk/defence-secretary"),
    ("Secretary of State for Justice", "uk/lord-chancellor"),
    ("Secretary of State", "uk/secretary-of-state"),
    ("Attorney General", "uk/attorney-general"),
    ("Solicitor General", "uk/solicitor-general"),
    ("Advocate General", "uk/advocate-general"),
    ("Leader of the House", "uk/leader-of-the-house"),
)

#: Ranks below these are whips and officers of the Household, who are addressed by name.
ADDRESSED_AS_MINISTER = frozenset({"PM", "DPM", "SoS", "MoS", "PUSS"})


@dataclass(frozen=True, slots=True)
class Minister:
    """A person in the database, by the name that is right on the day of reading."""

    place: Place
    ifg: str
    parliament: str
    name: str
    family: str
    gender: str

    @property
    def code(self) -> str:
        """Parliament's number where there is one, so that a minister and a member are one person."""
        return f"parliament/{self.parliament}" if self.parliament else f"ifg/{self.ifg}"


@dataclass(frozen=True, slots=True)
class Appointment:
    """Somebody holding a post on the day of reading."""

    place: Place
    minister: Minister
    post: str
    start: date | None
    status: HoldingStatus


def read_ministers(gathering: Gathering, files: SourceFiles, *, today: date) -> dict[str, Minister]:
    """Everybody in the database by their identifier there; empty, with a warning, when a file is missing."""
    missing = [name for name in FILES if not files.has(name)]
    if missing:
        gathering.problems.warning(files.place(missing[0]), "missing: ministers are not loaded")
        return {}
    columns = ["id", "id_parliament", "name", "short_name", "gender", "start_date", "end_date"]
    people: dict[str, Minister] = {}
    for line, row in files.rows(PEOPLE, columns=columns, problems=gathering.problems):
        place = files.place(PEOPLE, line)
        start = read_date(row["start_date"], place=place, problems=gathering.problems)
        end = read_date(row["end_date"], place=place, problems=gathering.problems)
        # People change names: each row is one name with its days.
        if row["id"] not in people or is_running(start, end, on=today):
            parliament = row["id_parliament"].partition(".")[0]
            people[row["id"]] = Minister(
                place, row["id"], parliament, row["name"], row["short_name"], row["gender"]
            )
    return people


def add_ministers(
    gathering: Gathering, files: SourceFiles, ministers: dict[str, Minister], *, today: date
) -> date | None:
    """Every post that somebody holds, its holders, and those of them who are not members of the Commons.

    Returns the latest day that the appointments mention.
    """
    if not ministers:
        return None
    appointments, newest = read_appointments(gathering, files, ministers, today=today)
    by_post: dict[str, list[Appointment]] = defaultdict(list)
    for appointment in appointments:
        by_post[appointment.post].append(appointment)
    add_posts(gathering, files, by_post)
    for appointment in appointments:
        minister = appointment.minister
        if minister.code not in gathering.people:
            gathering.add_person(person_of(minister), minister.place)
        gathering.add_membership(
            MembershipRecord(
                post_code(appointment.post), minister.code, appointment.status, start=appointment.start
            ),
            appointment.place,
        )
    return newest


def read_appointments(
    gathering: Gathering, files: SourceFiles, ministers: dict[str, Minister], *, today: date
) -> tuple[list[Appointment], date | None]:
    """The appointments that run on `today`, and the latest day that any appointment mentions."""
    statuses = read_statuses(gathering, files, today=today)
    running: list[Appointment] = []
    newest: date | None = None
    columns = ["id", "person_id", "post_id", "start_date", "end_date"]
    for line, row in files.rows(APPOINTMENTS, columns=columns, problems=gathering.problems):
        place = files.place(APPOINTMENTS, line)
        start = read_date(row["start_date"], place=place, problems=gathering.problems)
        end = read_date(row["end_date"], place=place, problems=gathering.problems)
        newest = latest([newest, start, end])
        if not is_running(start, end, on=today):
            continue
        minister = ministers.get(row["person_id"])
        if minister is None:
            gathering.problems.error(place, f"the person appointed is not in {PEOPLE}", row["person_id"])
            continue
        status = statuses.get(row["id"], "appointed")
        running.append(Appointment(place, minister, row["post_id"], start, status))
    return running, newest


def read_statuses(gathering: Gathering, files: SourceFiles, *, today: date) -> dict[str, HoldingStatus]:
    """Who is covering for somebody and who is away on `today`, by appointment. Why they are away is not kept."""
    statuses: dict[str, HoldingStatus] = {}
    columns = ["appointment_id", "is_acting", "is_on_leave", "start_date", "end_date"]
    for line, row in files.rows(SPELLS, columns=columns, problems=gathering.problems):
        place = files.place(SPELLS, line)
        start = read_date(row["start_date"], place=place, problems=gathering.problems)
        end = read_date(row["end_date"], place=place, problems=gathering.problems)
        if not is_running(start, end, on=today):
            continue
        if row["is_on_leave"] == "True":
            statuses[row["appointment_id"]] = "on_leave"
        elif row["is_acting"] == "True":
            statuses[row["appointment_id"]] = "acting"
    return statuses


def add_posts(gathering: Gathering, files: SourceFiles, by_post: dict[str, list[Appointment]]) -> None:
    """The posts that somebody holds. One post may have several holders: there are seven assistant whips."""
    organizations = {
        row["id"]: row["name"]
        for _line, row in files.rows(ORGANIZATIONS, columns=["id", "name"], problems=gathering.problems)
    }
    columns = ["id", "organisation_id", "name", "rank_equivalence", "rank_equivalence_value"]
    for line, row in files.rows(POSTS, columns=columns, problems=gathering.problems):
        if row["id"] not in by_post:
            continue
        place = files.place(POSTS, line)
        organization = organizations.get(row["organisation_id"], "")
        if not organization:
            gathering.problems.warning(place, "the post belongs to no known department", row["name"])
        rank = row["rank_equivalence_value"].partition(".")[0]
        gathering.add_post(
            PostRecord(
                code=post_code(row["id"]),
                label=row["name"],
                role=row["name"],
                kind="minister",
                legislature=None,
                organization_name=organization,
                area=None,
                rank=int(rank) if rank.isdecimal() else None,
                seats=seats_of(by_post[row["id"]]),
                office=office_of(row["name"], row["rank_equivalence"]),
            ),
            place,
        )


def post_code(ifg: str) -> str:
    """The code of a minister's post."""
    return f"minister/{ifg}"


def seats_of(holders: Iterable[Appointment]) -> int:
    """How many hold the post in their own right: cover does not count, and leave does not open a second place."""
    return max(1, sum(1 for holder in holders if holder.status == "appointed"))


def office_of(name: str, rank: str) -> str:
    """The key of the form of address."""
    for words, office in OFFICES:
        if name.startswith(words):
            return office
    return "uk/minister" if rank in ADDRESSED_AS_MINISTER else "uk/office-holder"


def person_of(minister: Minister) -> PersonRecord:
    """A minister who is not in the list of members: mostly a peer, whose title is part of the name."""
    name: Name = read_peer(minister.name)
    identifiers = {"ifg": minister.ifg}
    if minister.parliament:
        identifiers["uk-parliament"] = minister.parliament
    return PersonRecord(
        code=minister.code,
        name=name.full,
        family_name=name.family,
        given_name=name.given,
        honorific_prefix=name.prefix,
        honorific_suffix=name.suffix,
        gender=read_gender(minister.gender),
        identifiers=identifiers,
        languages=("en",),
    )
