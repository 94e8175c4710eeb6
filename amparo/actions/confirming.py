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

from amparo.actions import doubling
from amparo.actions.followers import following
from amparo.actions.journal import move_messages
from amparo.actions.models import Action, Confirmation, Message
from amparo.actions.words import Words, neutral
from amparo.kit import bell, tokens
from amparo.kit.group_commit import commit_together
from amparo.kit.refusal import Refusal
from amparo.supporters import consent, identity, suppression
from amparo.supporters.models import ConsentWording, Purpose, Supporter

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
    return _newest(_pending(confirmation))


def _pending(confirmation: Confirmation) -> Sequence[Action]:
    """Everything that waits at this link, the oldest first."""
    rows = Action.objects.pending().filter(confirmation=confirmation)
    whole = rows.select_related("page", "organization", "supporter__organization")
    return list(whole.order_by("taken_at", "pk"))


def _newest(pending: Sequence[Action]) -> list[Action]:
    newest = {(action.supporter_id, action.page_id): action for action in pending}
    return list(newest.values())


def words_of(actions: Sequence[Action], *, followings: int = 0) -> Words:
    """What is said of these deeds together: their kind's own words, or what fits several kinds."""
    if followings:
        return neutral(len(actions) + followings) if actions else following.words(followings)
    kinds = {action.page.specific_class for action in actions}
    letters = Message.objects.filter(action__in=[action.pk for action in actions]).count()
    number = letters or len(actions)
    return kinds.pop().words(number) if len(kinds) == 1 else neutral(len(actions))


def thanked_for(confirmation: Confirmation) -> list[Action]:
    """What the button behind a used link confirmed.

    For somebody who had done it before this is the deed they repeated, unless it was a letter: of two letters one was
    withdrawn, and nobody is thanked for it.
    """
    actions = confirmation.actions.select_related("page", "organization", "supporter")
    confirmed = list(actions.confirmed().order_by("taken_at"))
    if confirmed:
        return confirmed
    repeated = actions.filter(state=Action.State.SUPERSEDED, messages__isnull=True)
    return list(repeated.order_by("taken_at"))[-1:]


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
        pending = _pending(confirmation)
        # Most deeds are no letter, and this is a busy place: one question spares four.
        letters = Message.objects.filter(action__in=[action.pk for action in pending]).exists()
        confirmed = [
            _confirm_action(action, confirmation, letters=letters, now=now) for action in _newest(pending)
        ]
        for begun in following.confirm_waiting(confirmation, now=now):
            _let_back_in(begun.supporter, confirmation, now=now)
        if not all(confirmed) or len(confirmed) < len(pending):
            _supersede_left(confirmation, now=now)
        if letters:
            transaction.on_commit(partial(bell.ring, DELIVERY))


def _supersede_left(confirmation: Confirmation, *, now: datetime) -> None:
    """What was repeated, or done before, counts no more, and none of its letters leaves."""
    left = Action.objects.pending().filter(confirmation=confirmation)
    move_messages(
        Message.objects.filter(action__in=left),
        to=Message.State.WITHDRAWN,
        reason="replaced by a newer one",
        now=now,
    )
    left.update(state=Action.State.SUPERSEDED)


def confirm_known(action: Action, *, now: datetime) -> None:
    """Confirm at once what somebody did by the link in a mail to them; for the transaction that stores the action.

    Who has done it before is not counted twice: the action is then kept as one that was repeated.
    """
    if not _confirm_action(action, None, letters=False, now=now):
        Action.objects.pending().filter(pk=action.pk).update(state=Action.State.SUPERSEDED)


def _confirm_action(
    action: Action, confirmation: Confirmation | None, *, letters: bool, now: datetime
) -> bool:
    """Whether it waits no more; False for what this person had done before. `letters`: whether there may be any."""
    # The person's rows are the lock: two links for one person's action on one page queue here, and the
    # second finds the first's work. A merge takes them in the same order.
    for pk in sorted({action.supporter_id, action.supporter.person_id}):
        Supporter.objects.filter(pk=pk).update(confirmed_at=now)
    if doubling.already_acted(page_id=action.page_id, supporter_id=action.supporter_id):
        _record_answers(action, confirmation, besides=[Purpose.DISCLOSURE], now=now)
        return False
    mine_now = Action.objects.pending().filter(pk=action.pk)
    if not mine_now.update(state=Action.State.CONFIRMED, confirmed_at=now):
        return True  # invalidated a moment ago
    _record_answers(action, confirmation, besides=[], now=now)
    if letters:
        _let_letters_go(action, now=now)
    return True


def _let_letters_go(action: Action, *, now: datetime) -> None:
    """What was written may leave, unless it is too late, or went by the office's own form."""
    mine = Message.objects.filter(action=action, state=Message.State.PENDING)
    too_late = Q(page__hard_stop__isnull=False, page__hard_stop__lte=now)
    move_messages(
        mine.filter(too_late), to=Message.State.EXPIRED, reason="confirmed after the hard stop", now=now
    )
    move_messages(mine.exclude(form_url=""), to=Message.State.BY_FORM_DONE, reason="", now=now)
    move_messages(mine.filter(form_url=""), to=Message.State.QUEUED, reason="", now=now)


def _record_answers(
    action: Action, confirmation: Confirmation | None, *, besides: Sequence[Purpose], now: datetime
) -> None:
    """Write what was answered to the ledger. A yes from one's own mailbox also ends having left.

    Somebody who does again what they have done counts once, and what they answered the second time holds; only what a
    letter would have disclosed was not, because no second letter leaves.
    """
    given = {UUID(pk): granted for pk, granted in action.consent_answers.items()}
    not_meant = ConsentWording.objects.filter(pk__in=given, purpose__in=besides)
    for pk in not_meant.values_list("pk", flat=True) if besides else []:
        del given[pk]
    written = consent.record(supporter=action.supporter, answers=given, source=action.source, now=now)
    if confirmation is not None and any(
        line.granted and line.purpose != Purpose.DISCLOSURE for line in written
    ):
        _let_back_in(action.supporter, confirmation, now=now)


def _let_back_in(supporter: Supporter, confirmation: Confirmation, *, now: datetime) -> None:
    """End that they had left, for those of their addresses that the link went to: a yes says nothing of the others."""
    mark = bytes(confirmation.address_mark)
    can_be_written_to = supporter.unreachable == Supporter.Unreachable.NO and supporter.merged_into_id is None
    if can_be_written_to and supporter.email and identity.installation_mark_of(supporter.email) == mark:
        return  # their row follows the list, and spares a busy place three questions
    for email in identity.addresses_of(supporter):
        if identity.installation_mark_of(email) == mark:
            suppression.lift_own(organization=supporter.organization, email=email, now=now)


def mail_left(*, confirmation_id: UUID, now: datetime) -> None:
    """The link's time begins with the first mail that left, so an outage of our mail server costs nobody
    their letter.
    """
    Confirmation.objects.filter(pk=confirmation_id, expires_at__isnull=True).update(
        expires_at=now + LINK_LASTS
    )
