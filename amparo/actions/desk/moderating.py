"""What staff do with letters on their way: hold, release, try again, withdraw, and pause whole pages and campaigns.

Each verb is one transaction with its entries in the audit trail. Verbs about letters take a queryset, which the caller
has narrowed to letters its user may touch, and act on those whose state allows it; the rest is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from amparo.accounts import audit
from amparo.actions.confirming import DELIVERY
from amparo.actions.journal import move_messages
from amparo.actions.models import Action, ActionPage, Message
from amparo.content.models import Campaign
from amparo.kit import bell
from amparo.kit.refusal import Refusal
from amparo.organizations import pausing
from amparo.organizations.models import Installation, Organization

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import Model, QuerySet

    from amparo.accounts.models import User

State = Message.State
#: States from which a letter may be tried again without any risk of a second copy.
DID_NOT_ARRIVE = frozenset({State.FAILED, State.HELD, State.BOUNCED})

RELEASED = gettext_noop("released by our staff")
TRIED_AGAIN = gettext_noop("tried again by our staff")
#: How a letter looks that nobody has begun to send.
_FRESH: dict[str, Any] = {
    "claimed_by": None,
    "claimed_until": None,
    "attempts": 0,
    "sent_at": None,
    "first_tried_at": None,
}


class MayArriveTwice(Refusal):
    sentence = _(
        "Some of these letters may have arrived already, and would then arrive twice. Say that this may happen, or"
        " leave them out."
    )


def holdable(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Those that wait for their turn and that nobody has begun to send."""
    return messages.filter(state=State.QUEUED)


def releasable(messages: QuerySet[Message], *, now: datetime) -> QuerySet[Message]:
    return _still_useful(messages.filter(state=State.HELD), now=now)


def retriable(messages: QuerySet[Message], *, now: datetime) -> QuerySet[Message]:
    """Those that could be sent again, uncertain ones included."""
    return _still_useful(messages.filter(state__in=[*DID_NOT_ARRIVE, State.UNCERTAIN]), now=now)


def withdrawable(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.filter(state__in=[State.PENDING, State.QUEUED, State.HELD])


def hold(*, messages: QuerySet[Message], reason: str, by: User, now: datetime) -> list[UUID]:
    """Keep letters that wait to be sent from leaving, until they are released; the ids of those held."""
    return _move(holdable(messages), to=State.HELD, reason=reason, verb="hold_letter", by=by, now=now)


def release(*, messages: QuerySet[Message], by: User, now: datetime) -> list[UUID]:
    """Let held letters leave after all, when their turn comes; the ids of those released."""
    return _queue(releasable(messages, now=now), reason=RELEASED, verb="release_letter", by=by, now=now)


def retry(
    *, messages: QuerySet[Message], by: User, now: datetime, even_if_it_may_arrive_twice: bool = False
) -> list[UUID]:
    """Send letters again that did not arrive; the ids of those queued.

    An uncertain letter has probably arrived, so it is sent again only when the caller says that it may arrive twice.
    Raises `MayArriveTwice`, having moved nothing, when there is one and the caller did not.
    """
    again = retriable(messages, now=now)
    if not even_if_it_may_arrive_twice:
        if again.filter(state=State.UNCERTAIN).exists():
            raise MayArriveTwice
        again = again.exclude(state=State.UNCERTAIN)
    return _queue(again, reason=TRIED_AGAIN, verb="retry_letter", by=by, now=now)


def withdraw(*, messages: QuerySet[Message], reason: str, by: User, now: datetime) -> list[UUID]:
    """End the journey of letters that have not left; they can never be sent again. The ids of those withdrawn."""
    return _move(
        withdrawable(messages), to=State.WITHDRAWN, reason=reason, verb="withdraw_letter", by=by, now=now
    )


def pause_page(*, page: ActionPage, by: User, now: datetime) -> bool:
    """Let no letter of this page leave; supporters can still write. True when this call paused it."""
    running = ActionPage.objects.filter(pk=page.pk, sending_paused_at__isnull=True)
    deed = partial(running.update, sending_paused_at=now)
    return _switch(deed, "pause_page", ActionPage(pk=page.pk), organization=page.organization, by=by, now=now)


def resume_page(*, page: ActionPage, by: User, now: datetime) -> bool:
    paused = ActionPage.objects.filter(pk=page.pk, sending_paused_at__isnull=False)
    deed = partial(paused.update, sending_paused_at=None)
    return _switch(
        deed, "resume_page", ActionPage(pk=page.pk), organization=page.organization, by=by, now=now
    )


def pause_campaign(*, campaign: Campaign, by: User, now: datetime) -> bool:
    """Let no letter of this campaign leave, from whichever page. True when this call paused it."""
    running = Campaign.objects.filter(pk=campaign.pk, sending_paused_at__isnull=True)
    deed = partial(running.update, sending_paused_at=now)
    return _switch(deed, "pause_campaign", campaign, organization=campaign.organization, by=by, now=now)


def resume_campaign(*, campaign: Campaign, by: User, now: datetime) -> bool:
    paused = Campaign.objects.filter(pk=campaign.pk, sending_paused_at__isnull=False)
    deed = partial(paused.update, sending_paused_at=None)
    return _switch(deed, "resume_campaign", campaign, organization=campaign.organization, by=by, now=now)


def pause_organization(*, organization: Organization, by: User, now: datetime) -> bool:
    """Let nothing of this organization leave: neither letters nor mail to supporters."""
    deed = partial(pausing.pause_organization, organization=organization, now=now)
    return _switch(deed, "pause_organization", organization, organization=organization, by=by, now=now)


def resume_organization(*, organization: Organization, by: User, now: datetime) -> bool:
    deed = partial(pausing.resume_organization, organization=organization)
    return _switch(deed, "resume_organization", organization, organization=organization, by=by, now=now)


def pause_installation(*, because: str, by: User, now: datetime) -> bool:
    """Let nothing leave this server, of any organization."""

    def pause() -> bool:
        if pausing.installation_is_paused():
            return False
        pausing.pause_installation(because=because, now=now)
        return True

    return _switch(pause, "pause_installation", Installation(pk=1), organization=None, by=by, now=now)


def resume_installation(*, by: User, now: datetime) -> bool:
    def resume() -> bool:
        if not pausing.installation_is_paused():
            return False
        pausing.resume_installation()
        return True

    return _switch(resume, "resume_installation", Installation(pk=1), organization=None, by=by, now=now)


def _still_useful(messages: QuerySet[Message], *, now: datetime) -> QuerySet[Message]:
    """Those that could arrive in time, whose words are still here, and whose writer confirmed them."""
    return messages.filter(
        Q(page__hard_stop__isnull=True) | Q(page__hard_stop__gt=now),
        erased_at__isnull=True,
        form_url="",
        action__state=Action.State.CONFIRMED,
    )


def _queue(messages: QuerySet[Message], *, reason: str, verb: str, by: User, now: datetime) -> list[UUID]:
    with transaction.atomic():
        moved = _move(
            messages, to=State.QUEUED, reason=reason, verb=verb, by=by, now=now, next_attempt_at=now, **_FRESH
        )
        if moved:
            transaction.on_commit(partial(bell.ring, DELIVERY))
    return moved


def _move(
    messages: QuerySet[Message],
    *,
    to: Message.State,
    reason: str,
    verb: str,
    by: User,
    now: datetime,
    **values: Any,
) -> list[UUID]:
    with transaction.atomic():
        moved = move_messages(messages, to=to, reason=reason, now=now, **values)
        for message in Message.objects.filter(pk__in=moved).select_related("organization"):
            audit.record(verb=verb, subject=message, by=by, organization=message.organization, now=now)
    return moved


def _switch(
    deed: Callable[[], Any],
    verb: str,
    subject: Model,
    *,
    organization: Organization | None,
    by: User,
    now: datetime,
) -> bool:
    """Turn one switch; the trail has an entry only when it turned. What was held back may leave at once."""
    with transaction.atomic():
        turned = bool(deed())
        if turned:
            audit.record(verb=verb, subject=subject, by=by, organization=organization, now=now)
            transaction.on_commit(partial(bell.ring, DELIVERY))
    return turned
