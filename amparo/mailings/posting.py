"""Post a notice, and keep the cap on confirmation mails that protects people from being bombed with them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q

from amparo.kit import bell
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.mailings.models import MailAllowance, Notice, StrangerAllowance
from amparo.supporters.identity import fingerprint_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.organizations.models import Organization

#: An address that confirmed within 90 days gets five confirmation mails a day over the whole installation (design §6).
FOR_SOMEBODY_KNOWN = 5
#: One that did not gets one in 24 hours, and three in 30 days (research on security, P11).
A_DAY = timedelta(days=1)
A_MONTH = timedelta(days=30)

LINE = "notices"


def allow_confirmation_mail(*, address_mark: bytes, known: bool, now: datetime) -> int | None:
    """Take one of today's mails to this address: its number from 0, or None when they are used up.

    The unique insert decides, so that any number of requests at once, for any organization, get at most that many.
    """
    if not known and not _allow_stranger(address_mark, now=now):
        return None
    for ordinal in range(FOR_SOMEBODY_KNOWN if known else 1):
        if insert_if_new(MailAllowance(address_mark=address_mark, day=now.date(), ordinal=ordinal)):
            return ordinal
    return None


def _allow_stranger(address_mark: bytes, *, now: datetime) -> bool:
    """Whether a day has passed since the last mail to this address, and a month since the third last.

    The times move up by one in the very statement that looks at them; the first mail of all is a unique insert.
    """
    rested = StrangerAllowance.objects.filter(address_mark=address_mark, last__lte=now - A_DAY)
    few = rested.filter(Q(third_last__isnull=True) | Q(third_last__lte=now - A_MONTH))
    if few.update(third_last=F("second_last"), second_last=F("last"), last=now):
        return True
    return insert_if_new(StrangerAllowance(address_mark=address_mark, last=now))


def forget_allowances(*, now: datetime) -> int:
    """Remove what no longer decides whether a confirmation mail may go; how many rows."""
    by_day, _ = MailAllowance.objects.filter(day__lt=now.date() - A_DAY).delete()
    by_month, _ = StrangerAllowance.objects.filter(last__lte=now - A_MONTH).delete()
    return by_day + by_month


def post_notice(
    *,
    organization: Organization,
    kind: str,
    subject_id: UUID,
    recipient: str,
    language: str,
    now: datetime,
    ordinal: int = 0,
    urgency: int = 5,
    not_before: datetime | None = None,
    to_stranger: bool = False,
) -> None:
    """Queue one mail to one person, in the caller's transaction; the same kind, subject and ordinal is queued once."""
    Notice.objects.bulk_create(
        [
            Notice(
                id=new_id(),
                organization=organization,
                kind=kind,
                subject_id=subject_id,
                ordinal=ordinal,
                recipient=recipient,
                recipient_mark=fingerprint_of(recipient, organization=organization) if recipient else None,
                language=language,
                urgency=urgency,
                to_stranger=to_stranger,
                next_attempt_at=not_before or now,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(partial(bell.ring, LINE))
