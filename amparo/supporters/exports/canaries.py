"""An invented supporter in every export, by whose address a leaked list is recognised."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.kit import addresses, sealing
from amparo.supporters.models import ExportRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amparo.organizations.models import Organization

#: Names as they are common in many places, so that the row does not stand out.
_GIVEN = ("Alex", "Maria", "Sam", "Nina", "Daniel", "Leila", "Tomas", "Sara", "Omar", "Julia", "Ivan", "Mina")
_FAMILY = (
    "Berg",
    "Costa",
    "Novak",
    "Haddad",
    "Larsen",
    "Moreau",
    "Weiss",
    "Silva",
    "Khan",
    "Rossi",
    "Blake",
    "Toma",
)
#: Letters and digits that nobody misreads; ten of them are 49 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
TOKEN_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Canary:
    """The invented person of one export."""

    given_name: str
    family_name: str
    email: str


def invent(organization: Organization) -> Canary:
    """Somebody who does not exist, with an address at the organization's own domain that nobody else was given.

    Mail to it arrives with the organization where its server knows tags after a plus, as most do.
    """
    local, _at, domain = addresses.parse(organization.contact_email).rpartition("@")
    token = "".join(secrets.choice(_ALPHABET) for _place in range(TOKEN_LENGTH))
    room = addresses.LONGEST_LOCAL_PART - TOKEN_LENGTH - 1
    return Canary(
        given_name=secrets.choice(_GIVEN),
        family_name=secrets.choice(_FAMILY),
        email=f"{local.partition('+')[0][:room]}+{token}@{domain}",
    )


def mark_of(email: str, *, organization: Organization) -> bytes:
    """What an invented address is remembered by; the address as it is written, since its tag is what counts."""
    return sealing.fingerprint(
        addresses.parse(email).lower(), key=sealing.data_key_for(organization.pk), purpose="export canary"
    )


def whose(email: str, *, organizations: Sequence[Organization]) -> ExportRequest | None:
    """The export that holds this invented address. Raises `addresses.MalformedAddress`."""
    for organization in organizations:
        exports = ExportRequest.objects.for_organization(organization)
        found = exports.filter(canary=mark_of(email, organization=organization)).first()
        if found is not None:
            return found
    return None
