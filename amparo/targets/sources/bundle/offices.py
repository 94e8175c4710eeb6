"""The organizations and posts of a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from amparo.targets.fields import text_of
from amparo.targets.records import PostKind, PostRecord
from amparo.targets.sources.bundle.areas import find_area
from amparo.targets.sources.bundle.details import add_contacts

if TYPE_CHECKING:
    from datetime import date

    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place

ORGANIZATIONS = "organizations.jsonl"
POSTS = "posts.jsonl"


@dataclass(frozen=True, slots=True)
class Organization:
    """A house, a ministry or a party. Its contact details become those of its posts."""

    place: Place
    name: str
    contact_details: object


def read_organizations(gathering: Gathering, files: SourceFiles) -> dict[str, Organization]:
    """The organizations by their identifier; a bundle may have none."""
    organizations: dict[str, Organization] = {}
    if not files.has(ORGANIZATIONS):
        return organizations
    for line, entry in files.json_lines(ORGANIZATIONS, problems=gathering.problems):
        place = files.place(ORGANIZATIONS, line)
        code, name = text_of(entry.get("id")), text_of(entry.get("name"))
        if not code or not name:
            gathering.problems.error(place, "the organization has no id or no name", code)
        elif code in organizations:
            gathering.problems.error(place, "listed twice; the first is kept", f"organization {code}")
        else:
            organizations[code] = Organization(place, name, entry.get("contact_details"))
    return organizations


def add_posts(
    gathering: Gathering, files: SourceFiles, organizations: dict[str, Organization], *, today: date
) -> None:
    """The posts, with their own contacts and those of their organization."""
    files.require(POSTS)
    for line, entry in files.json_lines(POSTS, problems=gathering.problems):
        place = files.place(POSTS, line)
        post = post_of(gathering, entry, organizations, place)
        if post is None or not gathering.add_post(post, place):
            continue
        organization = organizations.get(text_of(entry.get("organization_id")))
        details = [(place, entry.get("contact_details"))]
        if organization is not None:
            details.append((organization.place, organization.contact_details))
        for where, contacts in details:
            add_contacts(gathering, contacts, kind="post", holder=post.code, place=where, today=today)


def post_of(
    gathering: Gathering, entry: dict[str, Any], organizations: dict[str, Organization], place: Place
) -> PostRecord | None:
    """One post; None after reporting why it cannot be one."""
    code, label = text_of(entry.get("id")), text_of(entry.get("label"))
    organization = text_of(entry.get("organization_id"))
    legislature = organization if organization in gathering.legislatures else None
    if not label:
        gathering.problems.error(place, "the post has no label", code)
        return None
    if organization and legislature is None and organization not in organizations:
        gathering.problems.error(place, "the post's organization is not known", organization)
        return None
    kind = text_of(entry.get("kind")) or ("seat" if legislature else "other")
    if kind not in get_args(PostKind):
        gathering.problems.error(place, f"the post's kind is none of {', '.join(get_args(PostKind))}", kind)
        return None
    written = text_of(entry.get("area_id"))
    area_set = gathering.legislatures[legislature].area_set if legislature else None
    area = find_area(gathering, written, area_set=area_set) if written else None
    if written and area is None:
        gathering.problems.error(place, "the post's area is not known, or in several sets", written)
        return None
    rank, seats = entry.get("rank"), entry.get("seats", 1)
    if not isinstance(seats, int) or not isinstance(rank, int | None):
        gathering.problems.error(place, "the post's rank or number of seats is not a whole number", code)
        return None
    known = organizations.get(organization)
    name = gathering.legislatures[legislature].name if legislature else known.name if known else ""
    return PostRecord(
        code=code,
        label=label,
        role=text_of(entry.get("role")),
        kind=cast(PostKind, kind),
        legislature=legislature,
        organization_name=name,
        area=area,
        rank=rank,
        seats=seats,
        office=text_of(entry.get("office")),
        holders_known=entry.get("holders_known") is not False,
    )
