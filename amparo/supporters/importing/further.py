"""Further addresses on a list: nobody is written to there, but whoever acts with one of them is recognised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from amparo.kit import bulk_rows
from amparo.kit.ids import new_id
from amparo.supporters.importing.matching import Matcher
from amparo.supporters.importing.people import Person
from amparo.supporters.models import OtherAddress

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.kit.sealed_fields import SealedTextField
    from amparo.organizations.models import Organization
    from amparo.supporters.importing.sorting import Sorted
    from amparo.supporters.importing.traces import Changes

#: In `ImportChange` a further address stands as this and its fingerprint.
FURTHER = "further:"
_COLUMNS = ["id", "organization_id", "supporter_id", "email", "fingerprint", "added_at"]
_CONFLICT = '("organization_id", "fingerprint")'

#: An address and its fingerprint.
Address = tuple[str, bytes]


def judge(result: Sorted, *, matcher: Matcher) -> dict[int, list[Address]]:
    """Which further addresses each row adds, by `id` of its `Found`; whatever is left out is noted there.

    Nobody is given an address that is somebody else's, here or in the same piece of the list, or one that is
    suppressed: it may be that of somebody who was erased.
    """
    rows = [each for each in (*result.new, *result.known) if each.person.further and not each.repeated]
    asked = [
        (row, each)
        for row in rows
        for each in matcher.mark(
            Person(row.person.table, row.person.row, email=email, canonical=canonical)
            for email, canonical in row.person.further
        )
    ]
    matcher.find([each for _row, each in asked])
    taken = {each.email_mark for each in (*result.new, *result.known)}
    found: dict[int, list[Address]] = {}
    for row, each in asked:
        mark = each.email_mark
        if (
            mark is None
            or mark == row.email_mark
            or (each.supporter_id and each.supporter_id == row.supporter_id)
        ):
            continue
        if each.suppressed:
            result.note(row, "further-suppressed")
        elif each.supporter_id or mark in taken:
            result.note(row, "further-of-another")
        else:
            taken.add(mark)
            found.setdefault(id(row), []).append((each.person.email, mark))
    return found


def write(
    people: Iterable[tuple[UUID, Sequence[Address]]],
    *,
    organization: Organization,
    changes: Changes,
    known: set[UUID],
    now: datetime,
) -> None:
    """Put them in; whose they are was looked at in the same transaction. It is noted for those who were `known`."""
    sealed = cast("SealedTextField[Any, Any]", OtherAddress._meta.get_field("email"))
    seal = sealed.sealer(organization.pk)
    rows, whose = [], {}
    for pk, addresses in people:
        for email, mark in addresses:
            own = new_id()
            rows.append((own, organization.pk, pk, seal(own, email), mark, now))
            whose[own] = (pk, email, mark)
    fresh = bulk_rows.insert_if_new(OtherAddress, _COLUMNS, rows, conflict=_CONFLICT)
    for own in fresh:
        pk, email, mark = whose[own]
        if pk in known:
            name = f"{FURTHER}{mark.hex()}"
            changes.of(pk).texts({name: ""}, {name: email})


def take_back(pk: UUID, after: Mapping[str, str], *, organization: Organization) -> None:
    """Remove from somebody who was known what the list added."""
    marks = [bytes.fromhex(name.removeprefix(FURTHER)) for name in after if name.startswith(FURTHER)]
    others = OtherAddress.objects.for_organization(organization)
    others.filter(supporter=pk, fingerprint__in=marks).delete()
