"""The people of a bundle, and the posts they hold on the day of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from amparo.targets.fields import is_running, list_of, mapping_of, read_gender, text_of, texts_by_key
from amparo.targets.records import HoldingStatus, MembershipRecord, PersonRecord
from amparo.targets.sources.bundle.details import add_contacts, read_day

if TYPE_CHECKING:
    from datetime import date

    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place
    from amparo.targets.sources.bundle.offices import Organization

PEOPLE = "people.jsonl"
MEMBERSHIPS = "memberships.jsonl"


def add_people(gathering: Gathering, files: SourceFiles, *, today: date) -> None:
    """Everybody listed, with the contacts that are theirs whatever post they hold."""
    if not files.has(PEOPLE):
        gathering.problems.warning(files.place(PEOPLE), "missing: the bundle names nobody")
        return
    for line, entry in files.json_lines(PEOPLE, problems=gathering.problems):
        place = files.place(PEOPLE, line)
        person = person_of(entry)
        if gathering.add_person(person, place):
            details = list_of(entry.get("contact_details"))
            if text_of(entry.get("email")):
                details = [{"type": "email", "value": entry["email"]}, *details]
            add_contacts(gathering, details, kind="person", holder=person.code, place=place, today=today)


def person_of(entry: dict[str, Any]) -> PersonRecord:
    """Popolo's person, with `languages` and `salutations` of our own."""
    identifiers = {
        text_of(mapping_of(pair).get("scheme")): text_of(mapping_of(pair).get("identifier"))
        for pair in list_of(entry.get("identifiers"))
    }
    return PersonRecord(
        code=text_of(entry.get("id")),
        name=text_of(entry.get("name")),
        family_name=text_of(entry.get("family_name")),
        given_name=text_of(entry.get("given_name")),
        honorific_prefix=text_of(entry.get("honorific_prefix")),
        honorific_suffix=text_of(entry.get("honorific_suffix")),
        gender=read_gender(text_of(entry.get("gender"))),
        identifiers=identifiers,
        languages=tuple(filter(None, map(text_of, list_of(entry.get("languages"))))),
        salutations=texts_by_key(entry.get("salutations")),
    )


def add_memberships(
    gathering: Gathering, files: SourceFiles, organizations: dict[str, Organization], *, today: date
) -> None:
    """Who holds which post on `today`, with the contacts that end with the holding. Former holders are passed over."""
    if not files.has(MEMBERSHIPS):
        gathering.problems.warning(files.place(MEMBERSHIPS), "missing: every post is vacant")
        return
    for line, entry in files.json_lines(MEMBERSHIPS, problems=gathering.problems):
        place = files.place(MEMBERSHIPS, line)
        record = membership_of(gathering, entry, organizations, place)
        if record is None or not is_running(record.start, record.end, on=today):
            continue
        if gathering.add_membership(record, place):
            details = entry.get("contact_details")
            add_contacts(gathering, details, kind="membership", holder=record.code, place=place, today=today)


def membership_of(
    gathering: Gathering, entry: dict[str, Any], organizations: dict[str, Organization], place: Place
) -> MembershipRecord | None:
    """One holding; None after reporting why it cannot be one."""
    status = text_of(entry.get("status")) or "elected"
    if status not in get_args(HoldingStatus):
        reason = f"the status is none of {', '.join(get_args(HoldingStatus))}"
        gathering.problems.error(place, reason, status)
        return None
    party = text_of(entry.get("on_behalf_of_id"))
    party_name = text_of(entry.get("party_name")) or (
        organizations[party].name if party in organizations else ""
    )
    return MembershipRecord(
        post=text_of(entry.get("post_id")),
        person=text_of(entry.get("person_id")),
        status=cast(HoldingStatus, status),
        party=party,
        party_name=party_name or party,
        start=read_day(entry.get("start_date"), place=place, problems=gathering.problems),
        end=read_day(entry.get("end_date"), place=place, problems=gathering.problems, last=True),
        note=text_of(entry.get("note")),
        flags=tuple(filter(None, map(text_of, list_of(entry.get("flags"))))),
    )
