"""Mailboxes that refuse for the time being: counted by day, and given up after some."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F

from amparo.kit.inserting import insert_if_new
from amparo.mailings.answers.retention import SOFT_BOUNCES_KEPT
from amparo.mailings.models import SoftBounces
from amparo.supporters import suppression
from amparo.supporters.models import Suppression

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization

#: On so many days, no more than 90 days apart. Mailman counts half a point a day for a soft bounce and disables at
#: five points of its default; mailings are rarer than a list's mails, so fewer must do.
DAYS = 5


def note(*, supporter_id: UUID, email: str, organization: Organization, now: datetime) -> bool:
    """Count this day once; whether the address is now given up, and suppressed."""
    today = now.date()
    if insert_if_new(SoftBounces(supporter_id=supporter_id, days=1, last=today)):
        return False
    row = SoftBounces.objects.filter(pk=supporter_id, last__lt=today)
    if row.filter(last__lte=today - SOFT_BOUNCES_KEPT).update(days=1, last=today):
        return False
    if not row.update(days=F("days") + 1, last=today):
        return False
    if not SoftBounces.objects.filter(pk=supporter_id, days__gte=DAYS).exists():
        return False
    suppression.suppress(
        organization=organization,
        email=email,
        reason=Suppression.Reason.BOUNCED,
        source=f"refused on {DAYS} days",
        now=now,
    )
    SoftBounces.objects.filter(pk=supporter_id).delete()
    return True
