"""The members of Congress, and which of them are in office on the day of reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amparo.targets.fields import (
    is_running,
    latest,
    list_of,
    mapping_of,
    read_date,
    read_gender,
    text_of,
)
from amparo.targets.records import HoldingStatus, MembershipRecord, PersonRecord
from amparo.targets.sources.us.districts import house_post, senate_post

if TYPE_CHECKING:
    from datetime import date

    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place

MEMBERS = "legislators-current.yaml"

#: Kept of the sixteen identifiers in the file: those that other lists join on.
SCHEMES = ("bioguide", "govtrack", "lis", "wikidata", "votesmart")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in office: the holding, the term as the file has it, and where it stands."""

    place: Place
    bioguide: str
    holding: MembershipRecord
    term: dict[str, Any]


def add_members(
    gathering: Gathering, files: SourceFiles, *, today: date
) -> tuple[dict[str, Member], date | None]:
    """Everybody in office on `today`, by bioguide identifier, and the latest day on which a term began.

    A term that has ended leaves the seat vacant: the file then names nobody newer, and a letter to somebody
    who has left office is worse than an honest vacancy.
    """
    members: dict[str, Member] = {}
    newest: date | None = None
    for line, entry in files.yaml_items(MEMBERS, problems=gathering.problems):
        place = files.place(MEMBERS, line)
        bioguide = text_of(mapping_of(entry.get("id")).get("bioguide"))
        terms = [mapping_of(term) for term in list_of(entry.get("terms"))]
        if not bioguide or not terms:
            gathering.problems.error(place, "the member has no bioguide identifier or no terms", bioguide)
            continue
        newest = latest([newest, read_date(terms[-1].get("start"), place=place, problems=gathering.problems)])
        term = running_term(gathering, terms, place, today=today)
        if term is None:
            ended = text_of(terms[-1].get("end"))
            gathering.problems.warning(
                place,
                "no term is running on the day of reading; the seat is vacant",
                f"{bioguide}, until {ended}",
            )
            continue
        member = add_member(gathering, entry, bioguide, term, place)
        if member is not None:
            members[bioguide] = member
    report_vacancies(gathering, files)
    return members, newest


def running_term(
    gathering: Gathering, terms: list[dict[str, Any]], place: Place, *, today: date
) -> dict[str, Any] | None:
    """The last term that has begun and not ended."""
    for term in reversed(terms):
        start = read_date(term.get("start"), place=place, problems=gathering.problems)
        end = read_date(term.get("end"), place=place, problems=gathering.problems)
        if is_running(start, end, on=today):
            return term
    return None


def add_member(
    gathering: Gathering, entry: dict[str, Any], bioguide: str, term: dict[str, Any], place: Place
) -> Member | None:
    """One member: the person and the seat held; None when either was refused."""
    post = post_of(term)
    if post is None:
        gathering.problems.error(place, "the term names neither a district nor a class of senators", bioguide)
        return None
    if not gathering.add_person(person_of(entry, bioguide), place):
        return None
    status: HoldingStatus = "appointed" if term.get("how") == "appointment" else "elected"
    party = text_of(term.get("party"))
    caucus = text_of(term.get("caucus"))
    holding = MembershipRecord(
        post=post,
        person=bioguide,
        status=status,
        party=party,
        party_name=party,
        start=read_date(term.get("start"), place=place, problems=gathering.problems),
        end=read_date(term.get("end"), place=place, problems=gathering.problems),
        note=f"Caucuses with the {caucus}s" if caucus and caucus != party else "",
        flags=flags_of(entry),
    )
    return Member(place, bioguide, holding, term) if gathering.add_membership(holding, place) else None


def person_of(entry: dict[str, Any], bioguide: str) -> PersonRecord:
    """Name, gender and identifiers as the file states them. It gives no titles: the office brings its own."""
    name = mapping_of(entry.get("name"))
    given, family, suffix = (text_of(name.get(part)) for part in ("first", "last", "suffix"))
    full = text_of(name.get("official_full")) or " ".join(filter(None, [given, family, suffix]))
    identifiers = {
        scheme: text_of(mapping_of(entry.get("id")).get(scheme))
        for scheme in SCHEMES
        if text_of(mapping_of(entry.get("id")).get(scheme))
    }
    gender = read_gender(text_of(mapping_of(entry.get("bio")).get("gender")))
    return PersonRecord(
        code=bioguide,
        name=full,
        family_name=family,
        given_name=given,
        honorific_prefix="",
        honorific_suffix=suffix,
        gender=gender,
        identifiers=identifiers,
        languages=("en",),
    )


def post_of(term: dict[str, Any]) -> str | None:
    """The code of the seat that a term is about."""
    state = text_of(term.get("state"))
    district, number = term.get("district"), term.get("class")
    if term.get("type") == "rep" and isinstance(district, int):
        return house_post(state, district)
    if term.get("type") == "sen" and isinstance(number, int):
        return senate_post(state, number)
    return None


def flags_of(entry: dict[str, Any]) -> tuple[str, ...]:
    """Whether the member is Speaker of the House now: a role in the chamber's leadership without an end."""
    roles = [mapping_of(role) for role in list_of(entry.get("leadership_roles"))]
    speaks = any(role.get("title") == "Speaker of the House" and not role.get("end") for role in roles)
    return ("speaker",) if speaks else ()


def report_vacancies(gathering: Gathering, files: SourceFiles) -> None:
    """Name every seat without a member: vacancies are known by absence, so they had better be true."""
    held = {record.post for record in gathering.memberships.values()}
    for post in gathering.posts.values():
        if post.kind == "seat" and post.code not in held:
            gathering.problems.warning(files.place(MEMBERS), "the seat has no member here: vacant", post.code)
