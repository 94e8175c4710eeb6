"""The news that names were handed over, for those who signed and agreed to get news by e-mail: each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from amparo.actions.models import Action, HandedName
from amparo.mailings.posting import post_notice
from amparo.supporters import consent
from amparo.supporters.models import Channel, Purpose, Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import HandOver

HANDED_OVER = "names_handed_over"
#: People told in one transaction.
STEP = 200


def tell(hand_over: HandOver, *, now: datetime) -> None:
    """Queue the news. The name in the hand-over is what each is about, so that whoever goes on tells nobody twice."""
    last = None
    while True:
        rows = HandedName.objects.filter(
            hand_over=hand_over, signature__action__state=Action.State.CONFIRMED
        ).select_related("signature__action__supporter")
        some = list((rows.filter(pk__gt=last) if last else rows).order_by("pk")[:STEP])
        with transaction.atomic():
            for name in some:
                _tell_one(name, hand_over=hand_over, now=now)
        if len(some) < STEP:
            return
        last = some[-1].pk


def may_be_told(supporter: Supporter, *, now: datetime) -> bool:
    """Whether they agreed to news by e-mail, nothing since has said otherwise, and they asked for no pause."""
    bit = consent.bit(Purpose.NEWS, Channel.EMAIL)
    agreed = bool(supporter.agreed_to & bit) and supporter.anonymized_at is None
    awake = supporter.paused_until is None or supporter.paused_until <= now
    return agreed and awake and supporter.unreachable == Supporter.Unreachable.NO


def _tell_one(name: HandedName, *, hand_over: HandOver, now: datetime) -> None:
    action = name.signature.action
    person = action.supporter
    if person.merged_into_id:
        person = Supporter.objects.get(pk=person.person_id)
    if not person.email or not may_be_told(person, now=now):
        return
    post_notice(
        organization=hand_over.organization,
        kind=HANDED_OVER,
        subject_id=name.pk,
        recipient=person.email,
        language=action.language,
        now=now,
    )


def may_still_be_told(name: HandedName) -> bool:
    """Whether it is still so when the mail leaves: their signature counts, and they did not take their yes back."""
    action = name.signature.action
    person = action.supporter
    if person.merged_into_id:
        person = Supporter.objects.get(pk=person.person_id)
    bit = consent.bit(Purpose.NEWS, Channel.EMAIL)
    return action.state == Action.State.CONFIRMED and bool(person.agreed_to & bit)
