"""What we tell supporters about their letters, queued in the same transaction as what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.actions.models import Message
from amparo.mailings.posting import post_notice

if TYPE_CHECKING:
    from datetime import datetime

LETTER_FAILED = "letter_failed"
LETTER_BOUNCED = "letter_bounced"
LETTERS_SENT = "letters_sent"


def tell_failed(*, message: Message, now: datetime) -> None:
    """The office's server refused the letter."""
    _tell(LETTER_FAILED, message=message, now=now)


def tell_bounced(*, message: Message, now: datetime) -> None:
    """The letter came back."""
    _tell(LETTER_BOUNCED, message=message, now=now)


def tell_sent(*, message: Message, now: datetime) -> None:
    """The last letter of an action has left; said once, whichever letter was the last."""
    still_open = Message.objects.open().filter(action=message.action_id).exclude(pk=message.pk)
    email = message.action.supporter.email
    if email and not still_open.exists():
        post_notice(
            organization=message.organization,
            kind=LETTERS_SENT,
            subject_id=message.action_id,
            recipient=email,
            language=message.language,
            now=now,
        )


def _tell(kind: str, *, message: Message, now: datetime) -> None:
    email = message.action.supporter.email
    if email:
        post_notice(
            organization=message.organization,
            kind=kind,
            subject_id=message.pk,
            recipient=email,
            language=message.language,
            now=now,
        )
