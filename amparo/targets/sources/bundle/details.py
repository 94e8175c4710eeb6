"""Popolo's contact details, which may hang on people, posts, memberships and organizations."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, cast, get_args

from amparo.targets.fields import is_running, list_of, mapping_of, read_date, text_of
from amparo.targets.records import Accepts, ContactRecord, ContactType, HolderKind

if TYPE_CHECKING:
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place, ProblemLog

#: Popolo leaves the types open; these are the words that its users write for ours.
TYPES: dict[str, ContactType] = {
    **{kind: kind for kind in get_args(ContactType)},
    "e-mail": "email",
    "url": "form",
    "voice": "phone",
    "cell": "phone",
    "address": "post",
}


def add_contacts(
    gathering: Gathering,
    details: object,
    *,
    kind: HolderKind,
    holder: str,
    place: Place,
    today: date,
) -> None:
    """The contact details of one holder, as far as they are valid on `today`."""
    for entry in map(mapping_of, list_of(details)):
        written = text_of(entry.get("type")).lower()
        if written not in TYPES:
            gathering.problems.error(place, "the kind of contact is not known", written)
            continue
        accepts = text_of(entry.get("accepts")) or "all"
        if accepts not in get_args(Accepts):
            gathering.problems.error(place, "what the contact accepts is not known", accepts)
            continue
        start = read_day(entry.get("valid_from"), place=place, problems=gathering.problems)
        end = read_day(entry.get("valid_until"), place=place, problems=gathering.problems, last=True)
        if is_running(start, end, on=today):
            record = contact_of(gathering, entry, kind, holder, TYPES[written], cast(Accepts, accepts), place)
            gathering.add_contact(record, place)


def contact_of(
    gathering: Gathering,
    entry: dict[str, Any],
    kind: HolderKind,
    holder: str,
    contact_type: ContactType,
    accepts: Accepts,
    place: Place,
) -> ContactRecord:
    """One contact detail as a record."""
    verified = read_date(entry.get("verified_on"), place=place, problems=gathering.problems)
    requires = tuple(filter(None, map(text_of, list_of(entry.get("requires")))))
    return ContactRecord(
        holder_kind=kind,
        holder=holder,
        type=contact_type,
        value=text_of(entry.get("value")),
        note=text_of(entry.get("note")),
        accepts=accepts,
        requires=requires,
        verified_on=verified,
        office=text_of(entry.get("office")) or text_of(entry.get("label")),
    )


def read_day(value: object, *, place: Place, problems: ProblemLog, last: bool = False) -> date | None:
    """Popolo's dates, which may be a year or a month: its first day, or with `last` the day after it."""
    written = text_of(value) if isinstance(value, str | int) else value
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", written) if isinstance(written, str) else None
    if found is None:
        return read_date(written, place=place, problems=problems)
    year, month = int(found[1]), int(found[2] or 1)
    if last:
        year, month = (year, month + 1) if found[2] else (year + 1, 1)
        year, month = (year + 1, 1) if month == 13 else (year, month)
    return read_date(f"{year:04}-{month:02}-01", place=place, problems=problems)
