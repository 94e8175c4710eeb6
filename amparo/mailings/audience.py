"""Who gets a mailing, and why not the others: counted before anything leaves, and asked of the database alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from amparo.mailings import frozen_people, outcomes
from amparo.supporters import questions, segments
from amparo.supporters.models import Channel, Purpose, Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.models import Mailing
    from amparo.supporters.models import SupporterQuerySet

Frequency = Supporter.Frequency
#: Of these it is true, or may be, that they have the mail: it did not come back, and they did not call it junk.
GOT_IT = bytes([outcomes.SENT, outcomes.UNKNOWN])


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many match the segment, how many would get the mailing now, and how many not for which reason.

    Everybody is counted under exactly one heading: `matching` is `sendable` and all of `excluded` together. The
    reasons are `segments.Excluded`'s, and before them: `acted` (they did already what is asked), `frequency` (they
    want to hear from us less often) and `no_address`.
    """

    matching: int
    sendable: int
    excluded: dict[str, int] = field(default_factory=dict)


def forecast(*, mailing: Mailing, now: datetime) -> Forecast:
    """What freezing the audience would come to now."""
    found = _matching(mailing, now=now)
    acted = found.filter(_acted(mailing, now=now))
    others = found.filter(~_acted(mailing, now=now))
    by_consent = segments.count_of(
        others, purpose=Purpose(mailing.purpose), channel=Channel(mailing.channel), now=now
    )
    may = others.filter(_may(mailing, now=now))
    with segments.room_to_count():
        numbers = may.order_by().aggregate(
            too_often=Count("pk", filter=~wants_it(mailing)),
            no_address=Count("pk", filter=wants_it(mailing) & Q(email_fingerprint__isnull=True)),
        )
        did = acted.count() if mailing.leave_out else 0
    excluded = {"acted": did, **{str(reason): number for reason, number in by_consent.excluded.items()}}
    excluded |= {"frequency": numbers["too_often"], "no_address": numbers["no_address"]}
    return Forecast(
        matching=by_consent.matching + did,
        sendable=by_consent.sendable - numbers["too_often"] - numbers["no_address"],
        excluded={reason: number for reason, number in excluded.items() if number},
    )


def chosen(*, mailing: Mailing, now: datetime) -> SupporterQuerySet:
    """Those who would get it now, each person once: addresses are unique among supporters who are not merged."""
    return those_who_match(mailing=mailing, now=now).filter(wants_it(mailing))


def those_who_match(*, mailing: Mailing, now: datetime) -> SupporterQuerySet:
    """Those whom it is for and who may be written to, however often they want to hear from us."""
    return _matching(mailing, now=now).filter(
        ~_acted(mailing, now=now), _may(mailing, now=now), email_fingerprint__isnull=False
    )


def wants_it(mailing: Mailing) -> Q:
    """Whether somebody wants to hear from us this often: every message, a digest a week, or only what is urgent."""
    wanted = [Frequency.ALL]
    if mailing.kind == mailing.Kind.DIGEST:
        wanted.append(Frequency.WEEKLY)
    if mailing.is_urgent:
        wanted += [Frequency.WEEKLY, Frequency.URGENT]
    return Q(frequency__in=wanted)


def _matching(mailing: Mailing, *, now: datetime) -> SupporterQuerySet:
    if mailing.resend_of is not None:
        everybody = Supporter.objects.for_organization(mailing.organization).present()
        return everybody.filter(frozen_people.were_in(mailing.resend_of, among=GOT_IT))
    assert mailing.segment is not None
    return segments.ask(mailing.segment.question, organization=mailing.organization, now=now)


def _acted(mailing: Mailing, *, now: datetime) -> Q:
    """For whom the mailing asks for something that they did already."""
    if not mailing.leave_out:
        return Q(pk__in=[])
    read = questions.read(mailing.leave_out, organization=mailing.organization)
    return questions.condition(read, now=now) if read.parts else Q(pk__in=[])


def _may(mailing: Mailing, *, now: datetime) -> Q:
    return segments.may_be_written_to(Purpose(mailing.purpose), Channel(mailing.channel), now=now)
