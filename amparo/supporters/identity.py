"""Find or create a supporter by the fingerprint of the canonical address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.kit import addresses, sealing
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization


def fingerprint_of(email: str, *, organization: Organization) -> bytes:
    """What equality of addresses goes through inside one organization."""
    return sealing.fingerprint(
        addresses.canonical(email), key=sealing.data_key_for(organization.pk), purpose="email"
    )


def installation_mark_of(email: str) -> bytes:
    """What caps on mail to one address go through, over all organizations of this installation."""
    return sealing.installation_fingerprint(addresses.canonical(email), purpose="mail-cap")


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

    An existing supporter is left as it stands: whoever types an address has not yet shown that it is theirs. The insert
    comes first and yields to a row that won the race, so two requests at once make one supporter.
    """
    fingerprint = fingerprint_of(email, organization=organization)
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
        created_at=now,
    )
    if insert_if_new(fresh):
        return fresh
    return Supporter.objects.for_organization(organization).with_fingerprint(fingerprint).get()
