"""Take many actions out of the count at once, and put them back.

The verbs write down which actions are meant and return; the line of work of the same name goes through them some
hundreds at a time, each lot in one transaction, so that a worker that dies in the middle is simply followed by another.
Rows are locked in the order supporter, tally, action, letter, as everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from amparo.accounts import audit
from amparo.actions.abuse import choosing
from amparo.actions.abuse.choosing import CHUNK, WITHDRAWABLE, Conditions
from amparo.actions.confirming import DELIVERY
from amparo.actions.journal import move_messages
from amparo.actions.models import Action, InvalidatedAction, Invalidation, Message, Tally
from amparo.kit import bell
from amparo.kit.refusal import Refusal
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from amparo.accounts.models import User

LINE = "invalidation"
#: For so long an invalidation can be undone.
UNDO_FOR = timedelta(days=30)
WITHDRAWN = gettext_noop("its action was invalidated by our staff")
BACK = gettext_noop("the invalidation was undone")
Row = InvalidatedAction.State


class NothingFound(Refusal):
    sentence = _("No action that counts or waits has all of this in common.")


class TooLateToUndo(Refusal):
    sentence = _("This was done more than 30 days ago, or is undone already.")


def invalidate(*, conditions: Conditions, reason: str, by: User, now: datetime) -> Invalidation:
    """Take every action that meets these conditions out of the count; its letters that have not left stay.

    Raises `NothingInCommon` and `NothingFound`.
    """
    ids = choosing.chosen_ids(conditions)
    if not ids:
        raise NothingFound
    with transaction.atomic():
        invalidation = Invalidation.objects.create(
            organization=conditions.organization,
            conditions=conditions.in_words(),
            reason=reason,
            chosen=len(ids),
            invalidated_by=by,
            invalidated_at=now,
        )
        InvalidatedAction.objects.bulk_create(
            [InvalidatedAction(invalidation=invalidation, action_id=pk) for pk in ids], batch_size=CHUNK
        )
        _record("invalidate_actions", invalidation, by=by, now=now)
    return invalidation


def undo(*, invalidation: Invalidation, by: User, now: datetime) -> None:
    """Put all of it back as it was, as far as it still can be. Raises `TooLateToUndo`."""
    with transaction.atomic():
        undoable = Invalidation.objects.filter(
            pk=invalidation.pk,
            state__in=[Invalidation.State.WORKING, Invalidation.State.DONE],
            invalidated_at__gt=now - UNDO_FOR,
        )
        if not undoable.update(state=Invalidation.State.UNDOING, undone_at=now):
            raise TooLateToUndo
        _record("undo_invalidation", invalidation, by=by, now=now)


def restorable(*, now: datetime) -> QuerySet[InvalidatedAction, UUID]:
    """The ids of actions that may still be put back: whoever took them is not forgotten before."""
    recent = InvalidatedAction.objects.filter(
        state=Row.INVALIDATED, invalidation__invalidated_at__gt=now - UNDO_FOR
    )
    return recent.values_list("action", flat=True)


def _record(verb: str, invalidation: Invalidation, *, by: User, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=invalidation,
        by=by,
        organization=invalidation.organization,
        now=now,
        details={"chosen": invalidation.chosen},
    )
    transaction.on_commit(partial(bell.ring, LINE))


# --- Lot by lot ---------------------------------------------------------------------------------------------------


def unfinished() -> list[UUID]:
    """Invalidations with something left to do."""
    at_work = [Invalidation.State.WORKING, Invalidation.State.UNDOING]
    return list(
        Invalidation.objects.filter(state__in=at_work).order_by("invalidated_at").values_list("pk", flat=True)
    )


def go_on(invalidation_id: UUID, *, now: datetime) -> int:
    """Work through the next lot; how many actions."""
    with transaction.atomic():
        invalidation = Invalidation.objects.select_for_update().get(pk=invalidation_id)
        if invalidation.state == Invalidation.State.WORKING:
            handled = _invalidate_lot(_next_lot(invalidation, Row.CHOSEN), now=now)
            end = Invalidation.State.DONE
        elif invalidation.state == Invalidation.State.UNDOING:
            invalidation.rows.filter(state=Row.CHOSEN).update(state=Row.LEFT)
            handled = _restore_lot(_next_lot(invalidation, Row.INVALIDATED), now=now)
            end = Invalidation.State.UNDONE
        else:
            return 0
        if not handled:
            Invalidation.objects.filter(pk=invalidation.pk).update(state=end)
        transaction.on_commit(partial(bell.ring, DELIVERY))
    return handled


def _next_lot(invalidation: Invalidation, state: Row) -> list[InvalidatedAction]:
    rows = invalidation.rows.filter(state=state).select_related("action").order_by("pk")
    return list(rows[:CHUNK])


def _invalidate_lot(rows: Sequence[InvalidatedAction], *, now: datetime) -> int:
    _lock_tallies(rows)
    allowed = [Action.State.CONFIRMED, Action.State.PENDING]
    meant = Action.objects.select_for_update().filter(pk__in=[row.action_id for row in rows])
    actions = {action.pk: action for action in meant.filter(state__in=allowed).order_by("pk")}
    letters = _withdraw_letters(list(actions), now=now)
    counted = Counter(action.page_id for action in actions.values() if action.counted_at)
    Action.objects.filter(pk__in=list(actions)).update(state=Action.State.INVALIDATED, counted_at=None)
    for page_id, number in counted.items():
        Tally.objects.filter(page=page_id).update(confirmed=F("confirmed") - number)
    for row in rows:
        found = actions.get(row.action_id)
        row.state = Row.INVALIDATED if found else Row.LEFT
        row.was = found.state if found else ""
        row.letters = letters.get(row.action_id, {})
    InvalidatedAction.objects.bulk_update(rows, ["state", "was", "letters"], batch_size=CHUNK)
    return len(rows)


def _withdraw_letters(action_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, dict[str, str]]:
    """Withdraw what has not left; for each action its letters and the state each was withdrawn from."""
    before: dict[UUID, dict[str, str]] = {}
    for state in WITHDRAWABLE:
        theirs = Message.objects.filter(action__in=action_ids, state=state)
        moved = move_messages(theirs, to=Message.State.WITHDRAWN, reason=WITHDRAWN, now=now)
        for pk, action_id in Message.objects.filter(pk__in=moved).values_list("pk", "action"):
            before.setdefault(action_id, {})[str(pk)] = state.value
    return before


def _restore_lot(rows: Sequence[InvalidatedAction], *, now: datetime) -> int:
    # Whoever confirms queues at the supporter's row, so that nobody counts twice (`confirming`).
    supporters = sorted({row.action.supporter_id for row in rows})
    Supporter.objects.filter(pk__in=supporters).update(confirmed_at=F("confirmed_at"))
    for row in rows:
        state = _state_to_restore(row)
        restored = Action.objects.filter(pk=row.action_id, state=Action.State.INVALIDATED)
        if restored.update(state=state) and state == row.was:
            _bring_letters_back(row, now=now)
        row.state = Row.RESTORED
    InvalidatedAction.objects.bulk_update(rows, ["state"], batch_size=CHUNK)
    return len(rows)


def _state_to_restore(row: InvalidatedAction) -> str:
    """What it was; unless the person did it again meanwhile, or the link it waited at is closed."""
    action = row.action
    if row.was == Action.State.CONFIRMED:
        again = Action.objects.confirmed().filter(page=action.page_id, supporter=action.supporter_id)
        return Action.State.SUPERSEDED if again.exists() else Action.State.CONFIRMED
    still_open = action.confirmation is not None and action.confirmation.closed_at is None
    return Action.State.PENDING if still_open else Action.State.EXPIRED


def _bring_letters_back(row: InvalidatedAction, *, now: datetime) -> None:
    """Letters whose words are still here go back to where they stood; one too late then expires by itself."""
    for state in set(row.letters.values()):
        theirs = Message.objects.filter(
            pk__in=[pk for pk, before in row.letters.items() if before == state],
            state=Message.State.WITHDRAWN,
            erased_at__isnull=True,
        )
        move_messages(theirs, to=Message.State(state), reason=BACK, now=now, next_attempt_at=now)


def _lock_tallies(rows: Sequence[InvalidatedAction]) -> None:
    """The tally's row is the lock of counting: nothing is counted while what is counted changes."""
    for page_id in sorted({row.action.page_id for row in rows}):
        Tally.objects.filter(page=page_id).update(counted_at=F("counted_at"))
