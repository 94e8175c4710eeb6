"""Whether what we cite is still there: addresses of sources are looked at once a day, politely, by `kit/http.py`.

Confidential sources are never looked at: a request would tell their server who is interested. An address that failed on
two days makes a caution for staff; one bad evening does not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from amparo.cases.models import Source
from amparo.kit import http
from amparo.kit.http import Answer, LeadsOnAndOn, NotAskedThere, TooLong
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.db.models import QuerySet

#: An address is looked at again after this long.
EVERY = timedelta(days=1)
#: How long a worker may hold an address before another one takes it.
HELD = timedelta(hours=1)
#: Addresses in any hour: some hundred sources are through in a night, and no server sees us coming.
PER_HOUR = 60
#: Days of failure that make a caution.
DEAD_AFTER = 2
#: What says that the page is gone. Others (401, 403, 429 …) say that it is there and not for programs.
_GONE = frozenset({404, 410, 451})


def due(*, now: datetime) -> QuerySet[Source]:
    """Sources whose address is to be looked at, the longest waiting first."""
    rows = Source.objects.filter(is_confidential=False, url__isnull=False)
    return rows.filter(Q(link_due_at__isnull=True) | Q(link_due_at__lte=now)).order_by("link_due_at", "id")


def claim(*, limit: int, now: datetime) -> list[UUID]:
    """Take up to `limit` of them, and fewer when this hour has had its share."""
    lately = Source.objects.filter(link_due_at__gt=now + EVERY - timedelta(hours=1)).count()
    wanted = list(due(now=now).values_list("pk", flat=True)[: max(min(limit, PER_HOUR - lately), 0)])
    taken = []
    for pk in wanted:
        held = due(now=now).filter(pk=pk).order_by()
        if held.update(link_due_at=now + HELD):
            taken.append(pk)
    return taken


def look_at(pk: UUID, *, now: datetime, look: Callable[[str], Answer] | None = None) -> bool:
    """Ask for one source's address, and keep what became of it; False when it failed."""
    source = Source.objects.filter(pk=pk).first()
    if source is None or not source.url or source.is_confidential:
        Source.objects.filter(pk=pk).update(link_due_at=now + EVERY)
        return True
    said, failed = _asked(source.url, look or http.look)
    values = {"link_due_at": now + EVERY, "link_answer": said}
    if not failed:
        values |= {"link_failures": 0, "link_failed_on": None}
    elif source.link_failed_on != now.date():
        values |= {"link_failures": source.link_failures + 1, "link_failed_on": now.date()}
    # Whoever changed the address meanwhile has it looked at anew.
    Source.objects.filter(pk=pk, changed_at=source.changed_at).update(**values)
    return not failed


def _asked(url: str, look: Callable[[str], Answer]) -> tuple[str, bool]:
    """What the address answered, in a few letters, and whether that is a failure."""
    try:
        answer = look(url)
    except NotAskedThere:
        return "not asked", False
    except (TooLong, LeadsOnAndOn):
        return "no end", True
    except Refusal:
        return "no answer", True
    return str(answer.status), answer.status in _GONE or answer.status >= 500
