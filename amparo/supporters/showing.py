"""What a member of staff sees of supporters: names and addresses only where their role lets the query fetch them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from amparo.kit import phones
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from amparo.supporters.models import SupporterQuerySet

#: Every sealed column of a supporter: deferred from each list, fetched again for those who may read them.
NAMES = ("given_name", "family_name", "email", "phone", "postal_code", "postal_address")


@dataclass(frozen=True, slots=True)
class Named:
    """A supporter's name and addresses, already decided: empty where the reader may not see them."""

    name: str
    email: str = ""
    phone: str = ""
    postal_code: str = ""
    postal_address: str = ""
    masked: bool = False

    @classmethod
    def unseen(cls, supporter: Supporter) -> Named:
        """A number in place of a name, by which colleagues can still speak of the same person."""
        return cls(name=_("Supporter %(number)s") % {"number": short_number(supporter.pk)}, masked=True)

    @classmethod
    def seen(cls, supporter: Supporter) -> Named:
        if supporter.anonymized_at:
            return cls(name=_("Somebody erased"))
        return cls(
            name=supporter.full_name or _("No name given"),
            email=supporter.email or "",
            phone=phones.display(supporter.phone) if supporter.phone else "",
            postal_code=supporter.postal_code or "",
            postal_address=supporter.postal_address or "",
        )


def without_names(supporters: SupporterQuerySet) -> SupporterQuerySet:
    """The same people, with their sealed columns left in the database."""
    return supporters.defer(*NAMES)


def names_of(rows: Iterable[Supporter], *, readable: Collection[UUID]) -> dict[UUID, Named]:
    """How each of `rows` is shown; names are fetched by a query that knows the organizations in `readable` alone."""
    listed = list(rows)
    shown = {row.pk: Named.unseen(row) for row in listed}
    if readable and listed:
        people = Supporter.objects.filter(organization__in=readable, pk__in=list(shown))
        shown |= {person.pk: Named.seen(person) for person in people}
    return shown


def short_number(pk: UUID) -> str:
    """The end of a supporter's number: enough to tell rows of a list apart."""
    return pk.hex[-8:]
