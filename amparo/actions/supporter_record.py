"""What a supporter signed and wrote, and what became of it, for their preference centre and for staff."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amparo.actions.deadlines import achieving
from amparo.actions.followers import following
from amparo.actions.models import Action, CaseFollowing, Message
from amparo.actions.showing import LetterState, letter_states
from amparo.actions.signatures import signature_record
from amparo.supporters.deeds import (
    Deed,
    Outcome,
    Subscription,
    supporter_records,
    supporter_subscriptions,
)
from amparo.supporters.models import Supporter

#: How a state looks: done, ended badly, or still under way.
_GOOD = frozenset({"sent", "delivered", "handed_over", "own_hand"})
_BAD = frozenset({"failed", "bounced", "expired"})


@supporter_records.register("actions")
def actions_of(supporter: Supporter) -> list[Deed]:
    """Every action that this person confirmed, with its letters."""
    people = Supporter.objects.for_organization(supporter.organization).of_one_person(supporter)
    confirmed = (
        Action.objects.for_organization(supporter.organization)
        .confirmed()
        .filter(supporter__in=people.values("pk"), is_test=False)
        .select_related("page", *signature_record.RELATED)
        .prefetch_related(
            *signature_record.BESIDE,
            achieving.BESIDE,
            Prefetch(
                "messages", queryset=Message.objects.select_related("page").order_by("created_at", "pk")
            ),
        )
    )
    return [_deed(action) for action in confirmed]


def _deed(action: Action) -> Deed:
    letters = [_outcome(state) for state in letter_states(list(action.messages.all()))]
    return Deed(
        title=signature_record.title_of(action),
        url=signature_record.url_of(action),
        done_at=action.confirmed_at or action.taken_at,
        outcomes=[*letters, *signature_record.outcomes_of(action), *_achieved(action)],
    )


def _achieved(action: Action) -> list[Outcome]:
    """What staff say came of it, of which each is told once by mail."""
    return [
        Outcome(
            to="",
            state="good",
            name=_("what you achieved"),
            sentence=achievement.text,
            changed=achievement.send_at or achievement.asked_at,
        )
        for achievement in action.page.told_achievements
    ]


def _outcome(letter: LetterState) -> Outcome:
    return Outcome(
        to=", ".join(part for part in (letter.target.name, letter.target.office) if part),
        state=_look_of(letter.state),
        name=letter.state_name,
        sentence=letter.sentence,
        changed=letter.changed,
    )


def _look_of(state: str) -> Literal["good", "waiting", "bad"]:
    if state in _GOOD:
        return "good"
    return "bad" if state in _BAD else "waiting"


class _Cases:
    """The cases that a person follows."""

    def of(self, supporter: Supporter, *, now: datetime) -> list[Subscription]:
        return [_subscription(one, now=now) for one in following.followed_by(supporter)]

    def end(self, supporter: Supporter, id: UUID, *, now: datetime) -> bool:
        mine = [one for one in following.followed_by(supporter) if one.pk == id]
        return bool(mine) and following.end(following=mine[0], now=now)


supporter_subscriptions.register("cases")(_Cases())


def _subscription(one: CaseFollowing, *, now: datetime) -> Subscription:
    """A case that lists may not name any more is not named here either, and its page is not linked."""
    is_named = following.public_case(one.case, today=now.date()) is not None
    page = following.page_of(one.case, language=get_language() or "en") if is_named else None
    return Subscription(
        kind="cases",
        id=one.pk,
        title=following.heading(one.case, today=now.date()),
        url=(page.url or "") if page else "",
        words=one.words,
        since=one.since or one.asked_at,
    )
