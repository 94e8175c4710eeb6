"""Choose whom a draft is for: a segment, less those who did already what the mailing asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from amparo.accounts import audit
from amparo.kit.claims import transition
from amparo.mailings.composer import composing, hints
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
    urgency: int,
    unknown_policy: str,
    by: User,
    now: datetime,
    segment: Segment | None = None,
    leave_out_takers: bool = False,
) -> None:
    """Write down whom a draft is for, and what becomes of those of whom nothing is known. Raises `composing.NoDraft`.

    Of a draft that goes once more to those who have not acted, segment and takers stay what they are.
    """
    values: dict[str, Any] = {"urgency": urgency, "unknown_policy": unknown_policy}
    if mailing.resend_of_id is None:
        values |= {
            "segment": segment,
            "leave_out": question_about_takers(mailing) if leave_out_takers else {},
        }
    details = {"segment": str(segment.pk)} if segment is not None else {}
    _write(mailing, values, verb="choose_audience", details=details, by=by, now=now)


def choose_pace(
    *,
    mailing: Mailing,
    per_minute: int | None,
    per_domain: dict[str, int],
    per_day: list[int],
    by: User,
    now: datetime,
) -> None:
    """Write down how fast a draft goes out at most (`pacing`). Raises `composing.NoDraft`."""
    values = {"per_minute": per_minute, "per_domain": per_domain, "per_day": per_day}
    _write(mailing, values, verb="choose_pace", details=values, by=by, now=now)


def _write(
    mailing: Mailing, values: dict[str, Any], *, verb: str, details: dict[str, Any], by: User, now: datetime
) -> None:
    with transaction.atomic():
        draft = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.DRAFT)
        if not transition(draft, values={**values, "changed_at": now}):
            raise composing.NoDraft
        audit.record(
            verb=verb, subject=mailing, by=by, organization=mailing.organization, now=now, details=details
        )
    mailing.refresh_from_db()


def question_about_takers(mailing: Mailing) -> dict[str, Any]:
    """The question for those who took part on a page that the mailing leads to; empty where it leads to none."""
    pages = sorted({str(page.pk) for page in hints.asks_of(mailing)})
    return {"filter": TOOK_PART, "pages": pages} if pages else {}
