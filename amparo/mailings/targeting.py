"""Choose whom a draft is for: a segment, less those who did already what the mailing asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from amparo.accounts import audit
from amparo.kit.claims import transition
from amparo.mailings import composing, hints
from amparo.mailings.models import Mailing

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.supporters.models import Segment

#: The condition under which somebody took part on a page (`segment_filters`).
TOOK_PART = "acted-on"


def choose_audience(
    *,
    mailing: Mailing,
    segment: Segment,
    leave_out_takers: bool,
    urgency: int,
    unknown_policy: str,
    per_minute: int | None,
    by: User,
    now: datetime,
) -> None:
    """Write down whom a draft is for and how it goes out. Raises `composing.NoDraft`."""
    values = {
        "segment": segment,
        "leave_out": question_about_takers(mailing) if leave_out_takers else {},
        "urgency": urgency,
        "unknown_policy": unknown_policy,
        "per_minute": per_minute,
        "changed_at": now,
    }
    with transaction.atomic():
        draft = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.DRAFT)
        if not transition(draft, values=values):
            raise composing.NoDraft
        audit.record(
            verb="choose_audience",
            subject=mailing,
            by=by,
            organization=mailing.organization,
            now=now,
            details={"segment": str(segment.pk)},
        )
    mailing.refresh_from_db()


def question_about_takers(mailing: Mailing) -> dict[str, Any]:
    """The question for those who took part on a page that the mailing leads to; empty where it leads to none."""
    pages = sorted({str(page.pk) for page in hints.asks_of(mailing)})
    return {"filter": TOOK_PART, "pages": pages} if pages else {}
