"""Complaints about how somebody's data are handled: taken, acknowledged at once, answered by staff, with a clock.

The Data Protection Act 2018 of the United Kingdom, section 164A (in force since 19 June 2026), asks for an accessible
way to complain, an acknowledgement within 30 days and an answer without undue delay. We do it for everybody,
acknowledge at once, and keep to the same days for the answer, as the law that the organization chose has them
(`rules/`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.claims import transition
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.kit.throttle import Limit
from amparo.organizations import limits
from amparo.supporters import rules
from amparo.supporters.models import Complaint
from amparo.supporters.signals import complaint_answered, complaint_received

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization
    from amparo.supporters.models import Supporter

#: Complaints that one person may hand in on one day; more is a stuck key.
IN_A_DAY = Limit("complaints", count=5, seconds=86400)


class TooManyComplaints(Refusal):
    sentence = _(
        "We have your complaints of today. Please wait for our answer, or write to us by e-mail or post."
    )


class AlreadyAnswered(Refusal):
    sentence = _("Somebody has answered this complaint already.")


def complain(*, supporter: Supporter, text: str, key: UUID, language: str, now: datetime) -> None:
    """Take a complaint; a form that comes twice makes one. Raises `TooManyComplaints`."""
    if Complaint.objects.filter(key=key).exists():
        return
    with transaction.atomic():
        if not limits.allow(IN_A_DAY, value=str(supporter.pk), now=now):
            raise TooManyComplaints
        complaint = Complaint(
            id=new_id(),
            organization=supporter.organization,
            supporter=supporter,
            key=key,
            text=text,
            language=language,
            received_at=now,
        )
        if insert_if_new(complaint):
            _note(complaint, "receive_complaint", by=None, now=now)
            complaint_received.send(sender=Complaint, complaint=complaint, now=now)


def owed_by(complaint: Complaint) -> datetime:
    """Until when an answer is owed."""
    return last_day(complaint.organization, received_at=complaint.received_at)


def last_day(organization: Organization, *, received_at: datetime) -> datetime:
    """The same for a complaint that comes in at this moment."""
    return received_at + timedelta(days=rules.of(organization).acknowledge_complaint_days)


def note_acknowledged(*, complaint_id: UUID, now: datetime) -> None:
    """The acknowledgement has left."""
    Complaint.objects.filter(pk=complaint_id, acknowledged_at__isnull=True).update(acknowledged_at=now)


def answer(*, complaint: Complaint, text: str, by: User, now: datetime) -> None:
    """Answer for good: the words are kept and sent. Raises `AlreadyAnswered`."""
    with transaction.atomic():
        open_one = Complaint.objects.unanswered().filter(pk=complaint.pk)
        answered = {
            "answered_at": now,
            "answered_by": by,
            "acknowledged_at": Coalesce("acknowledged_at", Value(now)),
        }
        if not transition(open_one, values=answered):
            raise AlreadyAnswered
        complaint.refresh_from_db()
        complaint.answer = text
        complaint.save(update_fields=["answer"])
        _note(complaint, "answer_complaint", by=by, now=now)
        complaint_answered.send(sender=Complaint, complaint=complaint, now=now)


def forget_words(*, supporter: Supporter) -> int:
    """Remove what was said, of somebody who is erased; the register keeps that and when."""
    return Complaint.objects.filter(supporter=supporter).update(text=None, answer=None)


def _note(complaint: Complaint, verb: str, *, by: User | None, now: datetime) -> None:
    audit.record(verb=verb, subject=complaint, by=by, organization=complaint.organization, now=now)
