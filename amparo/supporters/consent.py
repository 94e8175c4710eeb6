"""The door to the consent ledger: what one person answered, and whether they may be written to.

Lists of many people go through `consent_in_bulk`, which keeps the same promises; what is asked is in `wordings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import Coalesce, FirstValue

from amparo.organizations.models import Organization
from amparo.supporters import rules
from amparo.supporters.models import (
    Channel,
    ConsentRecord,
    ConsentWording,
    LegalBasis,
    Origin,
    Purpose,
    Supporter,
    SupporterQuerySet,
)
from amparo.supporters.signals import consent_changed

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet


#: What is asked for one letter, or of one partner, is no standing leave to write and has no bit.
_STANDING = [Purpose.NEWS, Purpose.FUNDRAISING, Purpose.EVENTS]
_CHANNELS = list(Channel)


def bit(purpose: Purpose | str, channel: Channel | str) -> int:
    """The bit of `Supporter.agreed_to` that stands for this purpose on this channel; 0 where none does.

    The places are part of the data: a new purpose or channel goes to the end of its list.
    """
    if purpose not in _STANDING:
        return 0
    return 1 << (_STANDING.index(Purpose(purpose)) * 8 + _CHANNELS.index(Channel(channel)))


def standing_questions() -> list[tuple[Purpose, Channel]]:
    """Every purpose and channel that a supporter may be written to for, until they say otherwise."""
    return [(purpose, channel) for purpose in _STANDING for channel in _CHANNELS]


ALL_BITS = sum(bit(purpose, channel) for purpose, channel in standing_questions())


# --- Writing --------------------------------------------------------------------------------------


def record(
    *,
    supporter: Supporter,
    answers: Mapping[UUID, bool],
    source: str,
    now: datetime,
    origin: Origin = Origin.FORM,
    basis: LegalBasis = LegalBasis.EXPLICIT_CONSENT,
) -> list[ConsentRecord]:
    """Append one line per answered question, and return them; `answers` maps a wording's id to yes or no.

    Questions of another organization are not answered here: an id that is not one of this organization's wordings is a
    `ConsentWording.DoesNotExist`.
    """
    wordings = ConsentWording.objects.for_organization(supporter.organization).in_bulk(list(answers))
    if len(wordings) != len(answers):
        raise ConsentWording.DoesNotExist("an answered question is not one of this organization's")
    lines = [
        line(
            supporter=supporter,
            purpose=wordings[pk].purpose,
            channel=wordings[pk].channel,
            partner=wordings[pk].partner,
            granted=granted,
            wording=wordings[pk],
            basis=basis,
            origin=origin,
            source=source,
            now=now,
        )
        for pk, granted in answers.items()
    ]
    append(lines, of=supporter.organization)
    return lines


def withdraw(
    *,
    supporter: Supporter,
    questions: Iterable[tuple[Purpose | str, Channel | str]] | None = None,
    origin: Origin,
    source: str,
    now: datetime,
) -> None:
    """Append a no, to each of `questions` or to everything the supporter ever said yes to."""
    if questions is None:
        chosen = [
            (key[0], key[1], key[2]) for key, last in present_answers(supporter).items() if last.granted
        ]
    else:
        chosen = [(str(purpose), str(channel), "") for purpose, channel in questions]
    append(
        [
            line(
                supporter=supporter,
                purpose=purpose,
                channel=channel,
                partner=partner,
                granted=False,
                origin=origin,
                source=source,
                now=now,
            )
            for purpose, channel, partner in chosen
        ]
    )


def line(
    *,
    supporter: Supporter,
    purpose: Purpose | str,
    channel: Channel | str,
    granted: bool,
    origin: Origin,
    source: str,
    now: datetime,
    partner: str = "",
    wording: ConsentWording | None = None,
    basis: LegalBasis = LegalBasis.EXPLICIT_CONSENT,
    evidence: str = "",
    given_on: date | None = None,
) -> ConsentRecord:
    """One line, not yet written: hand lines to `append`. Somebody merged away answers for the person they are.

    `given_on` is the day on which it was said, where that was before it is written here.
    """
    return ConsentRecord(
        organization_id=supporter.organization_id,
        supporter_id=supporter.person_id,
        purpose=purpose,
        channel=channel,
        partner=partner,
        granted=granted,
        wording=wording,
        legal_basis=basis,
        origin=origin,
        source=source[:200],
        evidence=evidence[:300],
        given_on=given_on,
        recorded_at=now,
    )


def append(lines: Sequence[ConsentRecord], *, of: Organization | None = None) -> None:
    """Write `lines` and what follows from them for `Supporter.agreed_to`, all or nothing.

    A yes that the organization's law does not let it rely on never gets in: raises `rules.BasisNotPermitted` and
    `rules.NotProved`, and nothing is written. A no is always taken.

    The supporter's row is changed first: two answers of one person at the same moment queue there, and the one that is
    written last is the one whose bit stands. Whoever was merged into somebody since the line was made has no bit of
    their own: that person's are worked out afresh.
    """
    _refuse_what_is_unlawful(lines, of)
    with transaction.atomic():
        elsewhere = {written.supporter_id for written in lines if not _set_bit(written)}
        ConsentRecord.objects.bulk_create(lines)
        for person in Supporter.objects.filter(absorbed__in=elsewhere).distinct():
            derive(supporter=person)
    for supporter_id in {written.supporter_id for written in lines}:
        consent_changed.send(sender=ConsentRecord, supporter_id=supporter_id)


def _refuse_what_is_unlawful(lines: Sequence[ConsentRecord], of: Organization | None) -> None:
    """`of` is the organization of all these lines, where the caller has it in hand."""
    granted = [written for written in lines if written.granted]
    ids = {written.organization_id for written in granted}
    organizations = {of.pk: of} if of and ids <= {of.pk} else Organization.objects.in_bulk(ids)
    law = {pk: rules.of(organization) for pk, organization in organizations.items()}
    for written in granted:
        held = law[written.organization_id]
        today = written.recorded_at.date()
        held.permits(
            basis=written.legal_basis,
            purpose=written.purpose,
            channel=written.channel,
            given_on=written.given_on or today,
            today=today,
        )
        from_elsewhere = written.legal_basis == LegalBasis.IMPORTED or (
            written.origin in _NOT_FROM_THE_MAILBOX and held.needs_double_opt_in(written.channel)
        )
        if from_elsewhere and not written.evidence:
            raise rules.NotProved


#: Doors through which an answer comes that nobody confirmed from the address it is about.
_NOT_FROM_THE_MAILBOX = [Origin.IMPORT, Origin.STAFF]


def _set_bit(written: ConsentRecord) -> bool:
    """Whether there was nothing to set, or somebody to set it on."""
    mask = bit(written.purpose, written.channel)
    if not mask:
        return True
    held = Supporter.objects.present().filter(pk=written.supporter_id)
    return bool(
        held.update(
            agreed_to=F("agreed_to").bitor(mask)
            if written.granted
            else F("agreed_to").bitand(ALL_BITS ^ mask)
        )
    )


def end_what_ran_out(*, organization: Organization, now: datetime) -> int:
    """Append a no where the law let a yes hold for a time only, and that is over; to how many."""
    ended = 0
    for rule in rules.of(organization).running_out:
        last_day = rules.months_after(now.date(), -(rule.lasts_months or 0))
        for purpose, channel in standing_questions():
            if purpose not in rule.purposes or channel not in rule.channels:
                continue
            old = ConsentRecord.objects.filter(
                Q(given_on__lte=last_day) | Q(given_on__isnull=True, recorded_at__date__lte=last_day),
                purpose=purpose,
                channel=channel,
                granted=True,
                legal_basis=rule.basis,
            )
            agreed = Supporter.objects.for_organization(organization).agreed(bit(purpose, channel))
            for supporter in agreed.filter(_about(old, "pk")).iterator(chunk_size=500):
                ended += _end_if_over(supporter, (purpose, channel), rule=rule, now=now)
    return ended


def _end_if_over(
    supporter: Supporter, question: tuple[Purpose, Channel], *, rule: rules.BasisRule, now: datetime
) -> int:
    last = present_answers(supporter).get((*question, ""))
    if last is None or not last.granted or last.legal_basis != rule.basis:
        return 0
    ends = rule.ends_on(last.given_on or last.recorded_at.date())
    if ends is None or ends > now.date():
        return 0
    withdraw(
        supporter=supporter,
        questions=[question],
        origin=Origin.LAPSED,
        source=f"{rule.law}, {rule.section}",
        now=now,
    )
    return 1


def derive(*, supporter: Supporter) -> int:
    """Work out `agreed_to` from the ledger and write it: after a merge, or to check; what it is now."""
    with transaction.atomic():
        Supporter.objects.filter(pk=supporter.pk).update(agreed_to=F("agreed_to"))
        derived = sum(
            bit(purpose, channel)
            for (purpose, channel, _partner), last in present_answers(supporter).items()
            if last.granted
        )
        Supporter.objects.present().filter(pk=supporter.pk).update(agreed_to=derived)
    return derived


# --- Reading --------------------------------------------------------------------------------------


def ledger_of(supporter: Supporter) -> list[ConsentRecord]:
    """Every line about this person, the newest first, with its wording."""
    people = Supporter.objects.for_organization(supporter.organization).of_one_person(supporter)
    lines = ConsentRecord.objects.for_organization(supporter.organization).filter(
        supporter__in=people.values("pk")
    )
    return list(lines.select_related("wording"))


def lines_about(
    *, organization: Organization, purpose: Purpose | str, channel: Channel | str
) -> QuerySet[ConsentRecord]:
    """Every line about one question; whoever has none was never asked it."""
    return ConsentRecord.objects.for_organization(organization).filter(purpose=purpose, channel=channel)


def present_answers(supporter: Supporter) -> dict[tuple[str, str, str], ConsentRecord]:
    """The last line for each purpose, channel and partner that this person was ever asked about."""
    answers: dict[tuple[str, str, str], ConsentRecord] = {}
    for written in ledger_of(supporter):
        answers.setdefault((written.purpose, written.channel, written.partner), written)
    return answers


def may_contact(*, supporter: Supporter, purpose: Purpose, channel: Channel, partner: str = "") -> bool:
    """The present answer: the last line of the ledger, and no without one."""
    last = present_answers(supporter).get((purpose, channel, partner))
    return last is not None and last.granted


def who_did_not_agree(
    supporters: SupporterQuerySet, *, purpose: Purpose, channel: Channel
) -> SupporterQuerySet:
    """Those of `supporters` whose present answer is not yes: never asked, or no."""
    mask = bit(purpose, channel)
    return supporters.annotate(_present_answer=F("agreed_to").bitand(mask)).filter(~Q(_present_answer=mask))


def who_shares_with(supporters: SupporterQuerySet, *, partner: str) -> SupporterQuerySet:
    """Those of `supporters` whose last word on sharing with this named partner is yes."""
    person = Coalesce("supporter__merged_into", "supporter")
    last_word = Window(FirstValue("granted"), partition_by=[person], order_by=["-recorded_at", "-id"])
    lines = ConsentRecord.objects.filter(purpose=Purpose.PARTNER, partner=partner)
    agreed = lines.annotate(person=person, last_word=last_word).filter(last_word=True)
    return supporters.filter(pk__in=agreed.order_by().values("person"))


def first_agreements(
    *, organization: Organization, purpose: Purpose | str, channel: Channel | str, since: datetime
) -> QuerySet[ConsentRecord]:
    """Each person's first yes to this question, where it was written since then and by their own word.

    Whoever left and came back had a first yes before, and people on a list that was brought in said theirs elsewhere.
    """
    earlier = ConsentRecord.objects.filter(
        purpose=purpose, channel=channel, granted=True, recorded_at__lt=OuterRef("recorded_at")
    )
    lines = lines_about(organization=organization, purpose=purpose, channel=channel)
    found = lines.filter(granted=True, recorded_at__gte=since).filter(~_about(earlier, "supporter"))
    return found.exclude(origin__in=[Origin.IMPORT, Origin.UNDONE]).order_by()


def _about(lines: QuerySet[ConsentRecord], person: str) -> Q:
    """Whether any of these lines is about whom an outer row names in `person`, by any of their records.

    Two questions with an or between them. With the or inside one, no index answers it, and a database reads the whole
    ledger for each row.
    """
    return Q(Exists(lines.filter(supporter=OuterRef(person)))) | Q(
        Exists(lines.filter(supporter__merged_into=OuterRef(person)))
    )
