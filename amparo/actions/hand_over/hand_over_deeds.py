"""What staff do with a bundle that is made: record that they brought it, or give it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.actions.hand_over import planning_bundles
from amparo.actions.hand_over.bundle_states import NotReady, State
from amparo.actions.hand_over.handing_over import give_up
from amparo.actions.models import HandOver
from amparo.kit import bell
from amparo.kit.claims import transition
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from amparo.accounts.models import User
    from amparo.content.models import CreditedImage

__all__ = ["NotReady", "NotThen", "Receipt", "hand_over_by_staff", "illustrate", "take_apart"]


class NotThen(Refusal):
    sentence = _("A bundle is handed over after it was made, and not in the future.")


class NotHandedOver(Refusal):
    sentence = _("This bundle has not been handed over yet.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where and to whom it was given, as the page says it, and a photograph of it."""

    place: str = ""
    received_by: str = ""
    photograph: CreditedImage | None = None


def hand_over_by_staff(
    *, hand_over: HandOver, at: datetime, receipt: Receipt | None = None, by: User, now: datetime
) -> None:
    """Record that our staff brought it, when, and what the page says of it. Raises `NotReady` and `NotThen`."""
    if at > now or (hand_over.made_at and at < hand_over.made_at):
        raise NotThen
    receipt = receipt or Receipt()
    ready = HandOver.objects.filter(pk=hand_over.pk, state__in=[State.MADE, State.UNCERTAIN])
    with transaction.atomic():
        values = {
            "state": State.HANDED_OVER,
            "sent_at": at,
            "recorded_by": by,
            "settled_at": None,
            "place": receipt.place,
            "received_by": receipt.received_by,
            "photograph": receipt.photograph,
        }
        if not transition(ready, values=values):
            raise NotReady
        audit.record(
            verb="hand_over",
            subject=hand_over,
            by=by,
            organization=hand_over.organization,
            now=now,
            details={hand_over.of: hand_over.letters},
        )
        transaction.on_commit(partial(bell.ring, planning_bundles.LINE))
    note_publication()


def illustrate(*, hand_over: HandOver, receipt: Receipt, by: User, now: datetime) -> None:
    """Change what the page says of a hand-over that took place. Raises `NotHandedOver`."""
    arrived = HandOver.objects.filter(pk=hand_over.pk, state__in=[State.SENT, State.HANDED_OVER])
    with transaction.atomic():
        values = {
            "place": receipt.place,
            "received_by": receipt.received_by,
            "photograph": receipt.photograph,
        }
        if not transition(arrived, values=values):
            raise NotHandedOver
        audit.record(
            verb="describe_hand_over", subject=hand_over, by=by, organization=hand_over.organization, now=now
        )
    note_publication()


def take_apart(*, hand_over: HandOver, by: User, now: datetime) -> None:
    """Give up a bundle that has not left: what is in it is free again. Raises `NotReady`."""
    with transaction.atomic():
        if hand_over.state not in {State.PLANNED, State.MADE} or not give_up(
            hand_over, to=State.EMPTY, reason="taken apart by our staff", now=now
        ):
            raise NotReady
        audit.record(
            verb="take_bundle_apart", subject=hand_over, by=by, organization=hand_over.organization, now=now
        )
