"""News of a case, told to those who follow it: once each, an hour after readers can see it, and never before.

The hour is for whoever cleared the wrong line: what is taken back or changed within it is told to nobody. A case that
is quiet, renamed or removed is told of no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from amparo.actions.followers import following
from amparo.actions.models import CaseFollowing, CaseNews, CaseTelling
from amparo.cases.models import Case, Clearance, Development
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.work import LineOfWork, Result, one_by_one
from amparo.mailings.posting import post_notice
from amparo.organizations.pausing import installation_is_paused
from amparo.supporters import suppression
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.cases.public_view import PublicRecord

LINE = "case_news"
NEWS = "case_news"
#: How long a mistake can be taken back.
HELD_FOR = timedelta(hours=1)
#: News that readers could see for so long without its being told is none: the worker was away.
TOO_OLD = timedelta(days=14)
#: Followers told in one transaction.
AT_ONCE = 200


def ready(*, now: datetime) -> QuerySet[Any]:
    """News that has been public for an hour, of cases that lists may name, and that was not told to everybody yet.

    The hour begins anew with each change and each clearing of any of its columns.
    """
    cleared = Clearance.objects.in_force().filter(record_type="Development", record_id=OuterRef("pk"))
    latest = cleared.order_by().values("record_id").annotate(at=Max("decided_at")).values("at")
    news = Development.objects.filter(
        Exists(cleared.filter(column="title")),
        Exists(cleared.filter(column="dated")),
        is_news=True,
        case__aftermath=Case.Aftermath.SHOWN,
        organization__sending_paused_at__isnull=True,
    ).filter(Q(told__isnull=True) | Q(told__told_at__isnull=True))
    news = news.annotate(public_at=Greatest(Subquery(latest), F("changed_at")))
    return news.filter(public_at__lte=now - HELD_FOR, public_at__gt=now - TOO_OLD)


def shown(development: Development, *, today: date) -> PublicRecord | None:
    """The news as readers see it today; None where they do not, or the case is not to be named."""
    public = following.public_case(development.case, today=today)
    if public is None:
        return None
    found = [record for record in public.of("Development") if record.pk == development.pk]
    return found[0] if found and found[0]["title"] and found[0]["dated"] else None


def tell(*, development: Development, now: datetime) -> bool:
    """Queue the news for the next followers; False where readers do not see it after all."""
    public_at: datetime = development.public_at  # type: ignore[attr-defined]
    case = development.case
    if shown(development, today=now.date()) is None or following.page_of(case, language="") is None:
        return False
    with transaction.atomic():
        insert_if_new(
            CaseNews(
                id=new_id(),
                organization=development.organization,
                development=development,
                public_at=public_at,
            )
        )
        # The row is the lock: two workers tell one after the other, and the second finds whom the first has told.
        news = CaseNews.objects.select_for_update().get(development=development)
        if news.told_at is not None:
            return True
        followers = _to_tell(case, news)
        for one in followers:
            _tell_one(one, news, now=now)
        if len(followers) < AT_ONCE:
            CaseNews.objects.filter(pk=news.pk).update(told_at=now)
    return True


def _to_tell(case: Case, news: CaseNews) -> list[CaseFollowing]:
    told = CaseTelling.objects.filter(news=news, following=OuterRef("pk"))
    mine = CaseFollowing.objects.for_organization(case.organization).in_force().filter(case=case)
    waiting = mine.filter(~Exists(told), since__lte=news.public_at).select_related(
        "supporter__merged_into", "organization"
    )
    return list(waiting.order_by("pk")[:AT_ONCE])


def _tell_one(one: CaseFollowing, news: CaseNews, *, now: datetime) -> None:
    telling = CaseTelling(id=new_id(), organization=one.organization, following=one, news=news, queued_at=now)
    if not insert_if_new(telling):
        return
    person = one.supporter.merged_into or one.supporter
    # Step by step: asked at once, a database may look at everybody who was told, for each of them.
    records = list(Supporter.objects.of_one_person(person).values_list("pk", flat=True))
    theirs = list(CaseFollowing.objects.filter(supporter__in=records).values_list("pk", flat=True))
    if CaseTelling.objects.filter(news=news, following__in=theirs).exclude(pk=telling.pk).exists():
        return  # two records of one person that both follow
    if person.anonymized_at is not None or not person.email or person.unreachable:
        return
    if suppression.is_suppressed(organization=one.organization, email=person.email):
        return
    post_notice(
        organization=one.organization,
        kind=NEWS,
        subject_id=telling.pk,
        recipient=person.email,
        language=one.language,
        now=now,
    )


class News(LineOfWork[Development]):
    """News of cases, to those who follow them."""

    name = LINE
    batch_size = 10

    def due(self, *, now: datetime) -> int:
        return 0 if installation_is_paused() else ready(now=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[Development]:
        if installation_is_paused():
            return []
        rows = ready(now=now).select_related("organization", "case__organization", "case__person")
        # What readers do not see for another reason is looked at again, and holds nobody up.
        found = [
            one for one in rows.order_by("public_at")[: limit * 3] if shown(one, today=now.date()) is not None
        ]
        with_page = [one for one in found if following.page_of(one.case, language="") is not None]
        return with_page[:limit]

    def perform(self, batch: Sequence[Development], *, now: datetime) -> Result:
        return one_by_one(batch, partial(_tell, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - nothing is held between two passes
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        first = ready(now=now).order_by("public_at").values_list("public_at", flat=True).first()
        return first + HELD_FOR if first else None


def _tell(development: Development, *, now: datetime) -> bool:
    return tell(development=development, now=now)
