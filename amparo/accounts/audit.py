"""The one writer of the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amparo.accounts.models import AuditEntry, User

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

    from amparo.organizations.models import Organization


def record(
    *,
    verb: str,
    subject: Model,
    by: User | None,
    organization: Organization | None,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Append one entry, inside the caller's transaction; `details` holds states and counts, never personal values."""
    AuditEntry.objects.create(
        organization=organization,
        actor=by,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        details=details or {},
        recorded_at=now,
    )
