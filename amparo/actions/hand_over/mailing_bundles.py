"""Mail a bundle that is made, once. As with a letter, `in_flight` is committed before DATA."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from amparo.actions.hand_over import documents
from amparo.actions.hand_over.addressees import addressee_of
from amparo.actions.hand_over.bundle_states import (
    LEASE,
    LostTheClaim,
    State,
    held,
    leave_to_staff,
    move,
    try_later,
)
from amparo.kit.claims import transition
from amparo.kit.smtp import PermanentFailure, TemporaryFailure, Uncertain
from amparo.mailings.transport import mail_server

if TYPE_CHECKING:
    from amparo.actions.models import HandOver


def send(*, hand_over: HandOver, now: datetime) -> bool:
    """Mail it, and record what the mail server said; False when it refused it for good."""
    begun = monotonic()
    addressee = addressee_of(hand_over, now=now)
    if not addressee.address:
        return leave_to_staff(hand_over, reason="the office has no e-mail address that works")
    mail = documents.as_mail(hand_over=hand_over, addressee=addressee, now=now)
    try:
        mail_server().send(
            mail,
            envelope_from=hand_over.organization.sender_email,
            recipient=addressee.address,
            before_data=lambda: commit_in_flight(
                hand_over, address=addressee.address, now=now + timedelta(seconds=monotonic() - begun)
            ),
        )
    except LostTheClaim:
        return True
    except Uncertain as failure:
        return move(hand_over, to=State.UNCERTAIN, reason=str(failure), sent_at=now)
    except TemporaryFailure as failure:
        return try_later(hand_over, reason=str(failure), retry_after=failure.retry_after, now=now)
    except PermanentFailure as failure:
        leave_to_staff(hand_over, reason=str(failure))
        return False
    return move(hand_over, to=State.SENT, sent_at=now)


def commit_in_flight(hand_over: HandOver, *, address: str, now: datetime) -> None:
    """Committed before DATA, and letters not after the hard stop. Raises `LostTheClaim`."""
    stop = hand_over.page.hard_stop
    if hand_over.of == hand_over.Of.LETTERS and stop is not None and stop <= now:
        leave_to_staff(hand_over, reason="the hard stop came first")
        raise LostTheClaim
    values = {"state": State.IN_FLIGHT, "sent_to": address, "claimed_until": now + LEASE}
    if not transition(held(hand_over), values=values):
        raise LostTheClaim
    hand_over.state = State.IN_FLIGHT
