"""Who on a list is known already, and who must not be written to: a few questions for some thousand rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from amparo.kit import bulk_rows, sealing
from amparo.supporters.importing.people import Person
from amparo.supporters.models import InstallationSuppression, OtherAddress, Supporter, Suppression

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.organizations.models import Organization


@dataclass(slots=True)
class Found:
    """A person on the list with the marks they are found by, and who they are here."""

    person: Person
    email_mark: bytes | None
    phone_mark: bytes | None
    supporter_id: UUID | None = None
    #: Whether several people have their telephone number and no address tells them apart.
    ambiguous: bool = False
    suppressed: bool = False
    #: Stands further up in the list already, and says no here.
    repeated: bool = False

    @property
    def mark(self) -> bytes:
        """What makes two rows the same person: the address, or the telephone number where there is none."""
        return self.email_mark or self.phone_mark or b""


@dataclass(slots=True)
class Matcher:
    """Finds the people of one organization."""

    organization: Organization
    _key: sealing.DataKey = field(init=False)

    def __post_init__(self) -> None:
        self._key = sealing.data_key_for(self.organization.pk)

    def mark(self, people: Iterable[Person]) -> list[Found]:
        """Each person with the fingerprints of their address and telephone number."""
        return [
            Found(
                person,
                self._fingerprint(person.canonical, "email") if person.canonical else None,
                self._fingerprint(person.phone, "phone") if person.phone else None,
            )
            for person in people
        ]

    def find(self, found: Sequence[Found]) -> None:
        """Say who is known, and whose address is suppressed."""
        self._find_by_address([each for each in found if each.email_mark])
        self._find_by_phone([each for each in found if not each.email_mark])
        self._find_suppressed([each for each in found if each.email_mark])

    def marks_of(self, person: Person) -> list[bytes]:
        """What a suppression of their address is found by; the first is what it is kept as."""
        return [self._fingerprint(digest, "suppression") for digest in digests_of(person)]

    def _fingerprint(self, value: str, purpose: str) -> bytes:
        return sealing.fingerprint(value, key=self._key, purpose=purpose)

    def _find_by_address(self, found: Sequence[Found]) -> None:
        known: dict[bytes, UUID] = {}
        mark: bytes | None
        supporters = Supporter.objects.for_organization(self.organization)
        others = OtherAddress.objects.for_organization(self.organization)
        for marks in bulk_rows.in_lists({each.email_mark for each in found}):
            for mark, pk, merged_into in others.filter(fingerprint__in=marks).values_list(
                "fingerprint", "supporter", "supporter__merged_into"
            ):
                known[bytes(mark or b"")] = merged_into or pk
            for mark, pk, merged_into in supporters.filter(email_fingerprint__in=marks).values_list(
                "email_fingerprint", "pk", "merged_into"
            ):
                known[bytes(mark or b"")] = merged_into or pk
        for each in found:
            each.supporter_id = known.get(each.mark)

    def _find_by_phone(self, found: Sequence[Found]) -> None:
        known: dict[bytes, set[UUID]] = {}
        supporters = Supporter.objects.for_organization(self.organization)
        for marks in bulk_rows.in_lists({each.phone_mark for each in found}):
            for mark, pk, merged_into in supporters.filter(phone_fingerprint__in=marks).values_list(
                "phone_fingerprint", "pk", "merged_into"
            ):
                known.setdefault(bytes(mark or b""), set()).add(merged_into or pk)
        for each in found:
            whose = known.get(each.phone_mark or b"", set())
            each.ambiguous = len(whose) > 1
            each.supporter_id = next(iter(whose)) if len(whose) == 1 else None

    def _find_suppressed(self, found: Sequence[Found]) -> None:
        own = Suppression.objects.for_organization(self.organization).in_force()
        everywhere = InstallationSuppression.objects.filter(lifted_at__isnull=True)
        registers: list[tuple[QuerySet[Any], Callable[[str], bytes]]] = [
            (own, lambda digest: self._fingerprint(digest, "suppression")),
            (everywhere, lambda digest: sealing.installation_fingerprint(digest, purpose="suppression")),
        ]
        for rows, mark_of in registers:
            if not found or not rows.exists():
                continue
            marks = {id(each): [mark_of(digest) for digest in digests_of(each.person)] for each in found}
            shut: set[bytes] = set()
            for some in bulk_rows.in_lists({mark for theirs in marks.values() for mark in theirs}):
                shut.update(bytes(mark) for mark in rows.filter(mark__in=some).values_list("mark", flat=True))
            for each in found:
                each.suppressed = each.suppressed or not shut.isdisjoint(marks[id(each)])


def digests_of(person: Person) -> list[str]:
    """The same as `suppression.digests_of`, for an address that was read already."""
    return [
        hashlib.sha256(form.encode()).hexdigest()
        for form in dict.fromkeys([person.canonical, person.email.lower()])
    ]
