"""What becomes known of an office's address after letters have gone there, and what staff and readers say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.refusal import Refusal
from amparo.targets import current
from amparo.targets.contacts import EMAIL, is_web_address
from amparo.targets.current import FAILURES_THAT_FLAG
from amparo.targets.models import ContactFailure, ContactOverride, MistakeReport

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

#: As much of a mail server's reason as is kept. It is the office's address, not the supporter's, but it may quote.
LONGEST_REASON = 300


class UnfitContact(Refusal):
    """What was typed cannot be written to."""

    sentence = _("“%(value)s” is not an address that a letter could go to.")


def record_failure(*, address: str, letter_id: UUID, reason: str, now: datetime) -> bool:
    """Note that an address refused a letter for good; whether it is written to no more because of that.

    The same letter counts once, however often it is reported: a refusal and a later bounce are one failure.
    """
    address = address.strip().lower()[:254]
    ContactFailure.objects.get_or_create(
        address=address,
        letter_id=letter_id,
        defaults={"reason": " ".join(reason.split())[:LONGEST_REASON], "failed_at": now},
    )
    current.forget()
    return ContactFailure.objects.filter(address=address).count() >= FAILURES_THAT_FLAG


def clear_failures(*, address: str, by: User | None, now: datetime) -> int:
    """Trust an address again, because somebody has looked into it; how many failures were forgotten."""
    failures = ContactFailure.objects.filter(address=address.strip().lower())
    with transaction.atomic():
        first = failures.first()
        if first is None:
            return 0
        audit.record(
            verb="trusted contact again", subject=first, by=by, organization=None, now=now,
            details={"failures": failures.count()},
        )  # fmt: skip
        cleared, _rows = failures.delete()
    current.forget()
    return cleared


def record_override(
    *,
    organization: Organization,
    target_key: str,
    type: str,
    value: str = "",
    reason: str,
    by: User | None,
    now: datetime,
) -> ContactOverride:
    """How this organization reaches a target from now on, whatever the sources say: *email*, *form*, or *none* at all.

    Raises `UnfitContact`.
    """
    value = value.strip()
    fits = {"email": EMAIL.fullmatch(value) is not None, "form": is_web_address(value), "none": not value}
    if not fits.get(type, False):
        raise UnfitContact(value=value or type)
    with transaction.atomic():
        override, _made = ContactOverride.objects.for_organization(organization).update_or_create(
            organization=organization,
            target_key=target_key,
            defaults={"type": type, "value": value, "reason": reason, "recorded_by": by},
        )
        audit.record(
            verb="overrode contact", subject=override, by=by, organization=organization, now=now,
            details={"target": target_key, "type": type},
        )  # fmt: skip
    current.forget()
    return override


def remove_override(*, organization: Organization, target_key: str, by: User | None, now: datetime) -> bool:
    """Believe the sources again; whether there was anything to remove."""
    with transaction.atomic():
        override = (
            ContactOverride.objects.for_organization(organization).filter(target_key=target_key).first()
        )
        if override is None:
            return False
        audit.record(
            verb="removed contact override", subject=override, by=by, organization=organization, now=now,
            details={"target": target_key},
        )  # fmt: skip
        override.delete()
    current.forget()
    return True


def report_mistake(
    *,
    organization: Organization,
    target_key: str,
    dataset_label: str = "",
    what: str,
    email: str = "",
    now: datetime,
) -> MistakeReport:
    """Keep what a reader says is wrong about a target, sealed, for staff to look into."""
    return MistakeReport.objects.create(
        organization=organization,
        target_key=target_key,
        dataset_label=dataset_label,
        what=what,
        email=email or None,
        reported_at=now,
    )
