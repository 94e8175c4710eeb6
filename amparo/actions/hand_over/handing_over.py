"""Hand over what goes together: make a planned bundle of letters or of names, and let what is in it follow it.

What is in it says `bundled_letters` or `bundled_names`; what the document says is drawn in `bundling` or
`names_document`, and kept in `documents`; `mailing_bundles` mails it, and `hand_over_deeds` is what staff do.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.db import transaction

from amparo.actions.hand_over import (
    bundled_letters,
    bundled_names,
    documents,
    mailing_bundles,
    planning_bundles,
)
from amparo.actions.hand_over.addressees import addressee_of
from amparo.actions.hand_over.bundle_states import LEASE, LostTheClaim, State, move, still_ours, try_later
from amparo.actions.models import HandOver
from amparo.kit import signing
from amparo.kit.claims import claim_rows, transition
from amparo.kit.work import DATABASE_AWAY, place_of
from amparo.organizations.pausing import installation_is_paused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.actions.hand_over.addressees import Addressee
    from amparo.actions.hand_over.bundle_contents import Contents

#: Tries after which a bundle that our own program breaks over is given up, and what is in it goes back.
MOST_FAULTS = 3
#: Bytes of a bundle that still goes by mail: 25 MB is what large providers take (Gmail), and base64 makes 3 bytes 4.
LARGEST_MAIL = 18_000_000
#: How long after the hard stop our staff may still note that they handed a bundle of letters over in time.
NOTED_LATER = timedelta(days=2)
_KINDS: dict[str, Contents] = {HandOver.Of.LETTERS: bundled_letters, HandOver.Of.NAMES: bundled_names}


def contents_of(hand_over: HandOver) -> Contents:
    """Who knows what is in this bundle."""
    return _KINDS[hand_over.of]


# --- What the worker does -----------------------------------------------------------------------------------------


def unsettled() -> QuerySet[HandOver]:
    """Those that arrived, and whose letters or news have not all followed."""
    return HandOver.objects.filter(state__in=HandOver.ARRIVED, settled_at__isnull=True)


def lapsing(*, now: datetime) -> QuerySet[HandOver]:
    """Bundles of letters that nobody handed over, long enough after the hard stop. Names do not come too late."""
    return HandOver.objects.filter(
        of=HandOver.Of.LETTERS,
        state__in=[State.PLANNED, State.MADE],
        page__hard_stop__lte=now - NOTED_LATER,
    )


def due(*, now: datetime) -> int:
    sending = 0 if installation_is_paused() else HandOver.objects.to_send(now=now).count()
    making = HandOver.objects.to_make(now=now).count()
    return (
        len(planning_bundles.to_plan(now=now))
        + making
        + sending
        + unsettled().count()
        + lapsing(now=now).count()
    )


def claim(*, limit: int, now: datetime) -> Sequence[HandOver]:
    """Plan what is due, and take a bundle: to settle, to give up, to send, or to make, in this order."""
    for page, target_key in planning_bundles.to_plan(now=now):
        planning_bundles.plan(page=page, target_key=target_key, way=page.bundle_way, due_at=now, now=now)
    taken: list[uuid.UUID] = [*unsettled().values_list("pk", flat=True)[:limit]]
    taken += lapsing(now=now).values_list("pk", flat=True)[: limit - len(taken)]
    if not installation_is_paused():
        taken += _take(HandOver.objects.to_send(now=now), State.CLAIMED, limit=limit - len(taken), now=now)
    taken += _take(HandOver.objects.to_make(now=now), State.MAKING, limit=limit - len(taken), now=now)
    found = HandOver.objects.select_related("organization", "page__locale", "names").in_bulk(taken)
    return [found[pk] for pk in taken]


def _take(rows: QuerySet[HandOver], state: State, *, limit: int, now: datetime) -> list[uuid.UUID]:
    return claim_rows(
        rows,
        limit=limit,
        order_by=["next_attempt_at"],
        claimed_by=uuid.uuid4(),
        values={"state": state, "claimed_until": now + LEASE},
    )


def go_on(hand_over: HandOver, *, now: datetime) -> bool:
    """The next step of one bundle; False when it failed."""
    if hand_over.state in HandOver.ARRIVED:
        return settle(hand_over=hand_over, now=now)
    if hand_over.state in {State.PLANNED, State.MADE}:
        return lapse(hand_over=hand_over, now=now)
    step = make if hand_over.state == State.MAKING else mailing_bundles.send
    try:
        return step(hand_over=hand_over, now=now)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        _after_a_fault(hand_over, at=place_of(error), now=now)
        raise


def reclaim(*, now: datetime) -> int:
    """What dead workers left: what was only being made or taken goes back, what was in flight is uncertain."""
    dead = HandOver.objects.filter(claimed_until__lt=now)
    freed: dict[str, Any] = {"claimed_by": None, "claimed_until": None}
    return (
        dead.filter(state=State.MAKING).update(state=State.PLANNED, **freed)
        + dead.filter(state=State.CLAIMED).update(state=State.MADE, **freed)
        + dead.filter(state=State.IN_FLIGHT).update(
            state=State.UNCERTAIN, reason="its worker stopped while sending", sent_at=now, **freed
        )
    )


# --- Making -------------------------------------------------------------------------------------------------------


def make(*, hand_over: HandOver, now: datetime) -> bool:
    """Gather what belongs into the bundle, and draw and sign the document it becomes."""
    contents, begun = contents_of(hand_over), monotonic()

    def beat() -> None:
        still_ours(hand_over, now=now + timedelta(seconds=monotonic() - begun))

    contents.gather(hand_over, now=now)
    holds = contents.standing(hand_over)
    if not holds:
        return move(hand_over, to=State.EMPTY, reason="there was nothing in it any more")
    addressee = addressee_of(hand_over, now=now)
    keeper = documents.Keeper(hand_over)
    try:
        drawn = contents.draw(hand_over, addressee=addressee, write=keeper.write, beat=beat, now=now)
        kept = keeper.close()
        contents.beside(hand_over, now=now)
    except LostTheClaim:
        return True
    way, reason = _way_for(hand_over, addressee, size=documents.size_of_all(hand_over))
    with transaction.atomic():
        if contents.standing(hand_over) != holds:
            # Somebody was erased while it was drawn: it is drawn again, without them.
            return move(hand_over, to=State.PLANNED)
        signature = signing.sign(kept.sha256)
        return move(
            hand_over,
            to=State.MADE,
            reason=reason,
            way=way,
            letters=drawn.count,
            sheets=drawn.sheets,
            size=kept.size,
            sha256=signature.sha256,
            signature=signature.proof,
            target_name=addressee.name,
            made_at=now,
            attempts=0,
            next_attempt_at=now,
            erased_at=None,
        )


def _way_for(hand_over: HandOver, addressee: Addressee, *, size: int) -> tuple[str, str]:
    """By mail where that was asked for and can be; the reason why not."""
    if hand_over.way == HandOver.Way.BY_HAND:
        return HandOver.Way.BY_HAND, ""
    if not addressee.address:
        return HandOver.Way.BY_HAND, "the office has no e-mail address that works"
    if size > LARGEST_MAIL:
        return HandOver.Way.BY_HAND, "the document is too large for a mail"
    return HandOver.Way.MAIL, ""


def _after_a_fault(hand_over: HandOver, *, at: str, now: datetime) -> None:
    """Our own program broke over it. One that cannot be made is given up; one that may have left is uncertain."""
    reason = f"our own program broke over it: {at}"
    if hand_over.state == State.IN_FLIGHT:
        return
    if hand_over.state == State.MAKING and hand_over.attempts + 1 >= MOST_FAULTS:
        give_up(hand_over, to=State.LAPSED, reason=reason, now=now)
    else:
        try_later(hand_over, reason=reason, retry_after=None, now=now)


# --- What follows -------------------------------------------------------------------------------------------------


def settle(*, hand_over: HandOver, now: datetime) -> bool:
    """Let what is in it follow the bundle; goes on where a dead worker stopped."""
    contents_of(hand_over).follow(hand_over, now=now)
    HandOver.objects.filter(pk=hand_over.pk, state=hand_over.state).update(settled_at=now)
    return True


def lapse(*, hand_over: HandOver, now: datetime) -> bool:
    """Nobody handed it over in time."""
    with transaction.atomic():
        if move(hand_over, to=State.LAPSED):
            contents_of(hand_over).lapse(hand_over, now=now)
    return True


def give_up(hand_over: HandOver, *, to: State, reason: str, now: datetime) -> bool:
    """End a bundle that has not left: its document goes, and what is in it goes back."""
    with transaction.atomic():
        if not move(hand_over, to=to, reason=reason):
            return False
        documents.forget(hand_over=hand_over, now=now)
        contents_of(hand_over).give_back(hand_over, reason=reason, now=now)
    return True


def came_back(*, hand_over: HandOver, reason: str, now: datetime) -> bool:
    """The office's server took the mail and returned it later: the bundle is ours again, to bring otherwise."""
    believed = HandOver.objects.filter(pk=hand_over.pk, state__in=[State.SENT, State.UNCERTAIN])
    again = HandOver.objects.open().filter(page=hand_over.page, target_key=hand_over.target_key)
    ours_again = {
        "state": State.MADE,
        "way": HandOver.Way.BY_HAND,
        "reason": reason[:300],
        "settled_at": None,
    }
    with transaction.atomic():
        if again.exists() or not transition(believed, values=ours_again):
            return False
        contents_of(hand_over).come_back(hand_over, now=now)
    return True
