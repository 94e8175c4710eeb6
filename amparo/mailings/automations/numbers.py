"""What became of an automation, in counts: of its mails, and of those who were stopped. Nobody in particular."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count

from amparo.accounts.models import AuditEntry
from amparo.mailings.models import Enrolment, Mailing
from amparo.mailings.progress import Progress, progress

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import _StrOrPromise

    from amparo.mailings.models import Automation, AutomationStep

#: How far back the outcomes of mails are counted.
COUNTED_FOR = timedelta(days=30)
#: Entries of the audit trail that are shown.
MOST_ENTRIES = 12


@dataclass(frozen=True, slots=True)
class StepNumbers:
    """One step: how many wait for it, what became of its mails lately, and the last mailing they left with."""

    waiting: int
    came: Progress
    edition: Mailing | None


def of_step(step: AutomationStep, *, now: datetime) -> StepNumbers:
    """The counts of one step."""
    editions = Mailing.objects.filter(step=step, use=Mailing.Use.EDITION).order_by("-created_at", "-pk")
    counted: Counter[str] = Counter()
    for edition in editions.filter(changed_at__gte=now - COUNTED_FOR):
        counted.update(progress(edition).by_outcome)
    waiting = Enrolment.objects.waiting().filter(step=step).count()
    return StepNumbers(waiting, Progress(dict(counted)), editions.first())


def stopped_by_reason(automation: Automation) -> list[tuple[_StrOrPromise, int]]:
    """How many were stopped for which reason, the most frequent first."""
    rows = Enrolment.objects.filter(automation=automation, state=Enrolment.State.STOPPED).order_by()
    counted = dict(rows.values_list("stopped").annotate(Count("pk")))
    found = [(Enrolment.Stopped(reason).label, number) for reason, number in counted.items()]
    return sorted(found, key=lambda each: (-each[1], str(each[0])))


def history(automation: Automation) -> list[AuditEntry]:
    """Who did what to it and when, the latest first."""
    entries = AuditEntry.objects.filter(
        organization=automation.organization,
        subject_type=automation._meta.label_lower,
        subject_id=str(automation.pk),
    )
    return list(entries.select_related("actor").order_by("-recorded_at", "-pk")[:MOST_ENTRIES])
