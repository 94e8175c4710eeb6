"""The link in the confirmation mail: opening it changes nothing, pressing the button does (mail scanners
open links).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.actions.journal import move_messages
from amparo.actions.models import Action, Confirmation, Message
from amparo.kit import bell, tokens
from amparo.kit.group_commit import commit_together
from amparo.kit.refusal import Refusal
from amparo.supporters import consent
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from datetime import datetime

#: How long a link works, counted from the first mail that left (WriteToThem's `pending` state: seven days).
LINK_LASTS = timedelta(days=7)
PURPOSE = "confirm"
STATUS = "letters"
DELIVERY = "letters"


class LinkExpired(Refusal):
    sentence = _(
        "This link is too old, or was changed on its way. Take the action again and we send you a new one."
    )


def link_for(confirmation_id: UUID) -> str:
    """The token of the link; it can be made again at any time, so it is stored nowhere."""
    return tokens.make(PURPOSE, confirmation_id)


def status_link_for(action_id: UUID) -> str:
    """The token of the page that shows what became of one action's letters."""
    return tokens.make(STATUS, action_id)


def action_behind(*, token: str) -> Action:
    """The confirmed action behind a status link. Raises `LinkExpired`."""
    try:
        found = (
            Action.objects.confirmed().filter(pk=tokens.read(STATUS, token)).select_related("page").first()
        )
    except tokens.BrokenLink:
        found = None
    if found is None:
        raise LinkExpired
    return found


def look_up(*, token: str, now: datetime) -> Confirmation:
    """The confirmation behind a link, used or not. Raises `LinkExpired` for an unknown, altered or old one alike."""
    try:
        found = Confirmation.objects.filter(pk=tokens.read(PURPOSE, token)).first()
    except tokens.BrokenLink:
        found = None
    if found is None or (
        found.used_at is None and (found.closed_at or (found.expires_at and found.expires_at <= now))
    ):
        raise LinkExpired
    return found


def waiting_actions(confirmation: Confirmation) -> Sequence[Action]:
    """What pressing the button would confirm: the newest action of each page."""
    pending = (
        Action.objects.pending().filter(confirmation=confirmation).select_related("page", "organization")
    )
    newest: dict[tuple[UUID, int], Action] = {}
    for action in pending.order_by("taken_at", "pk"):
        newest[action.supporter_id, action.page_id] = action
    return list(newest.values())


def confirm(*, token: str, now: datetime) -> Confirmation:
    """Confirm everything that waits at this link; pressing twice changes nothing more. Raises `LinkExpired`."""
    confirmation = look_up(token=token, now=now)
    if confirmation.used_at is None:
        commit_together(partial(_confirm, confirmation=confirmation, now=now))
    return confirmation


def _confirm(*, confirmation: Confirmation, now: datetime) -> None:
    with transaction.atomic():
        closed = Confirmation.objects.filter(pk=confirmation.pk, closed_at__isnull=True).update(
            used_at=now, closed_at=now
        )
        if not closed:
            return
        for action in waiting_actions(confirmation):
            _confirm_action(action, now=now)
        left = Action.objects.pending().filter(confirmation=confirmation)
        move_messages(
            Message.objects.filter(action__in=left),
            to=Message.State.WITHDRAWN,
            reason="replaced by a newer one",
            now=now,
        )
        left.update(state=Action.State.SUPERSEDED)
        transaction.on_commit(partial(bell.ring, DELIVERY))


def _confirm_action(action: Action, *, now: datetime) -> None:
    # The supporter's row is the lock: two links for one person's action on one page queue here, and the
    # second finds the first's work.
    Supporter.objects.filter(pk=action.supporter_id).update(confirmed_at=now)
    if Action.objects.confirmed().filter(page=action.page, supporter=action.supporter_id).exists():
        return
    Action.objects.pending().filter(pk=action.pk).update(state=Action.State.CONFIRMED, confirmed_at=now)
    answers = {UUID(pk): granted for pk, granted in action.consent_answers.items()}
    consent.record(supporter=action.supporter, answers=answers, source=action.source, now=now)
    mine = Message.objects.filter(action=action, state=Message.State.PENDING)
    too_late = Q(page__hard_stop__isnull=False, page__hard_stop__lte=now)
    move_messages(
        mine.filter(too_late), to=Message.State.EXPIRED, reason="confirmed after the hard stop", now=now
    )
    move_messages(mine.exclude(form_url=""), to=Message.State.BY_FORM_DONE, reason="", now=now)
    move_messages(mine.filter(form_url=""), to=Message.State.QUEUED, reason="", now=now)


def mail_left(*, confirmation_id: UUID, now: datetime) -> None:
    """The link's time begins with the first mail that left, so an outage of our mail server costs nobody
    their letter.
    """
    Confirmation.objects.filter(pk=confirmation_id, expires_at__isnull=True).update(
        expires_at=now + LINK_LASTS
    )
