"""Notice when far more comes than usual: from one network, one domain of addresses, one country, on one page.

Only counts are kept, hour by hour. Networks and domains are counted under keyed marks (`models.TakenCount`); pages and
countries are counted from the actions themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, router, transaction
from django.db.models import Count, F, Max, Sum

from amparo.actions.models import Action, ActionPage, TakenCount, Trend, TrendLook
from amparo.kit import sealing
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.throttle import window_start
from amparo.mailings.breaking import tell_administrators
from amparo.organizations.models import Organization

LINE = "trends"
#: The kind of notice that tells administrators (`notice_kinds`).
FOUND = "trend_found"
HOUR = timedelta(hours=1)
#: How often trends are looked for.
EVERY = timedelta(minutes=15)
#: What is usual is the mean of this long before.
PAST = timedelta(days=7)
#: Counts outlive that by a day, and what was found stays for whoever looks later.
COUNTS_KEPT = PAST + timedelta(days=1)
TRENDS_KEPT = timedelta(days=30)
#: Fewer than this in an hour is never a trend; nor is less than this many times what is usual. Our own choice: an
#: alarm that rings for every good morning is soon not heard.
LEAST = 50
TIMES = 5
#: One network may send 60 forms an hour (`organizations.limits`); half of that is already more than a household.
LEAST_OF_NETWORK = 30

_COUNT = """
INSERT INTO actions_takencount AS held (organization_id, kind, mark, hour, count) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (organization_id, kind, mark, hour) DO UPDATE SET count = held.count + excluded.count
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that came far more often than usual in the last hour."""

    kind: Trend.Kind
    mark: bytes
    label: str
    count: int
    usual: float


def note_network(*, organization: Organization, network: str, now: datetime) -> None:
    """Count one action from this network, under a mark that tomorrow is another."""
    mark = sealing.daily_mark(network, day=now.date(), purpose=f"trend {organization.pk}")
    _count(organization, TakenCount.Kind.NETWORK, mark, 1, now=now)


def look(*, organization: Organization, now: datetime) -> list[Trend]:
    """Count what came since the last look, and keep each trend that was not known today; the new ones.

    Several workers may look at once: whoever moves `TrendLook` on does it.
    """
    with transaction.atomic():
        since = _take_turn(organization, now=now)
        if since is None:
            return []
        domains = _count_domains(organization, since=since, now=now)
        found = [
            *_of_networks(organization, now=now),
            *_of_domains(organization, domains, now=now),
            *_of_countries(organization, now=now),
            *_of_pages(organization, now=now),
        ]
        new = [trend for one in found if insert_if_new(trend := _as_trend(organization, one, now=now))]
        for trend in new:
            tell_administrators(organization=organization, kind=FOUND, subject_id=trend.pk, now=now)
        return new


def due(*, now: datetime) -> list[Organization]:
    """Organizations that were not looked at for a quarter of an hour."""
    looked = TrendLook.objects.filter(looked_at__gt=now - EVERY).values("organization")
    return list(Organization.objects.exclude(pk__in=looked))


def forget(*, now: datetime) -> int:
    """Remove counts that no longer say what is usual, and trends of last month; how many rows."""
    counts, _ = TakenCount.objects.filter(hour__lt=now - COUNTS_KEPT).delete()
    trends, _ = Trend.objects.filter(found_at__lt=now - TRENDS_KEPT).delete()
    return counts + trends


def _take_turn(organization: Organization, *, now: datetime) -> datetime | None:
    """Until when actions are counted already; None when another worker has just looked."""
    before = TrendLook.objects.filter(organization=organization).first()
    if before is None:
        first = TrendLook(organization=organization, looked_at=now)
        return now - EVERY if insert_if_new(first) else None
    moved = TrendLook.objects.filter(pk=before.pk, looked_at=before.looked_at, looked_at__lte=now - EVERY)
    return before.looked_at if moved.update(looked_at=now) else None


def _as_trend(organization: Organization, one: Found, *, now: datetime) -> Trend:
    return Trend(
        id=new_id(),
        organization=organization,
        kind=one.kind,
        mark=one.mark,
        day=now.date(),
        label=one.label,
        count=one.count,
        usual=one.usual,
        found_at=now,
    )


# --- Counting -----------------------------------------------------------------------------------------------------


def _count(organization: Organization, kind: str, mark: bytes, number: int, *, now: datetime) -> None:
    database = connections[router.db_for_write(TakenCount)]
    fields = {field.name: field for field in TakenCount._meta.concrete_fields}
    values = {"organization": organization.pk, "mark": mark, "hour": window_start(now, 3600)}
    prepared = {
        name: fields[name].get_db_prep_save(value, connection=database) for name, value in values.items()
    }
    with database.cursor() as cursor:
        cursor.execute(_COUNT, [prepared["organization"], kind, prepared["mark"], prepared["hour"], number])


def _count_domains(
    organization: Organization, *, since: datetime, now: datetime
) -> dict[tuple[bytes, str], int]:
    """Count the domains of what was taken since, by unsealing; mark and domain to their number in the last hour."""
    last_hour: Counter[tuple[bytes, str]] = Counter()
    numbers: Counter[tuple[datetime, bytes]] = Counter()
    lately = Action.objects.for_organization(organization).filter(
        taken_at__gt=min(since, now - HOUR), taken_at__lte=now, is_test=False
    )
    rows = lately.select_related("supporter").only(
        "taken_at", "supporter__organization_id", "supporter__email"
    )
    for action in rows.iterator(chunk_size=500):
        domain = (action.supporter.email or "").rpartition("@")[2]
        if not domain:
            continue
        mark = _domain_mark(organization, domain)
        last_hour[mark, domain] += action.taken_at > now - HOUR
        if action.taken_at > since:
            numbers[window_start(action.taken_at, 3600), mark] += 1
    for (hour, mark), number in numbers.items():
        _count(organization, TakenCount.Kind.DOMAIN, mark, number, now=hour)
    return last_hour


def _domain_mark(organization: Organization, domain: str) -> bytes:
    return sealing.fingerprint(domain, key=sealing.data_key_for(organization.pk), purpose="trend domain")


# --- Against the past ---------------------------------------------------------------------------------------------


def _is_trend(count: int, usual: float) -> bool:
    return count >= LEAST and count >= TIMES * max(usual, 1)


def _of_networks(organization: Organization, *, now: datetime) -> Iterable[Found]:
    """Marks change daily, so a network is held against what the busiest one sent before in an hour."""
    counts = TakenCount.objects.for_organization(organization).filter(kind=TakenCount.Kind.NETWORK)
    hour = window_start(now - HOUR, 3600)
    before = counts.filter(hour__lt=hour, hour__gte=hour - PAST).aggregate(most=Max("count"))["most"] or 0
    for row in counts.filter(hour__gte=hour, count__gte=max(LEAST_OF_NETWORK, 2 * before)):
        yield Found(Trend.Kind.NETWORK, bytes(row.mark), "", row.count, before)


def _of_domains(
    organization: Organization, domains: Mapping[tuple[bytes, str], int], *, now: datetime
) -> Iterable[Found]:
    counts = TakenCount.objects.for_organization(organization).filter(kind=TakenCount.Kind.DOMAIN)
    hour = window_start(now - HOUR, 3600)
    for (mark, domain), count in domains.items():
        if count < LEAST:
            continue
        past = counts.filter(mark=mark, hour__lt=hour, hour__gte=hour - PAST)
        usual = (past.aggregate(total=Sum("count"))["total"] or 0) / (PAST / HOUR)
        if _is_trend(count, usual):
            yield Found(Trend.Kind.DOMAIN, mark, domain, count, usual)


def _of_countries(organization: Organization, *, now: datetime) -> Iterable[Found]:
    return _of_column(
        organization, Trend.Kind.COUNTRY, F("supporter__country"), lambda country: str(country), now=now
    )


def _of_pages(organization: Organization, *, now: datetime) -> Iterable[Found]:
    def title(page_id: object) -> str:
        return ActionPage.objects.values_list("title", flat=True).get(pk=page_id)

    return _of_column(organization, Trend.Kind.PAGE, F("page_id"), title, now=now)


def _of_column(
    organization: Organization, kind: Trend.Kind, column: F, label: Callable[[object], str], *, now: datetime
) -> Iterable[Found]:
    """The last hour against the week before, for each value of a column of the actions."""
    actions = Action.objects.for_organization(organization).filter(is_test=False).annotate(of=column)
    lately = actions.filter(taken_at__gt=now - HOUR, taken_at__lte=now).exclude(
        of="" if kind == "country" else None
    )
    for value, count in lately.order_by().values_list("of").annotate(Count("pk")):
        if count < LEAST:
            continue
        past = actions.filter(of=value, taken_at__gt=now - HOUR - PAST, taken_at__lte=now - HOUR).count()
        usual = past / (PAST / HOUR)
        if _is_trend(count, usual):
            mark = sealing.fingerprint(
                str(value), key=sealing.data_key_for(organization.pk), purpose=f"trend {kind}"
            )
            yield Found(kind, mark, label(value), count, usual)
