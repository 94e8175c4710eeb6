"""Mind the hour of every page: move it with its hearing, deliver the nearest first, remind staff, and close in time.

All of it is looked for, not announced, so that nothing is missed whichever way a hearing came to be changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.accounts.models import Role, StaffRole, User
from amparo.actions import hours
from amparo.actions.models import ActionPage, Message, Reminder
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal
from amparo.mailings.posting import post_notice

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization

LINE = "hours"
#: The kind of notice that staff get (`notice_kinds`).
TELL_STAFF = "hour_of_a_page"
Kind = Reminder.Kind
#: When staff are reminded, from the last to the first.
REMINDERS = (
    (timedelta(days=1), Kind.ONE_DAY),
    (timedelta(days=3), Kind.THREE_DAYS),
    (timedelta(days=7), Kind.ONE_WEEK),
    (timedelta(days=14), Kind.TWO_WEEKS),
)
#: How urgent a letter is that must have left within this time; what has longer, or no hour, is of the usual urgency.
URGENCY = (
    (timedelta(days=1), 1),
    (timedelta(days=3), 2),
    (timedelta(days=7), 3),
    (timedelta(days=14), 4),
)
USUAL = 5
#: Letters whose urgency is written anew at once.
AT_ONCE = 2_000
#: A page that closed longer ago than this, such as one from before pages closed by themselves, is no news.
NO_NEWS_AFTER = timedelta(days=7)


class NotOver(Refusal):
    sentence = _("This page is open.")


class StillOver(Refusal):
    sentence = _("The deadline or the hard stop of this page has passed. Set them to a later moment first.")


# --- The hearing moves -----------------------------------------------------------------------------


def moved(*, now: datetime) -> Iterator[ActionPage]:
    """Pages whose hearing is to be held at another moment than they say, or at none that is known."""
    bound = ActionPage.objects.live().filter(hearing__isnull=False)
    for page in bound.select_related("organization", "hearing__postponed_to"):
        if _is_news(page, now=now):
            yield page


def _is_news(page: ActionPage, *, now: datetime) -> bool:
    assert page.hearing is not None
    standing = hours.standing_of(page.hearing)
    if standing.moment is None:
        return page.deadline is not None and page.takes_actions(now=now)
    if page.takes_actions(now=now):
        return standing.moment != page.deadline
    return (
        standing.moment > now
        and standing.moment != page.deadline
        and not _was_told(page, Kind.MOVED_LATE, standing.moment)
    )


def follow(*, page: ActionPage, now: datetime) -> bool:
    """Move the page's hour with its hearing. One that is over is not opened again by itself: staff are told."""
    assert page.hearing is not None
    standing = hours.standing_of(page.hearing)
    if not page.takes_actions(now=now):
        return standing.moment is not None and tell(
            page=page, kind=Kind.MOVED_LATE, hour=standing.moment, now=now
        )
    was = page.deadline
    hours.move(page, to=standing.moment, zone=standing.zone)
    with transaction.atomic():
        if not _save_hour(page, unless_changed_from=was):
            return False
        _record(page, "follow_hearing", by=None, now=now, was=was)
        kind = Kind.MOVED if standing.moment else Kind.NO_DAY
        tell(page=page, kind=kind, hour=standing.moment or was or now, now=now)
        transaction.on_commit(note_publication)
    return True


def _save_hour(page: ActionPage, *, unless_changed_from: datetime | None) -> bool:
    """Write the hour, where nobody else moved it in the meantime."""
    return bool(
        ActionPage.objects.filter(pk=page.pk, deadline=unless_changed_from).update(**_hour(page))
        if unless_changed_from
        else ActionPage.objects.filter(pk=page.pk, deadline__isnull=True).update(**_hour(page))
    )


def _hour(page: ActionPage) -> dict[str, Any]:
    names = ("deadline", "hard_stop", "bundle_at", "followed_at", "hour_zone")
    return {name: getattr(page, name) for name in names}


# --- Time passes -----------------------------------------------------------------------------------


def to_remind(*, now: datetime) -> Iterator[tuple[ActionPage, Reminder.Kind, datetime]]:
    """Pages of whose hour staff are to be reminded, each with the nearest of its reminders, and the hour."""
    first = REMINDERS[-1][0]
    near = ActionPage.objects.live().filter(
        deadline__gt=now, deadline__lte=now + first, closed_at__isnull=True
    )
    for page in near.select_related("organization"):
        assert page.deadline is not None
        kind = next(kind for before, kind in REMINDERS if page.deadline - before <= now)
        if not _was_told(page, kind, page.deadline):
            yield page, kind, page.deadline


def to_close(*, now: datetime) -> Iterator[ActionPage]:
    """Live pages whose hour has come."""
    over = ActionPage.objects.live().filter(deadline__lte=now, closed_at__isnull=True)
    yield from over.select_related("organization")


def close(*, page: ActionPage, now: datetime) -> bool:
    """Nothing is taken any more, and no letter leaves; the page says what happened. False where it was closed."""
    with transaction.atomic():
        open_now = ActionPage.objects.filter(pk=page.pk, closed_at__isnull=True, deadline__lte=now)
        if not open_now.update(closed_at=now, hard_stop=Coalesce("hard_stop", "deadline")):
            return False
        _record(page, "close_page", by=None, now=now, was=page.deadline)
        if page.deadline and now - page.deadline < NO_NEWS_AFTER:
            tell(page=page, kind=Kind.CLOSED, hour=page.deadline, now=now)
        transaction.on_commit(note_publication)
    return True


def reopen(*, page: ActionPage, by: User, now: datetime) -> None:
    """Staff open a page that is over, at the hour that its hearing has now. Raises `NotOver`, `StillOver`."""
    if page.takes_actions(now=now):
        raise NotOver
    was = page.deadline
    if page.hearing is not None:
        standing = hours.standing_of(page.hearing)
        hours.move(page, to=standing.moment, zone=standing.zone)
    page.closed_at = None
    if not page.takes_actions(now=now):
        raise StillOver
    with transaction.atomic():
        ActionPage.objects.filter(pk=page.pk).update(closed_at=None, **_hour(page))
        _record(page, "reopen_page", by=by, now=now, was=was)
        transaction.on_commit(note_publication)


# --- The nearest hour first ------------------------------------------------------------------------


def urgency_at(stop: datetime | None, *, now: datetime) -> int:
    """How urgent a letter is that must have left by `stop`; 1 is most urgent."""
    if stop is None:
        return USUAL
    return next((urgency for left, urgency in URGENCY if stop - now <= left), USUAL)


def to_hasten(*, now: datetime) -> Iterator[tuple[ActionPage, int]]:
    """Pages with letters in the queue that are less, or more, urgent than the page's hour makes them."""
    near = Q(hard_stop__gt=now, hard_stop__lte=now + URGENCY[-1][0]) | Q(
        hard_stop__isnull=True, deadline__gt=now, deadline__lte=now + URGENCY[-1][0]
    )
    hurried = Message.objects.filter(state=Message.State.QUEUED, urgency__lt=USUAL).values("page")
    for page in ActionPage.objects.live().filter(near | Q(pk__in=hurried)):
        urgency = urgency_at(page.hard_stop or page.deadline, now=now)
        if _otherwise_urgent(page, urgency).exists():
            yield page, urgency


def hasten(*, page: ActionPage, urgency: int) -> int:
    """Write the urgency of a page's waiting letters anew, some at a time; how many."""
    some = _otherwise_urgent(page, urgency).values_list("pk", flat=True)[:AT_ONCE]
    return Message.objects.filter(pk__in=list(some), state=Message.State.QUEUED).update(urgency=urgency)


def _otherwise_urgent(page: ActionPage, urgency: int) -> Any:
    return Message.objects.filter(page=page.pk, state=Message.State.QUEUED).exclude(urgency=urgency)


# --- Telling staff ---------------------------------------------------------------------------------


def tell(*, page: ActionPage, kind: Reminder.Kind, hour: datetime, now: datetime) -> bool:
    """Post one mail to everybody who approves in the page's organization, once for each hour; False when it was so."""
    reminder = Reminder(
        id=new_id(), organization=page.organization, page_id=page.pk, kind=kind, hour=hour, told_at=now
    )
    with transaction.atomic():
        if not insert_if_new(reminder):
            return False
        for person in approvers_of(page.organization):
            post_notice(
                organization=page.organization,
                kind=TELL_STAFF,
                subject_id=reminder.pk,
                ordinal=person.pk,
                recipient=person.email,
                language=page.organization.locale,
                urgency=2,
                now=now,
            )
    return True


def approvers_of(organization: Organization) -> list[User]:
    """Who decides in an organization what goes out."""
    held = StaffRole.objects.filter(
        organization=organization, role__in=[Role.APPROVER, Role.ADMINISTRATOR]
    ).values("user")
    return list(User.objects.filter(is_active=True, pk__in=held).order_by("pk"))


def _was_told(page: ActionPage, kind: Reminder.Kind, hour: datetime) -> bool:
    return Reminder.objects.filter(page=page.pk, kind=kind, hour=hour).exists()


def _record(page: ActionPage, verb: str, *, by: User | None, now: datetime, was: datetime | None) -> None:
    audit.record(
        verb=verb,
        subject=page,
        by=by,
        organization=page.organization,
        now=now,
        details={
            "was": was.isoformat() if was else "",
            "is": page.deadline.isoformat() if page.deadline else "",
        },
    )


# --- The line --------------------------------------------------------------------------------------


def due(*, now: datetime) -> list[partial[Any]]:
    """Everything that is to be done now, each as a call."""
    return [
        *(partial(follow, page=page, now=now) for page in moved(now=now)),
        *(partial(close, page=page, now=now) for page in to_close(now=now)),
        *(partial(tell, page=page, kind=kind, hour=hour, now=now) for page, kind, hour in to_remind(now=now)),
        *(partial(hasten, page=page, urgency=urgency) for page, urgency in to_hasten(now=now)),
    ]
