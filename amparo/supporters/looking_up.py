"""Staff look somebody up: by the whole e-mail address, the whole telephone number, or the number of the record.

Names and addresses are sealed, so that nobody searches a part of them; equality goes through fingerprints. The trail
says that somebody looked and what they found, never what they typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import addresses, phones
from amparo.kit.refusal import Refusal
from amparo.supporters.identity import find, phone_fingerprint_of
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization


class NotToBeLookedUp(Refusal):
    sentence = _(
        "Write a whole e-mail address, a whole telephone number with its country code, or the number of a record."
        " Names and parts of addresses cannot be searched: they are sealed."
    )


def look_up(words: str, *, organizations: Sequence[Organization], by: User, now: datetime) -> list[Supporter]:
    """Everybody of these organizations whom `words` means exactly. Raises `NotToBeLookedUp`."""
    kind, found = _found(words.strip(), organizations)
    for organization in organizations:
        people = [person for person in found if person.organization_id == organization.pk]
        details = {"by": kind, "found": [str(person.pk) for person in people]}
        audit.record(
            verb="look_up_supporter",
            subject=organization,
            by=by,
            organization=organization,
            now=now,
            details=details,
        )
    return found


def note_list(
    *, organizations: Iterable[Organization], filters: dict[str, str], by: User, now: datetime
) -> None:
    """A list with names was read, narrowed by these codes."""
    for organization in organizations:
        audit.record(
            verb="list_supporters",
            subject=organization,
            by=by,
            organization=organization,
            now=now,
            details=filters,
        )


def note_view(*, supporter: Supporter, by: User, with_names: bool, now: datetime) -> None:
    """One person's page was read."""
    audit.record(
        verb="view_supporter",
        subject=supporter,
        by=by,
        organization=supporter.organization,
        now=now,
        details={"names": with_names},
    )


#: Entries that say what was looked at; nothing was changed by it.
LOOKS = ("look_up_supporter", "list_supporters", "view_supporter")


def _found(words: str, organizations: Sequence[Organization]) -> tuple[str, list[Supporter]]:
    if "@" in words:
        try:
            address = addresses.parse(words)
        except Refusal:
            raise NotToBeLookedUp from None
        people = [find(organization=organization, email=address) for organization in organizations]
        return "e-mail address", [person for person in people if person]
    number = _as_number(words)
    if number is not None:
        rows = Supporter.objects.filter(organization__in=organizations, pk=number)
        return "number", list(rows)
    return "telephone", [
        person for organization in organizations for person in _with_phone(words, organization)
    ]


def _with_phone(words: str, organization: Organization) -> list[Supporter]:
    try:
        phone = phones.parse(words)
    except Refusal:
        raise NotToBeLookedUp from None
    mark = phone_fingerprint_of(phone, organization=organization)
    people = Supporter.objects.for_organization(organization).filter(phone_fingerprint=mark)
    return list(
        dict.fromkeys(person.merged_into or person for person in people.select_related("merged_into"))
    )


def _as_number(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
