"""How members of Congress are reached. None of them publishes an e-mail address: forms, telephones and letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amparo.targets.contacts import is_web_address
from amparo.targets.fields import list_of, mapping_of, text_of
from amparo.targets.records import ContactRecord

if TYPE_CHECKING:
    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place
    from amparo.targets.records import ContactType
    from amparo.targets.sources.us.congress import Member

FORMS = "contact_forms.csv"
OFFICES = "legislators-district-offices.yaml"
SOCIAL = "legislators-social-media.yaml"

CAPITOL = "Washington, DC"

#: What stands in the list of forms for a member who only takes messages through the House's own interface.
STUB = "stubforcwc"

#: What a form asks for besides name, e-mail and message, by the words of the list.
REQUIRES = {
    "$ADDRESS_STREET": "postal_address",
    "$ADDRESS_ZIP4": "zip4",
    "$NAME_PREFIX": "title",
    "$PHONE": "phone",
    "$TOPIC": "topic",
}

WEBSITE_NOTE = "The official web site: the address of the form itself is not published."

NETWORKS = ("twitter", "facebook", "instagram", "youtube", "mastodon")


def add_forms(gathering: Gathering, files: SourceFiles, members: dict[str, Member]) -> None:
    """For each member the best address to write at: the form in the member's own entry, the list's, the web site."""
    listed = read_forms(gathering, files, members)
    for member in members.values():
        own = text_of(member.term.get("contact_form"))
        address, requires, place = listed.get(member.bioguide, ("", (), member.place))
        if own and not is_web_address(own):
            gathering.problems.error(member.place, "the form's address is not a web address", own)
            own = ""
        if own or address:
            where = member.place if own else place
            add(gathering, member, "form", own or address, where, requires=requires)
            continue
        website = text_of(member.term.get("url"))
        if website:
            add(gathering, member, "form", website, member.place, note=WEBSITE_NOTE)
        else:
            reason = "neither a form nor a web site is published"
            gathering.problems.warning(member.place, reason, member.bioguide)


def read_forms(
    gathering: Gathering, files: SourceFiles, members: dict[str, Member]
) -> dict[str, tuple[str, tuple[str, ...], Place]]:
    """The list of forms by member: address, what it asks for, and its place. Stubs and non-addresses are named."""
    forms: dict[str, tuple[str, tuple[str, ...], Place]] = {}
    if not files.has(FORMS):
        gathering.problems.warning(files.place(FORMS), "missing: forms only where a member's entry has one")
        return forms
    columns = ["bioguide", "form_url", "captcha", "required_fields"]
    for line, row in files.rows(FORMS, columns=columns, problems=gathering.problems):
        place = files.place(FORMS, line)
        address = row["form_url"]
        if row["bioguide"] not in members:
            gathering.problems.warning(place, "the form belongs to nobody in office", row["bioguide"])
        elif address == STUB:
            gathering.problems.warning(place, "a stub stands in place of the form's address", row["bioguide"])
        elif not is_web_address(address):
            gathering.problems.error(place, "the form's address is not a web address", address)
        elif row["bioguide"] in forms:
            gathering.problems.error(place, "the member is listed twice; the first is kept", row["bioguide"])
        else:
            forms[row["bioguide"]] = (address, requirements(row), place)
    return forms


def requirements(row: dict[str, str]) -> tuple[str, ...]:
    """What the form asks of the writer, in our words."""
    asked = row["required_fields"].split()
    found = [word for field, word in REQUIRES.items() if field in asked]
    return tuple([*found, "captcha"] if row["captcha"] == "yes" or "$CAPTCHA_SOLUTION" in asked else found)


def add_capitol_offices(gathering: Gathering, members: dict[str, Member]) -> None:
    """Telephone and postal address in Washington, from the member's own entry."""
    for member in members.values():
        for key, kind in (("phone", "phone"), ("address", "post")):
            value = text_of(member.term.get(key))
            if value:
                add(gathering, member, kind, value, member.place, office=CAPITOL)  # type: ignore[arg-type]


def add_district_offices(gathering: Gathering, files: SourceFiles, members: dict[str, Member]) -> None:
    """Telephones and postal addresses at home."""
    for member, place, entry in entries_about_members(gathering, files, OFFICES, members):
        for office in map(mapping_of, list_of(entry.get("offices"))):
            city = text_of(office.get("city"))
            phone, address = text_of(office.get("phone")), address_of(office)
            if phone:
                add(gathering, member, "phone", phone, place, office=city)
            if address:
                add(gathering, member, "post", address, place, office=city)


def add_social_media(gathering: Gathering, files: SourceFiles, members: dict[str, Member]) -> None:
    """Official accounts, by the name they have there; the note says where."""
    for member, place, entry in entries_about_members(gathering, files, SOCIAL, members):
        accounts = mapping_of(entry.get("social"))
        for network in NETWORKS:
            handle = text_of(accounts.get(network))
            if handle:
                add(gathering, member, "social", handle, place, note=network)


def entries_about_members(
    gathering: Gathering, files: SourceFiles, name: str, members: dict[str, Member]
) -> list[tuple[Member, Place, dict[str, Any]]]:
    """The entries of a file about members in office; empty, with a warning, when the file is missing."""
    if not files.has(name):
        gathering.problems.warning(files.place(name), "missing: loaded without it")
        return []
    found = []
    for line, entry in files.yaml_items(name, problems=gathering.problems):
        place = files.place(name, line)
        bioguide = text_of(mapping_of(entry.get("id")).get("bioguide"))
        if bioguide in members:
            found.append((members[bioguide], place, entry))
        else:
            gathering.problems.warning(place, "the entry is about nobody in office", bioguide)
    return found


def address_of(office: dict[str, Any]) -> str:
    """The lines of a postal address."""
    city = " ".join(filter(None, (text_of(office.get(part)) for part in ("state", "zip"))))
    place = ", ".join(filter(None, [text_of(office.get("city")), city]))
    street = [text_of(office.get(part)) for part in ("building", "address", "suite")]
    return "\n".join(filter(None, [*street, place])) if street[1] else ""


def add(
    gathering: Gathering,
    member: Member,
    kind: ContactType,
    value: str,
    place: Place,
    *,
    note: str = "",
    requires: tuple[str, ...] = (),
    office: str = "",
) -> None:
    """One contact of a member, for constituents only: forms ask for a ZIP code.

    It is the person's, not the seat's: the same office answers for them as a member of a committee. It cannot outlive
    the seat, because people out of office are not loaded.
    """
    gathering.add_contact(
        ContactRecord(
            holder_kind="person",
            holder=member.bioguide,
            type=kind,
            value=value,
            note=note,
            accepts="constituents",
            requires=requires,
            office=office,
        ),
        place,
    )
