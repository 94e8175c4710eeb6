"""What a page says of hand-overs that took place: to whom, when, how many, and a photograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from amparo.actions.models import HandOver

if TYPE_CHECKING:
    from amparo.actions.models import ActionPage
    from amparo.content.models import CreditedImage

State = HandOver.State


@dataclass(frozen=True, slots=True)
class Receipt:
    """One hand-over, as everybody may read it. One that only probably arrived is not told."""

    to: str
    at: datetime
    number: int
    by_mail: bool
    place: str
    received_by: str
    photograph: CreditedImage | None


def of(page: ActionPage) -> Sequence[Receipt]:
    """The hand-overs of this page's names, the newest first."""
    arrived = HandOver.objects.for_organization(page.organization).filter(
        page=page.pk, of=HandOver.Of.NAMES, state__in=[State.SENT, State.HANDED_OVER]
    )
    zone = ZoneInfo(page.organization.time_zone)
    return [
        Receipt(
            to=hand_over.target_label,
            at=(hand_over.sent_at or hand_over.created_at).astimezone(zone),
            number=hand_over.letters,
            by_mail=hand_over.state == State.SENT,
            place=hand_over.place,
            received_by=hand_over.received_by,
            photograph=hand_over.photograph,
        )
        for hand_over in arrived.select_related("photograph").order_by("-sent_at")
    ]
