"""The mails that a supporter was sent about what they did, for staff; as long as their address is kept with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.mailings.models import Notice
from amparo.supporters.deeds import Mail, supporter_mails
from amparo.supporters.identity import fingerprint_of
from amparo.supporters.rights.whole_person import person_made_of, records_of

if TYPE_CHECKING:
    from amparo.supporters.models import Supporter


@supporter_mails.register("notices")
def notices_of(supporter: Supporter) -> list[Mail]:
    """Every notice to any of this person's addresses."""
    organization = supporter.organization
    addresses = person_made_of(records_of(supporter)).addresses
    marks = [fingerprint_of(address, organization=organization) for address in addresses]
    found = Notice.objects.for_organization(organization).filter(recipient_mark__in=marks)
    return [
        Mail(kind=notice.kind, state=notice.state, at=notice.sent_at or notice.created_at)
        for notice in found.only("kind", "state", "sent_at", "created_at", "organization_id")
    ]
