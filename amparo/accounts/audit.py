"""The one writer of the audit trail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from amparo.accounts.models import AuditEntry, User
from amparo.kit import sealing

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

    from amparo.organizations.models import Organization

_PURPOSE = "audit entry"


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
    entry = AuditEntry(
        organization=organization,
        actor=by,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        details=details or {},
        recorded_at=now,
    )
    entry.mark = mark_of(entry)
    entry.save(force_insert=True)


def mark_of(entry: AuditEntry) -> bytes:
    """What only somebody with the key file can write beside this entry, and what fits no other."""
    return sealing.installation_fingerprint(text_of(entry), purpose=_PURPOSE)


def text_of(entry: AuditEntry) -> str:
    """Everything that an entry says, in one form, whichever database it lay in."""
    said = [
        str(entry.pk),
        str(entry.organization_id or ""),
        str(entry.actor_id or ""),
        entry.verb,
        entry.subject_type,
        entry.subject_id,
        entry.details,
        int(entry.recorded_at.timestamp() * 1_000_000),
    ]
    return json.dumps(said, sort_keys=True, ensure_ascii=True, default=str)
