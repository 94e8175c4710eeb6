"""Close what readers reported, once somebody has looked into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from amparo.accounts import audit
from amparo.targets.models import MistakeReport

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User


@transaction.atomic
def settle(*, report: MistakeReport, by: User, now: datetime) -> bool:
    """Note that this report is dealt with, and forget the reporter's address; whether it was open until now."""
    open_still = MistakeReport.objects.filter(pk=report.pk, settled_at__isnull=True)
    if not open_still.update(settled_at=now, settled_by=by, email=None):
        return False
    audit.record(
        verb="settled mistake report", subject=report, by=by, organization=report.organization, now=now,
        details={"target": report.target_key},
    )  # fmt: skip
    return True
