"""Segments: a saved question about supporters, and its answer as a number, as ten people, or as an audience.

The answer starts from the organization's present supporters and is one statement. A count tells how many match, how
many of them may be written to, and why not the others; everybody is counted under exactly one heading.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from django.db import connections, models, router, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from amparo.supporters import questions
from amparo.supporters.models import Channel, Purpose, Supporter, SupporterQuerySet, Suppression
from amparo.supporters.segment_filters.contact import agreed_to, is_paused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from django.db.backends.utils import CursorWrapper

    from amparo.organizations.models import Organization
    from amparo.supporters.models import Segment
    from amparo.supporters.questions import Group

#: What PostgreSQL is told for one count (bench/segments.py). Half the table is looked at whatever is asked, so it joins
#: whole lists in the order of their indexes, or hashes them (64 MB hold the ids of a million people), shared among
#: three processes; it never looks half a million people up one by one, which it takes for cheap where it cannot know
#: how long a list is. Compiling the statement takes longer than running it, and indexes that lie in memory are no
#: dearer to read than tables.
_FOR_COUNTING = {
    "work_mem": "64MB",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "2",
    "parallel_setup_cost": "10",
    "parallel_tuple_cost": "0.001",
    "enable_nestloop": "off",
    "enable_hashagg": "off",
    "enable_sort": "off",
}


class Excluded(models.TextChoices):
    """Why somebody who matches is not written to; the first that holds is the one they are counted under."""

    SUPPRESSED = "suppressed", _("on the suppression list")
    COMPLAINED = "complained", _("marked a mail as junk")
    BOUNCED = "bounced", _("mail came back")
    UNCONFIRMED = "unconfirmed", _("never confirmed their address, so no answer of theirs holds yet")
    UNCONSENTED = "unconsented", _("did not agree to this")
    PAUSED = "paused", _("asked for a pause")


@dataclass(frozen=True, slots=True)
class Answer:
    """How many match, how many of them may be written to, and how many not for which reason."""

    matching: int
    sendable: int
    excluded: dict[Excluded, int]


def ask(question: object, *, organization: Organization, now: datetime) -> SupporterQuerySet:
    """The supporters of `organization` for whom the question holds. Raises `questions.NotAQuestion`."""
    return matching(questions.read(question, organization=organization), organization=organization, now=now)


def matching(root: Group, *, organization: Organization, now: datetime) -> SupporterQuerySet:
    """The same for a question that was read."""
    everybody = Supporter.objects.for_organization(organization).present()
    return everybody.filter(questions.condition(root, now=now)) if root.parts else everybody


def count(segment: Segment, *, purpose: Purpose, channel: Channel, now: datetime) -> Answer:
    """The answer of a saved segment, as a number."""
    found = ask(segment.question, organization=segment.organization, now=now)
    return count_of(found, purpose=purpose, channel=channel, now=now)


def count_of(found: SupporterQuerySet, *, purpose: Purpose, channel: Channel, now: datetime) -> Answer:
    """The same for any of one organization's supporters, in one pass over them."""
    reasons = _reasons(purpose, channel, now=now)
    numbers = {str(reason): Count("pk", filter=condition) for reason, condition in reasons.items()}
    with room_to_count():
        counted = found.order_by().aggregate(matching=Count("pk"), **numbers)
    return Answer(
        matching=counted["matching"],
        sendable=counted["matching"] - sum(counted[str(reason)] for reason in reasons),
        excluded={reason: counted[str(reason)] for reason in reasons if counted[str(reason)]},
    )


def sample(found: SupporterQuerySet, *, size: int = 10) -> list[Supporter]:
    """Some of them by chance, no two lists alike: their ids are drawn first, and only theirs are read."""
    with room_to_count():
        drawn = list(found.order_by("?").values_list("pk", flat=True)[:size])
    return sorted(Supporter.objects.filter(pk__in=drawn), key=lambda supporter: drawn.index(supporter.pk))


def audience(segment: Segment, *, purpose: Purpose, channel: Channel, now: datetime) -> SupporterQuerySet:
    """Those who match and may be written to now, in the order of their ids; for a mailing to freeze.

    Take `values_list("pk")` of it inside `room_to_count()`, and ask again before each chunk is sent: whoever withdraws
    meanwhile is not written to.
    """
    found = ask(segment.question, organization=segment.organization, now=now)
    return found.filter(may_be_written_to(purpose, channel, now=now)).order_by("pk")


def may_be_written_to(purpose: Purpose, channel: Channel, *, now: datetime) -> Q:
    """Agreed, reachable, and not on a pause. Whether mail reaches somebody says nothing of their telephone."""
    reachable = (
        Q(unreachable=Supporter.Unreachable.NO) if channel != Channel.SMS else ~_number_is_suppressed()
    )
    return agreed_to(purpose, channel) & ~is_paused(now=now) & reachable


@contextmanager
def room_to_count() -> Iterator[None]:
    """While this lasts, PostgreSQL has memory for long lists of ids; SQLite needs nothing of the kind."""
    alias = router.db_for_read(Supporter)
    if connections[alias].vendor != "postgresql":
        yield
        return
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        before = ", ".join(["current_setting(%s)"] * len(_FOR_COUNTING))
        cursor.execute(f"SELECT {before}", list(_FOR_COUNTING))
        usual = dict(zip(_FOR_COUNTING, cursor.fetchone(), strict=True))
        _set(cursor, _FOR_COUNTING)
        yield
        _set(cursor, usual)


def _set(cursor: CursorWrapper, values: Mapping[str, str]) -> None:
    """Until the end of the transaction, all in one statement."""
    each = ", ".join(["set_config(%s, %s, true)"] * len(values))
    cursor.execute(f"SELECT {each}", list(chain.from_iterable(values.items())))


def _reasons(purpose: Purpose, channel: Channel, *, now: datetime) -> dict[Excluded, Q]:
    """Why somebody is not written to; no two of these hold for the same person."""
    agreed, reachable = agreed_to(purpose, channel), Q(unreachable=Supporter.Unreachable.NO)
    unconfirmed = Q(confirmed_at__isnull=True)
    if channel == Channel.SMS:
        suppressed = _number_is_suppressed()
        return {
            Excluded.SUPPRESSED: suppressed,
            Excluded.UNCONFIRMED: ~suppressed & ~agreed & unconfirmed,
            Excluded.UNCONSENTED: ~suppressed & ~agreed & ~unconfirmed,
            Excluded.PAUSED: ~suppressed & agreed & is_paused(now=now),
        }
    return {
        Excluded.SUPPRESSED: Q(unreachable=Supporter.Unreachable.SUPPRESSED),
        Excluded.COMPLAINED: Q(unreachable=Supporter.Unreachable.COMPLAINED),
        Excluded.BOUNCED: Q(unreachable=Supporter.Unreachable.BOUNCED),
        Excluded.UNCONFIRMED: reachable & ~agreed & unconfirmed,
        Excluded.UNCONSENTED: reachable & ~agreed & ~unconfirmed,
        Excluded.PAUSED: reachable & agreed & is_paused(now=now),
    }


def _number_is_suppressed() -> Q:
    """Whether no text message goes to their number.

    Each organization has a key of its own for fingerprints: of another's list none is anybody's here.
    """
    numbers = Suppression.objects.in_force().filter(phone_fingerprint__isnull=False)
    return Q(phone_fingerprint__in=numbers.order_by().values("phone_fingerprint"))
