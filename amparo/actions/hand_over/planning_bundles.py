"""When letters to a target become a bundle: too many wait to leave before the hard stop, or our staff want one now."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.actions import pacing
from amparo.actions.models import ActionPage, HandOver, Message
from amparo.kit import bell
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.organizations.pausing import installation_is_paused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from amparo.accounts.models import User

#: The line of work on which a bundle is planned, made, sent and settled.
LINE = "hand_overs"
#: No bundle is planned by itself earlier than a day before the hard stop, unless its page says when.
_A_DAY = timedelta(days=1)


class NothingToBundle(Refusal):
    sentence = _("No letter of this page waits for this target.")


class BundleIsOpen(Refusal):
    sentence = _("There is a bundle for this target already, which has not been handed over yet.")


def to_plan(*, now: datetime) -> list[tuple[ActionPage, str]]:
    """Pages and targets whose bundle is due and not planned yet: more letters wait than can leave by the hard stop.

    One bundle for each by itself; what is confirmed after it leaves one by one as far as there is time. Staff may make
    another.
    """
    if installation_is_paused():
        return []
    pages = ActionPage.objects.select_related("organization", "locale").filter(
        Q(bundle_at__lte=now) | Q(bundle_at__isnull=True, hard_stop__lte=now + _A_DAY),
        hard_stop__gt=now,
        sending_paused_at__isnull=True,
        organization__sending_paused_at__isnull=True,
        campaign__sending_paused_at__isnull=True,
    )
    return [pair for page in pages for pair in _targets_to_bundle(page, now=now)]


def _targets_to_bundle(page: ActionPage, *, now: datetime) -> Iterator[tuple[ActionPage, str]]:
    due_at = pacing.bundle_time(page)
    if due_at is None or due_at > now:
        return
    had = HandOver.objects.filter(page=page, due_at__gte=due_at).values_list("target_key", flat=True)
    for target in pacing.plan(page=page, now=now).targets:
        if target.too_late and target.target_key not in had:
            yield page, target.target_key


def plan(*, page: ActionPage, target_key: str, way: str, due_at: datetime, now: datetime) -> HandOver | None:
    """Note that a bundle is to be made; None when one for this target is open."""
    label = (
        Message.objects.filter(page=page, target_key=target_key)
        .order_by("-created_at")
        .values_list("target_label", "target_name")
        .first()
    ) or (target_key, "")
    hand_over = HandOver(
        id=new_id(),
        organization=page.organization,
        page=page,
        target_key=target_key,
        target_label=label[0],
        target_name=label[1],
        way=way,
        due_at=due_at,
        next_attempt_at=due_at,
        created_at=now,
    )
    with transaction.atomic():
        if not insert_if_new(hand_over):
            return None
        transaction.on_commit(partial(bell.ring, LINE))
    return hand_over


def make_now(*, page: ActionPage, target_key: str, way: str, by: User, now: datetime) -> HandOver:
    """Put everything that waits for this target into a bundle at once. Raises `NothingToBundle`, `BundleIsOpen`."""
    if not waiting_for(page, target_key).exists():
        raise NothingToBundle
    with transaction.atomic():
        hand_over = plan(page=page, target_key=target_key, way=way, due_at=now, now=now)
        if hand_over is None:
            raise BundleIsOpen
        audit.record(verb="make_bundle", subject=hand_over, by=by, organization=page.organization, now=now)
    return hand_over


def waiting_for(page: ActionPage, target_key: str) -> QuerySet[Message]:
    """The letters to this target that are in the queue, and that a bundle would take."""
    return Message.objects.filter(page=page, target_key=target_key, state=Message.State.QUEUED)
