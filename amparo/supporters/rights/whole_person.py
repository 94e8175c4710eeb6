"""Everything of one person in one organization: their records, the merged ones too, and each address of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.kit import addresses
from amparo.kit.personal_data import Person
from amparo.supporters.models import OtherAddress, Supporter

if TYPE_CHECKING:
    from collections.abc import Sequence


def survivor_of(supporter: Supporter) -> Supporter:
    """The record that stands for the person: this one, or the one it was merged into."""
    return supporter.merged_into or supporter


def records_of(supporter: Supporter) -> list[Supporter]:
    """The person's records, the one that stands for them first."""
    survivor = survivor_of(supporter)
    people = Supporter.objects.for_organization(survivor.organization).of_one_person(survivor)
    return sorted(
        people.select_related("organization"),
        key=lambda record: (record.pk != survivor.pk, record.created_at),
    )


def person_made_of(records: Sequence[Supporter]) -> Person:
    """What finds everything about these records, which are all of one organization.

    An address that they only wish to be written to is not theirs yet: it may be a stranger's, of whom nothing is shown
    and nobody is suppressed.
    """
    ids = tuple(record.pk for record in records)
    organization = records[0].organization
    further = OtherAddress.objects.for_organization(organization).filter(supporter__in=ids)
    written = [record.email for record in records]
    written += [row.email for row in further.only("organization_id", "email")]
    found = tuple(dict.fromkeys(email for email in written if email and _is_address(email)))
    return Person(organization_id=organization.pk, ids=ids, addresses=found)


def _is_address(text: str) -> bool:
    """What cannot be an address any more, by today's rules, cannot be found or suppressed as one either."""
    try:
        addresses.parse(text)
    except addresses.MalformedAddress:
        return False
    return True
