"""The members of the House of Commons, from two lists that do not always agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.targets.fields import latest, read_date, read_gender
from amparo.targets.records import ContactRecord, MembershipRecord, PersonRecord
from amparo.targets.sources.uk.names import read_name
from amparo.targets.sources.uk.seats import MEMBERS, SEATS, seat_post

if TYPE_CHECKING:
    from datetime import date

    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place
    from amparo.targets.sources.uk.ministers import Minister
    from amparo.targets.sources.uk.seats import SeatCodes

DETAILS = "current_mps.csv"

#: What the list writes where a member publishes no address.
NO_EMAIL = "No email found"

#: Parties whose members do not take their seats, as the list writes them. Their constituents may still write.
ABSTAINING = frozenset({"Sinn Féin"})

#: What the list gives as the party of the Speaker, who does not campaign.
SPEAKER = "Speaker"


@dataclass(frozen=True, slots=True)
class Details:
    """What the second list adds about the holder of a seat."""

    place: Place
    member_id: str
    name: str
    gender: str
    theyworkforyou: str
    start: date | None
    party_code: str
    party_name: str


def add_members(
    gathering: Gathering, files: SourceFiles, codes: SeatCodes, ministers: dict[str, Minister]
) -> date | None:
    """People, holdings and addresses; returns the latest day on which a member came in.

    `mp_lookup.csv` is refreshed every morning and decides who holds a seat and for which party.
    `current_mps.csv` adds gender and first day, for the same person only; where the two differ, that is
    reported.
    """
    details = read_details(gathering, files, codes)
    parties = {entry.party_name: entry.party_code for entry in details.values()}
    known = {minister.parliament: minister for minister in ministers.values() if minister.parliament}
    columns = [
        "pcon_name",
        "pcon_code",
        "member_id",
        "full_title",
        "display_as",
        "party_text",
        "member_email",
    ]
    for line, row in files.rows(MEMBERS, columns=columns, problems=gathering.problems):
        place = files.place(MEMBERS, line)
        code = codes.read(row["pcon_code"], place, gathering.problems)
        if (SEATS, code) not in gathering.areas:
            reason = "the GSS code is not that of any seat; it may be from before July 2024"
            gathering.problems.error(place, reason, row["pcon_code"])
            continue
        found = details.get(code)
        if found is not None:
            found = agreed(gathering, found, row, place)
        row["party"] = parties.get(row["party_text"], row["party_text"])
        add_member(gathering, row, code, found, known.get(row["member_id"]), place)
    report_empty_seats(gathering, files)
    return latest(entry.start for entry in details.values())


def add_member(
    gathering: Gathering,
    row: dict[str, str],
    code: str,
    details: Details | None,
    minister: Minister | None,
    place: Place,
) -> None:
    """One member: the person, the seat held, the address."""
    email = "" if row["member_email"] == NO_EMAIL else row["member_email"]
    person = person_of(row, email, details, minister)
    if not gathering.add_person(person, place):
        return
    holding = MembershipRecord(
        post=seat_post(code),
        person=person.code,
        status="elected",
        party=row["party"],
        party_name=row["party_text"],
        start=details.start if details else None,
        flags=flags_of(row["party_text"]),
    )
    if gathering.add_membership(holding, place):
        add_email(gathering, holding, email, place)


def person_of(
    row: dict[str, str], email: str, details: Details | None, minister: Minister | None
) -> PersonRecord:
    """The person, with what the second list and the ministers' database add."""
    name = read_name(
        full_title=row["full_title"],
        display=row["display_as"],
        email=email,
        known_family=minister.family if minister else "",
    )
    gender = (details.gender if details else "") or (minister.gender if minister else "")
    identifiers = {
        "uk-parliament": row["member_id"],
        "theyworkforyou": details.theyworkforyou if details else "",
        "ifg": minister.ifg if minister else "",
    }
    return PersonRecord(
        code=member_code(row["member_id"]),
        name=name.full,
        family_name=name.family,
        given_name=name.given,
        honorific_prefix=name.prefix,
        honorific_suffix=name.suffix,
        gender=read_gender(gender),
        identifiers={scheme: value for scheme, value in identifiers.items() if value},
        languages=("en",),
    )


def add_email(gathering: Gathering, holding: MembershipRecord, email: str, place: Place) -> None:
    """The address of the member as a member: they answer their own constituents, who must say where they live."""
    if not email:
        gathering.problems.warning(place, "no e-mail address is published", holding.person)
        return
    gathering.add_contact(
        ContactRecord(
            holder_kind="membership",
            holder=holding.code,
            type="email",
            value=email,
            accepts="constituents",
            requires=("postal_address",),
        ),
        place,
    )


def member_code(member_id: str) -> str:
    """The code of a person known to Parliament."""
    return f"parliament/{member_id}"


def flags_of(party: str) -> tuple[str, ...]:
    """What versions of a letter need to know, told by the party as it is written in the list."""
    if party == SPEAKER:
        return ("speaker",)
    return ("abstains",) if party in ABSTAINING else ()


def agreed(gathering: Gathering, details: Details, row: dict[str, str], place: Place) -> Details | None:
    """The details when they are about the same person; None, reported, when the seat has changed hands."""
    if details.member_id != row["member_id"]:
        reason = "the seat is held by somebody else in mp_lookup.csv; that one is taken"
        gathering.problems.warning(details.place, reason, f"{details.name}, not {row['display_as']}")
        return None
    if details.party_name != row["party_text"]:
        reason = f"the party differs from {DETAILS}; the one here is taken"
        value = f"{row['display_as']}: {row['party_text']}, not {details.party_name}"
        gathering.problems.warning(place, reason, value)
    return details


def read_details(gathering: Gathering, files: SourceFiles, codes: SeatCodes) -> dict[str, Details]:
    """The second list by seat; empty, with a warning, when the file is missing."""
    if not files.has(DETAILS):
        gathering.problems.warning(
            files.place(DETAILS), "missing: members are loaded without gender and first day"
        )
        return {}
    columns = ["PCON24CD", "MP", "Gender", "ID", "TheyWorkForYou ID", "Start date", "Party", "Party name"]
    found: dict[str, Details] = {}
    for line, row in files.rows(DETAILS, columns=columns, problems=gathering.problems):
        place = files.place(DETAILS, line)
        code = codes.read(row["PCON24CD"], place, gathering.problems)
        if code in found:
            gathering.problems.error(place, "the seat is listed twice; the first is kept", code)
        elif (SEATS, code) not in gathering.areas:
            gathering.problems.error(place, "the GSS code is not that of any seat", row["PCON24CD"])
        else:
            start = read_date(row["Start date"], place=place, problems=gathering.problems)
            found[code] = Details(
                place,
                row["ID"],
                row["MP"],
                row["Gender"],
                row["TheyWorkForYou ID"],
                start,
                row["Party"],
                row["Party name"],
            )
    return found


def report_empty_seats(gathering: Gathering, files: SourceFiles) -> None:
    """Name every seat without a member: it will be shown as vacant, so it had better be."""
    held = {record.post for record in gathering.memberships.values()}
    for post in gathering.posts.values():
        if post.area is not None and post.area[0] == SEATS and post.code not in held:
            gathering.problems.warning(
                files.place(MEMBERS), "the seat has no member here: vacant", post.label
            )
