"""Forget to whom mails went, and drop what waits for somebody who is being erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.mailings.answers.retention import (
    DIGEST_READERS_KEPT,
    ENROLMENTS_KEPT,
    RECIPIENTS_KEPT,
    SOFT_BOUNCES_KEPT,
)
from amparo.mailings.models import DigestReader, Enrolment, Notice, SoftBounces
from amparo.supporters.identity import fingerprint_of
from amparo.supporters.rights.whole_person import person_made_of

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.supporters.models import Supporter

#: Stands on a notice that will not leave any more.
REASON = "its reader was erased"
BATCH = 200


def drop_notices(*, supporter: Supporter) -> int:
    """No mail that waits for one of this record's addresses leaves any more; how many there were.

    One that a worker is just handing over may still arrive; its address is forgotten with the others.
    """
    organization = supporter.organization
    addresses = person_made_of([supporter]).addresses
    marks = [fingerprint_of(address, organization=organization) for address in addresses]
    waiting = Notice.objects.for_organization(organization).filter(
        recipient_mark__in=marks, state=Notice.State.QUEUED
    )
    return waiting.update(state=Notice.State.FAILED, reason=REASON)


def forget_recipients(*, now: datetime) -> int:
    """Remove the address from notices that were settled a week ago; how many."""
    settled = Notice.objects.filter(
        state__in=[Notice.State.SENT, Notice.State.FAILED],
        recipient__isnull=False,
        created_at__lte=now - RECIPIENTS_KEPT,
    )
    chosen = list(settled.values_list("pk", flat=True)[:BATCH])
    return Notice.objects.filter(pk__in=chosen).update(recipient=None, recipient_mark=None)


def forget_soft_bounces(*, now: datetime) -> int:
    """Remove counts of days on which mail came back, when the last of them is long ago; how many."""
    return SoftBounces.objects.filter(last__lte=(now - SOFT_BOUNCES_KEPT).date()).delete()[0]


def forget_enrolments(*, now: datetime) -> int:
    """Remove who was in a series of mails that ended for them a year ago; how many rows."""
    over = Enrolment.objects.filter(ended_at__lte=now - ENROLMENTS_KEPT)
    chosen = list(over.order_by("ended_at", "pk").values_list("pk", flat=True)[:BATCH])
    return Enrolment.objects.filter(pk__in=chosen).delete()[0]


def forget_digest_readers(*, now: datetime) -> int:
    """Remove who was in the digest of a week ago; how many rows."""
    return DigestReader.objects.filter(issue__looked_until__lte=now - DIGEST_READERS_KEPT).delete()[0]
