"""Post a notice, and keep the cap on confirmation mails that protects people from being bombed with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from amparo.kit import bell
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.mailings.models import MailAllowance, Notice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.organizations.models import Organization

#: An address that never confirmed gets one confirmation mail a day over the whole installation (design §6).
FOR_A_STRANGER = 1
#: One that confirmed within 90 days gets five.
FOR_SOMEBODY_KNOWN = 5

LINE = "notices"


def allow_confirmation_mail(*, address_mark: bytes, at_most: int, now: datetime) -> int | None:
    """Take one of today's `at_most` mails to this address: its number from 0, or None when they are used up.

    The unique insert decides, so that any number of requests at once, for any organization, get at most that many.
    """
    for ordinal in range(at_most):
        if insert_if_new(MailAllowance(address_mark=address_mark, day=now.date(), ordinal=ordinal)):
            return ordinal
    return None


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
                language=language,
                urgency=urgency,
                next_attempt_at=not_before or now,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(partial(bell.ring, LINE))
