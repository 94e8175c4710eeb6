"""Find or create a supporter by the fingerprint of the canonical address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connections, router

from amparo.kit import addresses, sealing
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.supporters import suppression
from amparo.supporters.models import OtherAddress, Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization


def fingerprint_of(email: str, *, organization: Organization) -> bytes:
    """What equality of addresses goes through inside one organization."""
    return sealing.fingerprint(
        addresses.canonical(email), key=sealing.data_key_for(organization.pk), purpose="email"
    )


def phone_fingerprint_of(phone: str, *, organization: Organization) -> bytes:
    """The same for telephone numbers, which are given in E.164, as in +441632960001."""
    return sealing.fingerprint(phone, key=sealing.data_key_for(organization.pk), purpose="phone")


def installation_mark_of(email: str) -> bytes:
    """What caps on mail to one address go through, over all organizations of this installation."""
    return sealing.installation_fingerprint(addresses.canonical(email), purpose="mail-cap")


def addresses_of(supporter: Supporter) -> list[str]:
    """Every address this person is known by: of each of their records, and the further ones."""
    people = Supporter.objects.for_organization(supporter.organization).filter(
        pk__in={supporter.pk, supporter.person_id}
    ) | Supporter.objects.for_organization(supporter.organization).filter(merged_into=supporter.person_id)
    others = OtherAddress.objects.for_organization(supporter.organization).filter(supporter__in=people)
    return [row.email for row in [*people, *others] if row.email]


def find(*, organization: Organization, email: str) -> Supporter | None:
    """Whose address this is, now or earlier; the person, where several records were merged into one."""
    return _find(organization, fingerprint_of(email, organization=organization))


def find_or_create(
    *,
    organization: Organization,
    email: str,
    given_name: str,
    family_name: str,
    postal_code: str,
    postal_address: str,
    country: str,
    language: str,
    area: str,
    now: datetime,
) -> Supporter:
    """The supporter with this address; a new one when there is none yet.

    An existing supporter is left as it stands: whoever types an address has not yet shown that it is theirs. Somebody
    new is inserted first and yields to a row that won the race, so two requests at once make one supporter.
    """
    fingerprint = fingerprint_of(email, organization=organization)
    known, unreachable = _look_up(organization=organization, email=email, fingerprint=fingerprint)
    if known is not None:
        return Supporter.objects.for_organization(organization).get(pk=known)
    fresh = Supporter(
        id=new_id(),
        organization=organization,
        given_name=given_name,
        family_name=family_name,
        email=email,
        email_fingerprint=fingerprint,
        postal_code=postal_code or None,
        postal_address=postal_address or None,
        country=country,
        language=language,
        area=area,
        unreachable=unreachable,
        created_at=now,
    )
    if insert_if_new(fresh):
        return fresh
    winner = _find(organization, fingerprint)
    if winner is None:
        raise Supporter.DoesNotExist("a supporter went away while being looked for")
    return winner


#: Everything that is known of an address, in one statement: this is the busiest place there is.
_LOOK_UP = """
SELECT COALESCE(merged_into_id, id), '' FROM supporters_supporter
 WHERE organization_id = %s AND email_fingerprint = %s
UNION ALL
SELECT COALESCE(s.merged_into_id, s.id), '' FROM supporters_otheraddress o
  JOIN supporters_supporter s ON s.id = o.supporter_id
 WHERE o.organization_id = %s AND o.fingerprint = %s
UNION ALL
SELECT NULL, reason FROM supporters_suppression
 WHERE organization_id = %s AND lifted_at IS NULL AND mark IN (%s, %s)
UNION ALL
SELECT NULL, 'everywhere' FROM supporters_installationsuppression
 WHERE lifted_at IS NULL AND mark IN (%s, %s)
"""


def _look_up(
    *, organization: Organization, email: str, fingerprint: bytes
) -> tuple[UUID | None, Supporter.Unreachable]:
    """Whose address this is, if anybody's, and whether it may be written to."""
    here, everywhere = suppression.marks_of(email, organization=organization)
    database = connections[router.db_for_write(Supporter)]
    tenant = Supporter._meta.pk.get_db_prep_value(organization.pk, database)
    values = [tenant, fingerprint, tenant, fingerprint, tenant, *here, *everywhere]
    with database.cursor() as cursor:
        cursor.execute(_LOOK_UP, values)
        rows = cursor.fetchall()
    people = [row[0] for row in rows if row[0] is not None]
    reasons = [row[1] for row in rows if row[0] is None]
    known = None if not people else people[0] if isinstance(people[0], UUID) else UUID(people[0])
    return known, suppression.state_for(reasons)


def _find(organization: Organization, fingerprint: bytes) -> Supporter | None:
    supporters = Supporter.objects.for_organization(organization).select_related("merged_into")
    found = supporters.with_fingerprint(fingerprint).first()
    if found is None:
        other = OtherAddress.objects.for_organization(organization).filter(fingerprint=fingerprint)
        found = supporters.filter(other_addresses__in=other).first()
    return found and (found.merged_into or found)
