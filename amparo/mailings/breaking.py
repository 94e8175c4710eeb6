"""The breaker: only so many confirmation mails to strangers leave in an hour, and then a person decides.

Whoever types a list of other people's addresses into our forms gets the same answers as everybody; their victims get
nothing. A mail that waits is lost to nobody: the time of its link begins when it leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from amparo.accounts import audit
from amparo.accounts.models import Role, StaffRole, User
from amparo.kit import bell
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.throttle import Limit
from amparo.mailings.models import Breaker, Notice
from amparo.mailings.posting import LINE, post_notice
from amparo.organizations import limits
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

#: The scope that is all organizations together.
EVERYBODY = "everybody"
#: The kind of notice that tells administrators (`notice_kinds`).
TRIPPED = "breaker_tripped"


def most_in_an_hour(scope: str) -> int:
    """How many confirmation mails to strangers may leave in an hour by the clock."""
    per_organization: int = settings.AMPARO_CONFIRMATIONS_PER_HOUR
    in_all: int = settings.AMPARO_CONFIRMATIONS_PER_HOUR_IN_ALL
    return in_all if scope == EVERYBODY else per_organization


def passable(due: QuerySet[Notice]) -> QuerySet[Notice]:
    """Those of `due` that no breaker holds back."""
    held = set(Breaker.objects.open().values_list("scope", flat=True))
    if EVERYBODY in held:
        return due.filter(to_stranger=False)
    return due.exclude(to_stranger=True, organization__in=[UUID(scope) for scope in held]) if held else due


def admit(notices: Sequence[Notice], *, now: datetime) -> tuple[list[Notice], list[Notice]]:
    """Who of these may leave, and who must wait because an hour's mails are used up; then the breaker trips.

    Claimed notices are counted here one by one, by the few processes that send, so that no counter is touched by each
    form that comes in.
    """
    go: list[Notice] = []
    wait: list[Notice] = []
    full: set[str] = set()
    for notice in notices:
        scopes = [str(notice.organization_id), EVERYBODY] if notice.to_stranger else []
        stop = next((scope for scope in scopes if scope in full or not _take_one(scope, now=now)), None)
        if stop is None:
            go.append(notice)
            continue
        wait.append(notice)
        if stop not in full:
            full.add(stop)
            trip(scope=stop, organization=None if stop == EVERYBODY else notice.organization, now=now)
    return go, wait


def trip(*, scope: str, organization: Organization | None, now: datetime) -> bool:
    """Hold back further confirmation mails to strangers and tell administrators; False when that was so already."""
    breaker = Breaker(
        id=new_id(), organization=organization, scope=scope, most=most_in_an_hour(scope), tripped_at=now
    )
    with transaction.atomic():
        if not insert_if_new(breaker):
            return False
        audit.record(
            verb="trip_breaker",
            subject=breaker,
            by=None,
            organization=organization,
            now=now,
            details={"most": breaker.most},
        )
        for one in [organization] if organization else Organization.objects.all():
            tell_administrators(organization=one, kind=TRIPPED, subject_id=breaker.pk, now=now)
    return True


def release(*, breaker: Breaker, by: User, now: datetime) -> bool:
    """Let the mails leave that wait, and as many again in this hour; False when somebody had released it already."""
    with transaction.atomic():
        released = Breaker.objects.open().filter(pk=breaker.pk).update(released_at=now)
        if released:
            audit.record(
                verb="release_breaker", subject=breaker, by=by, organization=breaker.organization, now=now
            )
            transaction.on_commit(partial(bell.ring, LINE))
    return bool(released)


def waiting_behind(breaker: Breaker) -> int:
    """How many mails it holds back."""
    held = Notice.objects.filter(state=Notice.State.QUEUED, to_stranger=True)
    return (held.filter(organization=breaker.organization) if breaker.organization else held).count()


def tell_administrators(*, organization: Organization, kind: str, subject_id: UUID, now: datetime) -> None:
    """Post one notice of this kind to each administrator of the organization."""
    for person in administrators_of(organization):
        post_notice(
            organization=organization,
            kind=kind,
            subject_id=subject_id,
            ordinal=person.pk,
            recipient=person.email,
            language=organization.locale,
            urgency=0,
            now=now,
        )


def administrators_of(organization: Organization) -> QuerySet[User]:
    """Who is told when something is wrong; superusers look after all organizations."""
    held = StaffRole.objects.filter(organization=organization, role=Role.ADMINISTRATOR)
    people = User.objects.filter(is_active=True, pk__in=held.values("user")) | User.objects.filter(
        is_active=True, is_superuser=True
    )
    return people.order_by("pk")


def _take_one(scope: str, *, now: datetime) -> bool:
    """Take one of this hour's mails. After a release the count begins anew."""
    last = Breaker.objects.filter(scope=scope, released_at__isnull=False).order_by("-released_at").first()
    limit = Limit("confirmations-to-strangers", count=most_in_an_hour(scope), seconds=3600)
    return limits.allow(limit, value=f"{scope} {last.pk if last else ''}", now=now)
