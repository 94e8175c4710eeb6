"""Letters that came back: matched to what we sent, and told to the supporter once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from amparo.actions import telling
from amparo.actions.hand_over import handing_over
from amparo.actions.journal import move_messages
from amparo.actions.models import HandOver, Message
from amparo.kit.work import LineOfWork, Result
from amparo.mailings import bounce_mailbox
from amparo.mailings.answers import receipts
from amparo.mailings.bounce_mailbox import Outcome
from amparo.mailings.delivery_reports import read_report
from amparo.mailings.models import Notice
from amparo.targets import contacting

if TYPE_CHECKING:
    from amparo.mailings.delivery_reports import Report

State = Message.State
#: States whose next step is not ours to know: the report came before our own note that the letter left.
_LEAVING = frozenset({State.CLAIMED, State.IN_FLIGHT})
#: Fates after which the letter has not arrived and will not.
_CAME_BACK = frozenset({"gone", "refused", "given_up"})


def take_back(*, raw: bytes, now: datetime) -> Outcome:
    """Read one returned mail and record what it says, in one transaction; the same mail again changes nothing."""
    report = read_report(raw)
    if report is None:
        return Outcome.UNMATCHED
    if report.fate == "reply":
        return Outcome.IGNORED
    if report.place is not None:
        return receipts.take_back(report=report, now=now)
    if report.message_id is None:
        return Outcome.UNMATCHED
    letter = Message.objects.filter(pk=report.message_id).first()
    if letter is None:
        return _not_a_letter(report, now=now)
    if report.fate not in _CAME_BACK:
        return Outcome.IGNORED
    if letter.state in _LEAVING:
        return Outcome.LATER
    return _bounce(letter, report, now=now)


def _not_a_letter(report: Report, *, now: datetime) -> Outcome:
    """What came back is a bundle, a notice of ours, or nothing we know."""
    assert report.message_id is not None
    hand_over = HandOver.objects.filter(pk=report.message_id).first()
    if hand_over is None:
        return Outcome.IGNORED if Notice.objects.filter(pk=report.message_id).exists() else Outcome.UNMATCHED
    if report.fate not in _CAME_BACK:
        return Outcome.IGNORED
    if hand_over.state in {HandOver.State.CLAIMED, HandOver.State.IN_FLIGHT}:
        return Outcome.LATER
    back = handing_over.came_back(hand_over=hand_over, reason=_reason_of(report), now=now)
    return Outcome.BOUNCED if back else Outcome.IGNORED


def _reason_of(report: Report) -> str:
    return " ".join(filter(None, (report.status, report.reason))) or "the office's server sent it back"


def _bounce(letter: Message, report: Report, *, now: datetime) -> Outcome:
    reason = _reason_of(report)
    with transaction.atomic():
        believed_sent = Message.objects.filter(pk=letter.pk, state__in=[State.SENT, State.UNCERTAIN])
        if not move_messages(believed_sent, to=State.BOUNCED, reason=reason, now=now):
            return Outcome.IGNORED
        telling.tell_bounced(message=letter, now=now)
        if report.fate == "gone" and letter.sent_to:
            contacting.record_failure(
                address=letter.sent_to, letter_id=letter.pk, reason=reason[:300], now=now
            )
    return Outcome.BOUNCED


class Bounces(LineOfWork[str]):
    """What the mail server puts into the mailbox that AMPARO_BOUNCE_MAILBOX names; nothing when it names none."""

    name = "bounces"
    batch_size = 50

    def due(self, *, now: datetime) -> int:  # noqa: ARG002
        path = _mailbox()
        return bounce_mailbox.waiting(path) if path else 0

    def claim(self, *, limit: int, now: datetime) -> Sequence[str]:  # noqa: ARG002
        return ["mailbox"] if self.due(now=now) else []

    def perform(self, batch: Sequence[str], *, now: datetime) -> Result:  # noqa: ARG002
        path = _mailbox()
        if path is None:
            return Result()
        outcomes = bounce_mailbox.go_through(
            path, lambda raw: take_back(raw=raw, now=now), limit=self.batch_size
        )
        counted = Counter(outcomes)
        return Result(done=counted.total() - counted[Outcome.LATER])

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:  # noqa: ARG002
        path = _mailbox()
        return bounce_mailbox.oldest(path) if path else None


def _mailbox() -> Path | None:
    return Path(settings.AMPARO_BOUNCE_MAILBOX) if settings.AMPARO_BOUNCE_MAILBOX else None
