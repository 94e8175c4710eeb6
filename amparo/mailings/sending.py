"""Send notices: at least once each, to one person each, none held up by another that fails."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import translation

from amparo.kit import retry
from amparo.kit.claims import claim_rows, transition
from amparo.kit.smtp import PermanentFailure, TemporaryFailure, Uncertain
from amparo.kit.work import DATABASE_AWAY, Result, one_by_one, place_of
from amparo.mailings import breaking
from amparo.mailings.models import Notice
from amparo.mailings.plain_mail import build_mail
from amparo.mailings.posting import LINE
from amparo.mailings.registry import Text, WholeMail, notice_kinds
from amparo.mailings.transport import mail_server
from amparo.organizations.pausing import installation_is_paused

#: How long a worker may hold a notice before it is taken to be dead.
LEASE = timedelta(minutes=10)
#: After this long without an answer other than "later", a notice has failed (RFC 5321, 4.5.4.1: at least 4-5 days).
GIVE_UP_AFTER = timedelta(days=5)


def mail_leaves(*, now: datetime) -> bool:
    """Whether no notice has been tried in vain for a quarter of an hour."""
    stuck = Notice.objects.filter(
        state=Notice.State.QUEUED, attempts__gt=0, created_at__lt=now - timedelta(minutes=15)
    )
    return not stuck.exists()


def claim(*, limit: int, now: datetime) -> Sequence[Notice]:
    """Take the most urgent notices that are due and that no breaker holds back."""
    if installation_is_paused():
        return []
    due = Notice.objects.filter(
        state=Notice.State.QUEUED, next_attempt_at__lte=now, organization__sending_paused_at__isnull=True
    )
    taken = claim_rows(
        breaking.passable(due),
        limit=limit,
        order_by=["urgency", "next_attempt_at"],
        claimed_by=uuid.uuid4(),
        values={"state": Notice.State.SENDING, "claimed_until": now + LEASE},
    )
    found = Notice.objects.select_related("organization").in_bulk(taken)
    go, wait = breaking.admit([found[pk] for pk in taken], now=now)
    if wait:
        _give_back(wait)
    # A batch that has to wait whole is no reason to let others wait: behind the breaker there may be more.
    return go if go or not wait else claim(limit=limit, now=now)


def perform(batch: Sequence[Notice], *, now: datetime) -> Result:
    return one_by_one(
        batch, lambda notice: _send_or_set_aside(notice, now=now), line=LINE, give_back=_give_back
    )


def _send_or_set_aside(notice: Notice, *, now: datetime) -> bool:
    """A notice that our own program breaks over is tried again later, and later: an upgrade may mend it."""
    try:
        return send(notice=notice, now=now)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        _try_later(notice, reason=f"our own program broke over it: {place_of(error)}", now=now)
        raise


def send(*, notice: Notice, now: datetime) -> bool:
    """Hand one notice to the mail server and record what it said; False when it failed for good."""
    kind = notice_kinds.get(notice.kind)()
    with translation.override(notice.language):
        text = kind.write(notice)
    if text is None or not notice.recipient:
        return _settle(notice, state=Notice.State.FAILED, reason="nothing left to say")
    try:
        mail_server().send(
            _mail(notice, text, now=now),
            envelope_from=notice.organization.sender_email,
            recipient=notice.recipient,
            before_data=lambda: None,
        )
    except TemporaryFailure as failure:
        return _try_later(notice, reason=str(failure), retry_after=failure.retry_after, now=now)
    except PermanentFailure as failure:
        return _settle(notice, state=Notice.State.FAILED, reason=str(failure)[:300])
    except Uncertain:
        # A second copy of a confirmation does no harm; none at all loses a letter.
        return _try_later(notice, reason="the connection broke", now=now)
    _settle(notice, state=Notice.State.SENT, sent_at=now)
    kind.after_sending(notice, now=now)
    return True


def reclaim(*, now: datetime) -> int:
    """Free what dead workers left: a notice is sent at least once."""
    left = Notice.objects.filter(state=Notice.State.SENDING, claimed_until__lt=now)
    return left.update(state=Notice.State.QUEUED, claimed_by=None, claimed_until=None)


def _mail(notice: Notice, text: Text | WholeMail, *, now: datetime) -> bytes:
    if isinstance(text, WholeMail):
        return text.content
    return build_mail(
        from_name=notice.organization.sender_name,
        from_address=notice.organization.sender_email,
        to_address=notice.recipient or "",
        subject=text.subject,
        text=text.body,
        message_id=str(notice.pk),
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", **text.headers},
        now=now,
    )


def _try_later(notice: Notice, *, reason: str, retry_after: timedelta | None = None, now: datetime) -> bool:
    if now - notice.created_at > GIVE_UP_AFTER:
        return _settle(notice, state=Notice.State.FAILED, reason="the mail server kept saying: later")
    at = retry.next_attempt(notice.attempts + 1, now=now, retry_after=retry_after, jitter=random.random())  # noqa: S311
    _settle(
        notice,
        state=Notice.State.QUEUED,
        attempts=notice.attempts + 1,
        next_attempt_at=at,
        claimed_by=None,
        claimed_until=None,
        reason=reason[:300],
    )
    return True


def _settle(notice: Notice, *, state: Notice.State, **values: object) -> bool:
    """Move on from `sending`, if this worker still holds it; True unless it failed."""
    held = Notice.objects.filter(pk=notice.pk, state=Notice.State.SENDING, claimed_by=notice.claimed_by)
    transition(held, values={"state": state, **values})
    return state != Notice.State.FAILED


def _give_back(rest: Sequence[Notice]) -> None:
    Notice.objects.filter(pk__in=[notice.pk for notice in rest], state=Notice.State.SENDING).update(
        state=Notice.State.QUEUED, claimed_by=None, claimed_until=None
    )
