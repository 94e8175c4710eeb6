"""Hears what happens on supporters' own pages, and queues the mails about it in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver

from amparo.mailings import posting
from amparo.mailings.answers import forgetting
from amparo.mailings.models import DigestReader, Enrolment, SoftBounces
from amparo.mailings.own_page_notices import (
    ADDRESS_ASKED,
    COMPLAINT_ANSWERED,
    COMPLAINT_RECEIVED,
    CONFIRM_ADDRESS,
    OWN_LINK,
)
from amparo.supporters import linking
from amparo.supporters.identity import installation_mark_of
from amparo.supporters.signals import (
    address_change_requested,
    complaint_answered,
    complaint_received,
    link_requested,
    supporter_erased,
)

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.supporters.models import AddressChange, Complaint, Supporter


@receiver(link_requested, dispatch_uid="amparo-mailings-own-link")
def send_link(supporter: Supporter, language: str, now: datetime, **kwargs: Any) -> None:  # noqa: ARG001
    """One mail a day at most: the day is part of what makes a notice the same."""
    posting.post_notice(
        organization=supporter.organization,
        kind=OWN_LINK,
        subject_id=supporter.pk,
        ordinal=now.date().toordinal(),
        recipient=supporter.email or "",
        language=language,
        urgency=2,
        now=now,
    )


@receiver(address_change_requested, dispatch_uid="amparo-mailings-address-change")
def ask_both_mailboxes(change: AddressChange, now: datetime, **kwargs: Any) -> None:  # noqa: ARG001
    """A link to the new address, as far as the day's cap for a stranger's mailbox allows, and a note to the old one."""
    supporter, wanted = change.supporter, change.email or ""
    allowed = posting.allow_confirmation_mail(address_mark=installation_mark_of(wanted), known=False, now=now)
    if allowed is not None:
        posting.post_notice(
            organization=change.organization,
            kind=CONFIRM_ADDRESS,
            subject_id=change.pk,
            recipient=wanted,
            language=linking.spoken(supporter.language),
            urgency=2,
            to_stranger=True,
            now=now,
        )
    if supporter.email:
        posting.post_notice(
            organization=change.organization,
            kind=ADDRESS_ASKED,
            subject_id=change.pk,
            recipient=supporter.email,
            language=linking.spoken(supporter.language),
            urgency=2,
            now=now,
        )


@receiver(supporter_erased, dispatch_uid="amparo-mailings-erased")
def drop_what_waits(supporter: Supporter, **kwargs: Any) -> None:  # noqa: ARG001
    """Nothing more is mailed to somebody who is gone."""
    forgetting.drop_notices(supporter=supporter)
    SoftBounces.objects.filter(supporter=supporter).delete()
    Enrolment.objects.filter(supporter=supporter).delete()
    DigestReader.objects.filter(supporter=supporter).delete()


@receiver(complaint_received, dispatch_uid="amparo-mailings-complaint-received")
def acknowledge(complaint: Complaint, now: datetime, **kwargs: Any) -> None:  # noqa: ARG001
    """At once, though the law gives 30 days."""
    _about(complaint, COMPLAINT_RECEIVED, now=now)


@receiver(complaint_answered, dispatch_uid="amparo-mailings-complaint-answered")
def send_answer(complaint: Complaint, now: datetime, **kwargs: Any) -> None:  # noqa: ARG001
    """What staff wrote."""
    _about(complaint, COMPLAINT_ANSWERED, now=now)


def _about(complaint: Complaint, kind: str, *, now: datetime) -> None:
    if complaint.supporter.email:
        posting.post_notice(
            organization=complaint.organization,
            kind=kind,
            subject_id=complaint.pk,
            recipient=complaint.supporter.email,
            language=complaint.language,
            urgency=2,
            now=now,
        )
