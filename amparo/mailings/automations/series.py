"""A series of mails to whoever did something: enrol, stop whom it is not for any more, hand on what is due.

Each is one statement of the database over everybody it concerns. A person is enrolled once, and each step is handed on
to them once: two unique constraints promise it. The row that says so, the audience of the mail and the next step's hour
are written in one transaction, so that a worker killed at any moment has lost nothing and doubles nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from amparo.kit import bell
from amparo.kit.inserting import insert_selected
from amparo.mailings import freezing, steering
from amparo.mailings.automations import editions
from amparo.mailings.automations.registry import AutomationKind
from amparo.mailings.models import Automation, Enrolment, Mailing, StepMail
from amparo.supporters.models import Channel, Purpose, Supporter
from amparo.supporters.segment_filters.contact import agreed_to, is_paused
from amparo.supporters.segmentation import segments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise

    from amparo.mailings.models import AutomationStep
    from amparo.supporters.models import SupporterQuerySet

Stopped = Enrolment.Stopped
#: People in one transaction.
AT_ONCE = 10_000
#: What was committed late is still found: whoever looks, looks back beyond the last time.
OVERLAP = timedelta(hours=1)
#: A mail that is so late, because the worker was away or the automation off, would puzzle its reader.
TOO_LATE = timedelta(days=14)


class Series(AutomationKind):
    """Some mails in a row, each some days after the one before."""

    most_steps: ClassVar[int] = 8
    purpose: ClassVar[Purpose] = Purpose.NEWS

    @abstractmethod
    def newcomers(self, automation: Automation, *, since: datetime, now: datetime) -> SupporterQuerySet:
        """Those who did, since then, what the series follows from; only what they did counts, not who they are."""

    def further_reasons(self, automation: Automation, *, now: datetime) -> Mapping[Enrolment.Stopped, Q]:  # noqa: ARG002
        """Why else somebody gets no more of it: a condition on supporters for each reason."""
        return {}

    def run(self, automation: Automation, *, now: datetime) -> int:
        enrol(automation, self, now=now)
        stop_who_is_out(automation, self, now=now)
        steps = list(automation.steps.order_by("number"))
        return sum(
            hand_on(step, next_step=following, now=now)
            for step, following in zip(steps, [*steps[1:], None], strict=True)
        )

    def numbers(self, automation: Automation) -> Sequence[tuple[_StrOrPromise, int]]:
        counted = Counter(
            dict(
                Enrolment.objects.filter(automation=automation)
                .order_by()
                .values_list("state")
                .annotate(Count("pk"))
            )
        )
        return [
            (_("Enrolled"), counted.total()),
            (_("Wait for the next mail"), counted[Enrolment.State.WAITING]),
            (_("Got the last mail"), counted[Enrolment.State.FINISHED]),
            (_("Stopped"), counted[Enrolment.State.STOPPED]),
        ]


# --- Enrolling ------------------------------------------------------------------------------------


def enrol(automation: Automation, kind: Series, *, now: datetime) -> int:
    """Enrol whoever did it since the last look and may be written to; how many. Nobody twice, and no merged twin."""
    first = automation.steps.order_by("number").first()
    if first is None or automation.on_since is None or automation.looked_until is None:
        return 0
    since = max(automation.on_since, automation.looked_until - OVERLAP)
    there = Enrolment.objects.filter(automation=automation)
    found = kind.newcomers(automation, since=since, now=now).filter(
        _may(kind, now=now),
        ~Exists(there.filter(supporter=OuterRef("pk"))),
        ~Exists(there.filter(supporter__merged_into=OuterRef("pk"))),
    )
    for condition in kind.further_reasons(automation, now=now).values():
        found = found.filter(~condition)
    enrolled = 0
    while True:
        with transaction.atomic():
            number = insert_selected(
                Enrolment,
                found.order_by("pk"),
                limit=AT_ONCE,
                organization=automation.organization_id,
                automation=automation.pk,
                supporter=F("pk"),
                state=Enrolment.State.WAITING.value,
                stopped="",
                step=first.pk,
                next_at=now + timedelta(days=first.days),
                enrolled_at=now,
            )
        enrolled += number
        if number < AT_ONCE:
            return enrolled


def _may(kind: Series, *, now: datetime) -> Q:
    """A series is no urgent matter: it goes to those who want every message."""
    return segments.may_be_written_to(kind.purpose, Channel.EMAIL, now=now) & Q(
        email_fingerprint__isnull=False, frequency=Supporter.Frequency.ALL
    )


# --- Stopping -------------------------------------------------------------------------------------


def stop_who_is_out(automation: Automation, kind: Series, *, now: datetime) -> int:
    """Stop whoever waits and is written to no more, each for the first reason that holds; how many."""
    waiting = Enrolment.objects.filter(automation=automation).waiting()
    if not waiting.exists():
        return 0
    agreed = agreed_to(kind.purpose, Channel.EMAIL)
    about_people: dict[Enrolment.Stopped, Q] = {
        Stopped.GONE: Q(merged_into__isnull=False)
        | Q(anonymized_at__isnull=False)
        | Q(email_fingerprint__isnull=True),
        Stopped.SUPPRESSED: ~Q(unreachable=Supporter.Unreachable.NO),
        Stopped.WITHDRAWN: ~agreed,
        Stopped.PAUSED: is_paused(now=now),
        Stopped.LESS_OFTEN: ~Q(frequency=Supporter.Frequency.ALL),
        **kind.further_reasons(automation, now=now),
    }
    people = Supporter.objects.for_organization(automation.organization)
    stopped = sum(
        _stop(waiting.filter(Exists(people.filter(condition, pk=OuterRef("supporter")))), reason, now=now)
        for reason, condition in about_people.items()
    )
    # Two enrolled records that were merged since: what one of them got, the person has.
    twins = StepMail.objects.filter(
        step=OuterRef("step"), enrolment__supporter__merged_into=OuterRef("supporter")
    )
    stopped += _stop(waiting.filter(Exists(twins)), Stopped.GONE, now=now)
    return stopped + _stop(waiting.filter(next_at__lt=now - TOO_LATE), Stopped.LATE, now=now)


def _stop(rows: QuerySet[Enrolment], reason: Enrolment.Stopped, *, now: datetime) -> int:
    return rows.update(state=Enrolment.State.STOPPED, stopped=reason, step=None, next_at=None, ended_at=now)


# --- Handing on -----------------------------------------------------------------------------------


def hand_on(step: AutomationStep, *, next_step: AutomationStep | None, now: datetime) -> int:
    """Hand those whose mail of this step is due to the senders; how many.

    The senders ask once more whether each may be written to (`mailings.readers`): on loading, and while it waits.
    """
    due = Enrolment.objects.waiting().filter(automation=step.automation_id, step=step, next_at__lte=now)
    if not due.exists():
        return 0
    edition = editions.edition_for(step=step, now=now)
    handed = 0
    while edition is not None:
        number = _hand_on_some(due, step, next_step, edition, now=now)
        handed += number
        if number < AT_ONCE:
            break
    return handed


def _hand_on_some(
    due: QuerySet[Enrolment],
    step: AutomationStep,
    next_step: AutomationStep | None,
    edition: Mailing,
    *,
    now: datetime,
) -> int:
    with transaction.atomic():
        # The two rows are the lock: nobody switches it off, and no second worker hands on, in the meantime.
        still_on = Automation.objects.filter(pk=step.automation_id, on_since__isnull=False)
        open_to_all = Mailing.objects.filter(
            pk=edition.pk, state__in=[Mailing.State.SENDING, Mailing.State.FINISHED]
        )
        if not still_on.update(look_at=F("look_at")) or not open_to_all.update(changed_at=now):
            return 0
        snapshot = freezing.next_snapshot(edition)
        number = insert_selected(
            StepMail,
            due.order_by("pk"),
            limit=AT_ONCE,
            enrolment=F("pk"),
            step=step.pk,
            mailing=edition.pk,
            snapshot=snapshot,
            handed_on_at=now,
        )
        theirs = StepMail.objects.filter(mailing=edition, snapshot=snapshot)
        if number:
            people = Supporter.objects.filter(pk__in=theirs.values("enrolment__supporter"))
            freezing.append_snapshot(mailing=edition, people=people, now=now)
            open_to_all.filter(state=Mailing.State.FINISHED).update(
                state=Mailing.State.SENDING, finished_at=None
            )
        _move_on(due, step, next_step, now=now)
        transaction.on_commit(partial(bell.ring, steering.LINE))
    return number


def _move_on(
    due: QuerySet[Enrolment], step: AutomationStep, next_step: AutomationStep | None, *, now: datetime
) -> None:
    """Whoever has this step's mail waits for the next, or is through."""
    have_it = due.filter(Exists(StepMail.objects.filter(step=step, enrolment=OuterRef("pk"))))
    values: dict[str, Any] = (
        {"step": next_step, "next_at": now + timedelta(days=next_step.days)}
        if next_step is not None
        else {"state": Enrolment.State.FINISHED, "step": None, "next_at": None, "ended_at": now}
    )
    have_it.update(**values)
