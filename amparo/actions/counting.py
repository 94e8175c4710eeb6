"""Counters brought up to date in batches, so that a page which thousands act on has no row they all wait for.

The UK Parliament's petitions crashed at 1,500 signatures a minute with a counter per signature and ran at 2,000 with
batches (alphagov/e-petitions 691), then counted twice after a restart until the batch was locked (1055 there). Here the
marking of the rows and the addition are one transaction, and only rows that this transaction marked are added.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, F

from amparo.actions.models import Action, ActionPage, Tally

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


#: A page on which people act all the time is counted so often, and not again for each who came while it was counted.
EVERY = timedelta(seconds=1)


def pages_to_count(*, now: datetime | None = None) -> list[int]:
    """Pages with actions that no counter holds yet; with `now`, without those that were counted a moment before."""
    fresh = Action.objects.confirmed().filter(counted_at__isnull=True, is_test=False)
    if now is not None:
        # Not after `now` either: a clock that was set back stops no counter.
        lately = Tally.objects.filter(counted_at__gt=now - EVERY, counted_at__lte=now)
        fresh = fresh.exclude(page__in=lately.values("page"))
    return list(fresh.order_by().values_list("page", flat=True).distinct())


def count_page(page_id: int, *, now: datetime) -> int:
    """Add what was confirmed since the last count; how many."""
    Tally.objects.bulk_create([Tally(page_id=page_id)], ignore_conflicts=True)
    with transaction.atomic():
        # The tally's row is the lock: two counters of one page follow each other.
        Tally.objects.filter(page=page_id).update(counted_at=now)
        fresh = Action.objects.confirmed().filter(page=page_id, counted_at__isnull=True, is_test=False)
        added = fresh.update(counted_at=now)
        Tally.objects.filter(page=page_id).update(confirmed=F("confirmed") + added)
    return added


def take_off(
    page_id: int, actions: QuerySet[Action], *, state: Action.State, now: datetime, **values: Any
) -> int:
    """Move confirmed `actions` of one page to another state; how many. The counter goes down by those it had added."""
    with transaction.atomic():
        Tally.objects.filter(page=page_id).update(counted_at=now)
        theirs = actions.filter(page=page_id, state=Action.State.CONFIRMED)
        added = theirs.filter(counted_at__isnull=False, is_test=False)
        counted = added.update(state=state, counted_at=None, **values)
        not_counted = theirs.update(state=state, **values)
        Tally.objects.filter(page=page_id).update(confirmed=F("confirmed") - counted)
    return counted + not_counted


def count_waiting() -> None:
    """How many await confirmation, shown apart from the counter and never added to it."""
    waiting = dict(
        Action.objects.pending()
        .filter(is_test=False)
        .order_by()
        .values_list("page")
        .annotate(number=Count("supporter", distinct=True))
    )
    for tally in Tally.objects.all():
        if tally.awaiting != waiting.get(tally.page_id, 0):
            Tally.objects.filter(page=tally.page_id).update(awaiting=waiting.get(tally.page_id, 0))
    missing = set(waiting) - set(Tally.objects.values_list("page", flat=True))
    Tally.objects.bulk_create(
        [Tally(page_id=page, awaiting=waiting[page]) for page in missing],
        ignore_conflicts=True,
    )


def true_count(page: ActionPage) -> int:
    """What the counter must show, counted afresh."""
    return Action.objects.confirmed().filter(page=page, is_test=False).count()
