"""Tell those who took part what they achieved: written once, mailed to those who want news, shown on their own page.

Above a number of people a second person agrees first. Nothing leaves for half an hour, so that it can be taken back.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.actions.models import Achievement, Action
from amparo.kit import bell
from amparo.kit.claims import transition
from amparo.kit.ids import new_id
from amparo.kit.refusal import Refusal
from amparo.mailings.posting import post_notice
from amparo.organizations.pausing import installation_is_paused
from amparo.supporters import consent
from amparo.supporters.models import Channel, Purpose, Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from amparo.accounts.models import User
    from amparo.actions.models import ActionPage

LINE = "achievements"
#: The kind of notice that they get (`notice_kinds`).
ACHIEVED = "achieved"
#: A mail to more people than these asks for a second person, as a list of them does (`supporters.exporting`).
SECOND_PERSON_ABOVE = 500
#: How long it can be taken back.
PATIENCE = timedelta(minutes=30)
#: Actions gone through in one transaction.
STEP = 500
LONGEST = 2_000
State = Achievement.State


class AlreadyTold(Refusal):
    sentence = _("Those who took part here were told already, or are about to be.")


class NothingWritten(Refusal):
    sentence = _("Write what was achieved, in at most 2,000 characters.")


class NotTheSamePerson(Refusal):
    sentence = _("Somebody else has to agree: not whoever wrote it.")


class TooLate(Refusal):
    sentence = _("It has left already, or was decided otherwise in the meantime.")


def ask(*, page: ActionPage, text: str, by: User, now: datetime) -> Achievement:
    """Write what was achieved. It leaves after a while, or once a second person agreed. Raises `AlreadyTold`."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise NothingWritten
    waits = who_will_be_told(page, now=now).count() > SECOND_PERSON_ABOVE
    achievement = Achievement(
        id=new_id(),
        organization=page.organization,
        page_id=page.pk,
        text=text,
        state=State.WAITING if waits else State.PLANNED,
        asked_by=by,
        asked_at=now,
        send_at=None if waits else now + PATIENCE,
    )
    try:
        with transaction.atomic():
            achievement.save(force_insert=True)
            _record(achievement, "write_achievement", by=by, now=now)
    except IntegrityError:
        raise AlreadyTold from None
    return achievement


def agree(*, achievement: Achievement, by: User, now: datetime) -> None:
    """The second person's yes. Raises `NotTheSamePerson`, `TooLate`."""
    if achievement.asked_by_id == by.pk:
        raise NotTheSamePerson
    with transaction.atomic():
        waiting = Achievement.objects.filter(pk=achievement.pk, state=State.WAITING)
        if not transition(
            waiting, values={"state": State.PLANNED, "agreed_by": by, "send_at": now + PATIENCE}
        ):
            raise TooLate
        _record(achievement, "agree_to_achievement", by=by, now=now)


def take_back(*, achievement: Achievement, by: User, now: datetime) -> None:
    """Send nothing more of it. Raises `TooLate` once all of it has left."""
    with transaction.atomic():
        unsent = Achievement.objects.filter(
            pk=achievement.pk, state__in=[State.WAITING, State.PLANNED, State.SENDING]
        )
        if not transition(unsent, values={"state": State.WITHDRAWN}):
            raise TooLate
        _record(achievement, "take_back_achievement", by=by, now=now)


#: For queries of actions: what was told of their pages, as `page.told_achievements`.
BESIDE = Prefetch(
    "page__achievements",
    queryset=Achievement.objects.filter(state__in=[State.SENDING, State.SENT]),
    to_attr="told_achievements",
)


def told_on(page_id: int) -> Achievement | None:
    """What those who took part on this page were told, if anything has left."""
    return Achievement.objects.filter(page=page_id, state__in=[State.SENDING, State.SENT]).first()


# --- Who is told -----------------------------------------------------------------------------------


def who_will_be_told(page: ActionPage, *, now: datetime) -> QuerySet[Action]:
    """Confirmed actions on this page whose supporter agreed to news by e-mail and can be reached."""
    taken = Action.objects.for_organization(page.organization).confirmed()
    return _of_who_wants_news(taken.filter(page=page.pk, is_test=False), now=now)


def _of_who_wants_news(actions: QuerySet[Action], *, now: datetime) -> QuerySet[Action]:
    """By the answers of the person, of whom a supporter may be one of several records."""
    bit = consent.bit(Purpose.NEWS, Channel.EMAIL)
    wants = Supporter.objects.annotate(_news=F("agreed_to").bitand(bit)).filter(
        Q(paused_until__isnull=True) | Q(paused_until__lte=now),
        _news=bit,
        anonymized_at__isnull=True,
        unreachable=Supporter.Unreachable.NO,
        merged_into__isnull=True,
    )
    return actions.filter(
        Q(supporter__merged_into__isnull=True, supporter__in=wants.values("pk"))
        | Q(supporter__merged_into__in=wants.values("pk"))
    )


def may_be_told(action: Action, *, now: datetime) -> bool:
    """Whether it is still so at the moment when the mail leaves."""
    return _of_who_wants_news(Action.objects.confirmed().filter(pk=action.pk), now=now).exists()


# --- The line --------------------------------------------------------------------------------------


def to_send(*, now: datetime) -> QuerySet[Achievement]:
    """Those whose time has come, and of which something is left to be sent."""
    if installation_is_paused():
        return Achievement.objects.none()
    return Achievement.objects.filter(
        state__in=[State.PLANNED, State.SENDING],
        send_at__lte=now,
        organization__sending_paused_at__isnull=True,
    )


def go_on(*, achievement: Achievement, now: datetime) -> bool:
    """Post the next mails; False when somebody else did it, or took it back.

    The row is moved on in the transaction that posts them, so that nobody is passed over; a mail that is posted twice
    is one (`post_notice`), whatever is written later.
    """
    with transaction.atomic():
        mine = Achievement.objects.filter(pk=achievement.pk, state__in=[State.PLANNED, State.SENDING])
        nobody_yet = achievement.reached is None
        mine = mine.filter(reached__isnull=True) if nobody_yet else mine.filter(reached=achievement.reached)
        actions = who_will_be_told(achievement.page, now=now).select_related("supporter__merged_into")
        rest = actions.filter(pk__gt=achievement.reached) if achievement.reached else actions
        some = list(rest.order_by("pk")[:STEP])
        done = len(some) < STEP
        moved = mine.update(
            state=State.SENT if done else State.SENDING,
            reached=some[-1].pk if some else achievement.reached,
            told=F("told") + len(some),
            finished_at=now if done else None,
        )
        if not moved:
            return False
        for action in some:
            _post(action, now=now)
        transaction.on_commit(partial(bell.ring, LINE))
    return True


def _post(action: Action, *, now: datetime) -> None:
    person = action.supporter.merged_into or action.supporter
    if person.email:
        post_notice(
            organization=action.organization,
            kind=ACHIEVED,
            subject_id=action.pk,
            recipient=person.email,
            language=action.language,
            urgency=6,
            now=now,
        )


def _record(achievement: Achievement, verb: str, *, by: User, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=achievement,
        by=by,
        organization=achievement.organization,
        now=now,
        details={"page": achievement.page_id},
    )
