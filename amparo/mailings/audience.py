"""Who gets a mailing, and why not the others: counted before anything leaves, and asked of the database alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from amparo.mailings import frozen_people, outcomes
from amparo.supporters import questions
from amparo.supporters.models import Channel, Purpose, Supporter
from amparo.supporters.segmentation import segments

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
    want to hear from us less often), `no_address`, and of a text message `same_number` (somebody else gets it there).
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
            no_address=Count("pk", filter=wants_it(mailing) & Q(**{f"{_mark(mailing)}__isnull": True})),
        )
        did = acted.count() if mailing.leave_out else 0
        same = _who_share_a_number(mailing, now=now)
    excluded = {"acted": did, **{str(reason): number for reason, number in by_consent.excluded.items()}}
    left_out = {"frequency": numbers["too_often"], "no_address": numbers["no_address"], "same_number": same}
    excluded |= left_out
    return Forecast(
        matching=by_consent.matching + did,
        sendable=by_consent.sendable - sum(left_out.values()),
        excluded={reason: number for reason, number in excluded.items() if number},
    )


def chosen(*, mailing: Mailing, now: datetime) -> SupporterQuerySet:
    """Those who would get it now, each address once.

    E-mail addresses are unique among supporters who are not merged. A telephone may be a family's: of those who share a
    number, the one who has been here longest gets the text.
    """
    found = those_who_match(mailing=mailing, now=now).filter(wants_it(mailing))
    if mailing.channel != Channel.SMS:
        return found
    before = found.filter(phone_fingerprint=OuterRef("phone_fingerprint"), pk__lt=OuterRef("pk"))
    return found.filter(~Exists(before.order_by()))


def those_who_had_it(mailing: Mailing) -> Q:
    """Those who were in an earlier snapshot; of a text message, also those whose number was."""
    were_in = frozen_people.were_in(mailing)
    if mailing.channel != Channel.SMS:
        return were_in
    numbers = Supporter.objects.for_organization(mailing.organization).filter(
        were_in, phone_fingerprint__isnull=False
    )
    return were_in | Q(phone_fingerprint__in=numbers.order_by().values("phone_fingerprint"))


def those_who_match(*, mailing: Mailing, now: datetime) -> SupporterQuerySet:
    """Those whom it is for and who may be written to, however often they want to hear from us."""
    return _matching(mailing, now=now).filter(
        ~_acted(mailing, now=now), _may(mailing, now=now), **{f"{_mark(mailing)}__isnull": False}
    )


def wants_it(mailing: Mailing) -> Q:
    """Whether somebody wants to hear from us this often: every message, a digest a week, or only what is urgent."""
    wanted = [Frequency.ALL]
    if mailing.kind == mailing.Kind.DIGEST:
        wanted.append(Frequency.WEEKLY)
    if mailing.is_urgent:
        wanted += [Frequency.WEEKLY, Frequency.URGENT]
    return Q(frequency__in=wanted)


def _mark(mailing: Mailing) -> str:
    """The column that tells who has an address for this kind of mailing."""
    return "phone_fingerprint" if mailing.channel == Channel.SMS else "email_fingerprint"


def _who_share_a_number(mailing: Mailing, *, now: datetime) -> int:
    """How many get no text because somebody else with their number does."""
    if mailing.channel != Channel.SMS:
        return 0
    everybody = those_who_match(mailing=mailing, now=now).filter(wants_it(mailing))
    return everybody.count() - chosen(mailing=mailing, now=now).count()


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
