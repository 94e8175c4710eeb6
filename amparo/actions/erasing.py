"""Forget in time what was written and who wrote it (design §6.7), and withdraw what waits of somebody who is erased."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from amparo.actions.abuse import invalidating
from amparo.actions.confirming import LINK_LASTS
from amparo.actions.hand_over import documents
from amparo.actions.journal import move_messages
from amparo.actions.models import Action, CaseFollowing, Confirmation, HandOver, Message
from amparo.supporters.models import Supporter
from amparo.supporters.retention import PEOPLE_KEPT, QUIET_KEPT, UNCONFIRMED_KEPT
from amparo.supporters.rights.erasure import anonymize

#: WriteToThem keeps a letter's text for 28 days after it was sent, so that a bounce or a complaint can be answered.
TEXTS_KEPT = timedelta(days=28)
#: A confirmed address is known for 90 days (`taking.KNOWN_FOR`); after that its link and its mark say nothing.
MARKS_KEPT = timedelta(days=91)
BATCH = 200
#: An unconfirmed action is over once its link ran out and another week passed.
LINK_AND_WEEK = LINK_LASTS + UNCONFIRMED_KEPT
#: What stands in a letter's journal.
WRITER_ERASED = gettext_noop("the writer asked to be forgotten")


def erase_texts(*, now: datetime) -> int:
    """Remove the words of letters whose journey ended 28 days ago; how many."""
    ended = Message.objects.filter(state__in=Message.FINAL, erased_at__isnull=True)
    old = ended.filter(
        Q(sent_at__lte=now - TEXTS_KEPT) | Q(sent_at__isnull=True, created_at__lte=now - TEXTS_KEPT)
    )
    chosen = list(old.values_list("pk", flat=True)[:BATCH])
    return Message.objects.filter(pk__in=chosen).update(
        salutation=None, subject=None, body=None, closing=None, erased_at=now
    )


def anonymize_people(*, now: datetime) -> int:
    """Anonymise supporters whose every action is over and who agreed to nothing that lasts; how many.

    Over means: never confirmed; or confirmed on a page that closed or was taken down six months ago; or, on a page that
    never closes, done a year ago. Counts stay as they are.
    """
    long_ago = now - PEOPLE_KEPT
    page_over = (
        Q(page__hard_stop__lte=long_ago)
        | Q(page__live=False, page__latest_revision_created_at__lte=long_ago)
        | Q(page__hard_stop__isnull=True, taken_at__lte=now - QUIET_KEPT)
    )
    stays = Action.objects.filter(
        Q(state=Action.State.CONFIRMED) & ~page_over
        | Q(state=Action.State.PENDING)
        | ~Q(state=Action.State.CONFIRMED) & Q(taken_at__gt=now - LINK_AND_WEEK)
        | Q(state=Action.State.INVALIDATED, pk__in=invalidating.restorable(now=now))
    )
    over = Supporter.objects.present().filter(
        ~Exists(stays.filter(supporter=OuterRef("pk"))),
        ~Exists(stays.filter(supporter__merged_into=OuterRef("pk"))),
        ~Exists(_still_follows(now=now).filter(supporter=OuterRef("pk"))),
        ~Exists(_still_follows(now=now).filter(supporter__merged_into=OuterRef("pk"))),
        agreed_to=0,
    )
    # Who came by a list and not by a deed has a year too: a stranger's use of their address changes nothing.
    by_a_deed = Exists(Action.objects.filter(supporter=OuterRef("pk"), taken_at=OuterRef("created_at")))
    by_following = Exists(
        CaseFollowing.objects.filter(supporter=OuterRef("pk"), asked_at=OuterRef("created_at"))
    )
    leaving = over.filter(by_a_deed | by_following | Q(created_at__lte=now - QUIET_KEPT)).order_by("pk")[
        :BATCH
    ]
    for supporter in leaving:
        anonymize(supporter=supporter, now=now)
    return len(leaving)


def _still_follows(*, now: datetime) -> QuerySet[CaseFollowing]:
    """Followings that hold, or may still be confirmed."""
    waiting = Q(since__isnull=True, ended__isnull=True) | Q(
        since__isnull=True, ended__gt=now - UNCONFIRMED_KEPT
    )
    return CaseFollowing.objects.filter(Q(since__isnull=False, ended__isnull=True) | waiting)


def forget_links(*, now: datetime) -> int:
    """Remove links that were closed long ago, with the marks of their addresses; how many."""
    links, _ = Confirmation.objects.filter(closed_at__lte=now - MARKS_KEPT).delete()
    return links


def withdraw_everything(*, supporter: Supporter, now: datetime) -> int:
    """Let no letter of somebody who is erased leave any more, and end deeds that wait for a link; how many letters.

    One that is being handed to the office's server at this moment may still arrive, and is listed with the others.
    """
    waiting = [Message.State.PENDING, Message.State.QUEUED, Message.State.CLAIMED, Message.State.HELD]
    letters = Message.objects.filter(action__supporter=supporter, state__in=waiting)
    documents.forget_person(supporter=supporter, now=now)
    bundled = Message.objects.filter(
        action__supporter=supporter,
        state=Message.State.BUNDLED,
        hand_over__state__in=[HandOver.State.PLANNED, HandOver.State.MADE],
    )
    moved = [
        pk
        for which in (letters, bundled)
        for pk in move_messages(which, to=Message.State.WITHDRAWN, reason=WRITER_ERASED, now=now)
    ]
    Action.objects.pending().filter(supporter=supporter).update(state=Action.State.EXPIRED)
    return len(moved)
