"""Forget in time: texts 28 days after they left, people six months after the action is over (design §6.7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from amparo.actions.models import Action, Confirmation, Message
from amparo.mailings.models import MailAllowance, Notice
from amparo.organizations import limits
from amparo.supporters import consent
from amparo.supporters.models import Channel, Purpose, Supporter

#: WriteToThem keeps a letter's text for 28 days after it was sent, so that a bounce or a complaint can be answered.
TEXTS_KEPT = timedelta(days=28)
#: The UK Parliament's petitions anonymise six months after closing.
PEOPLE_KEPT = timedelta(days=182)
#: An action that was never confirmed says nothing about anybody; what was typed goes a week after its link ran out.
UNCONFIRMED_KEPT = timedelta(days=7)
#: A confirmed address is known for 90 days (`taking.KNOWN_FOR`); after that its link and its mark say nothing.
MARKS_KEPT = timedelta(days=91)
BATCH = 200


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


def forget_recipients(*, now: datetime) -> int:
    """Remove the address from notices that were settled a week ago; how many."""
    settled = Notice.objects.filter(
        state__in=[Notice.State.SENT, Notice.State.FAILED], recipient__isnull=False
    )
    chosen = list(
        settled.filter(created_at__lte=now - timedelta(days=7)).values_list("pk", flat=True)[:BATCH]
    )
    return Notice.objects.filter(pk__in=chosen).update(recipient=None)


def anonymize_people(*, now: datetime) -> int:
    """Anonymise supporters whose every action is over and who did not agree to stay; how many.

    Over means: never confirmed, or confirmed on a page that closed or was taken down six months ago. Counts stay as
    they are.
    """
    long_ago = now - PEOPLE_KEPT
    page_over = Q(page__hard_stop__lte=long_ago) | Q(
        page__live=False, page__latest_revision_created_at__lte=long_ago
    )
    stays = Action.objects.filter(supporter=OuterRef("pk")).filter(
        Q(state=Action.State.CONFIRMED) & ~page_over
        | Q(state=Action.State.PENDING)
        | ~Q(state=Action.State.CONFIRMED) & Q(taken_at__gt=now - LINK_AND_WEEK)
    )
    over = Supporter.objects.filter(~Exists(stays), anonymized_at__isnull=True)
    leaving = consent.who_did_not_agree(over, purpose=Purpose.NEWS, channel=Channel.EMAIL).order_by("pk")[
        :BATCH
    ]
    for supporter in leaving:
        anonymize(supporter=supporter, now=now)
    return len(leaving)


#: An unconfirmed action is over once its link ran out and another week passed.
LINK_AND_WEEK = timedelta(days=7) + UNCONFIRMED_KEPT


def anonymize(*, supporter: Supporter, now: datetime) -> None:
    """Remove everything personal about one supporter; their confirmed actions still count."""
    with transaction.atomic():
        Message.objects.filter(action__supporter=supporter).update(
            salutation=None, subject=None, body=None, closing=None, erased_at=now
        )
        Action.objects.filter(supporter=supporter).update(given_name=None, family_name=None)
        Supporter.objects.filter(pk=supporter.pk).update(
            given_name=None,
            family_name=None,
            email=None,
            email_fingerprint=None,
            postal_code=None,
            postal_address=None,
            area="",
            anonymized_at=now,
        )


def forget_marks(*, now: datetime) -> int:
    """Remove marks of addresses that decide nothing any more: closed links, yesterday's allowances; how many."""
    links, _ = Confirmation.objects.filter(closed_at__lte=now - MARKS_KEPT).delete()
    allowances, _ = MailAllowance.objects.filter(day__lt=now.date() - timedelta(days=1)).delete()
    return links + allowances


def forget(*, now: datetime) -> int:
    """One pass over everything that has run out; how many rows changed."""
    return (
        erase_texts(now=now)
        + forget_recipients(now=now)
        + anonymize_people(now=now)
        + limits.forget_old(now=now)
    )
