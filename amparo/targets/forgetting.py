"""Forget reports of mistakes: three months after somebody looked at them, and a year after they came at the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from amparo.targets.models import MistakeReport
from amparo.targets.retention import REPORTS_KEPT, SETTLED_REPORTS_KEPT

if TYPE_CHECKING:
    from datetime import datetime


def forget_reports(*, now: datetime) -> int:
    """Remove reports whose time is over; how many."""
    old = Q(settled_at__lte=now - SETTLED_REPORTS_KEPT) | Q(reported_at__lte=now - REPORTS_KEPT)
    removed, _ = MistakeReport.objects.filter(old).delete()
    return removed
