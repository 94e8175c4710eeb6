"""How fast a mailing may go: so many a minute, so many a minute to a domain, so many on a day of warming up.

What is used up stands in the database, so that all processes together keep the pace; each takes its part by one
conditional UPDATE and carries it in memory until it is spent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F

from amparo.mailings.models import MailingPace

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.models import Mailing

#: Over so long a pace is kept, so that it is smooth; a pace below one in this time has a longer window.
WINDOW = timedelta(seconds=6)
A_DAY = timedelta(days=1)
ALL = "all"
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` within `window`."""

    most: int
    window: timedelta

    @classmethod
    def per_minute(cls, number: int) -> Limit:
        if number >= 10:
            return cls(number // 10, WINDOW)
        return cls(1, timedelta(seconds=60 / number))


def limits_of(mailing: Mailing, *, now: datetime) -> dict[str, Limit]:
    """The limits that hold now for all of a mailing, by name of their scope."""
    found = {}
    if mailing.per_minute:
        found[ALL] = Limit.per_minute(mailing.per_minute)
    day = (now - (mailing.started_at or now)) // A_DAY
    if day < len(mailing.per_day):
        found[f"day {day}"] = Limit(int(mailing.per_day[day]), A_DAY)
    return found


def domains_of(mailing: Mailing) -> dict[str, Limit]:
    """The limits for single domains."""
    return {
        domain.lower(): Limit.per_minute(int(most)) for domain, most in mailing.per_domain.items() if most
    }


def take(*, mailing: Mailing, scope: str, limit: Limit, wanted: int, now: datetime) -> int:
    """Take up to `wanted` of what is left in this window; how many."""
    if wanted < 1:
        return 0
    for _try in range(_TRIES):
        row = MailingPace.objects.filter(mailing=mailing, scope=scope).first()
        if row is None:
            MailingPace.objects.bulk_create(
                [MailingPace(mailing=mailing, scope=scope, taken=0, since=now)], ignore_conflicts=True
            )
            continue
        over = row.since + limit.window <= now
        got = min(wanted, limit.most if over else limit.most - row.taken)
        if got < 1:
            return 0
        same = MailingPace.objects.filter(pk=row.pk, taken=row.taken, since=row.since)
        if same.update(**({"taken": got, "since": now} if over else {"taken": F("taken") + got})):
            return got
    return 0


def give_back(*, mailing: Mailing, scope: str, number: int) -> None:
    """What was taken and not spent may be taken by another."""
    if number > 0:
        MailingPace.objects.filter(mailing=mailing, scope=scope, taken__gte=number).update(
            taken=F("taken") - number
        )
