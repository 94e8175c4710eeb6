"""The door to the consent ledger for lists: many people's answers at once, and taking them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import F

from amparo.kit import bulk_rows
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization
from amparo.supporters import consent, rules
from amparo.supporters.models import ConsentRecord, LegalBasis, Origin, Supporter
from amparo.supporters.signals import consent_changed

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's answer to one question, for `append_many`."""

    supporter_id: UUID
    purpose: str
    channel: str
    granted: bool
    given_on: date | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """An answer that went into the ledger, and the id of the line that stood there before."""

    answer: Answer
    before: UUID | None


#: Doors through which a no comes that nobody said: it is no reason to refuse a later yes.
_NOBODY_SAID_NO = [Origin.UNDONE, Origin.LAPSED]
_LINE = [
    "id", "organization_id", "supporter_id", "purpose", "channel", "partner", "granted", "wording_id", "legal_basis",
    "origin", "source", "evidence", "given_on", "recorded_at",
]  # fmt: skip


def bits(answers: Iterable[Answer]) -> int:
    """What `Supporter.agreed_to` of somebody new is, who comes with these answers."""
    found = 0
    for answer in answers:
        found |= consent.bit(answer.purpose, answer.channel) if answer.granted else 0
    return found


def append_many(
    answers: Sequence[Answer],
    *,
    organization: Organization,
    basis: LegalBasis,
    origin: Origin,
    source: str,
    now: datetime,
    newborn: AbstractSet[UUID] = frozenset(),
) -> list[Written]:
    """Write answers that were given elsewhere, with the promises of `consent.append`; what went in about known people.

    An answer that says nothing new is left out. So is a yes where the person's last word was a no: what was said here
    is never overridden by a list. People's rows are locked in one order before anything is read, so what they say at
    the same moment comes before or after, and is not lost.

    `newborn` are supporters that the caller inserted in this very transaction with `agreed_to=bits(…)`: nobody can have
    asked them anything yet. Raises `rules.BasisNotPermitted` and `rules.NotProved`, having written nothing.
    """
    _refuse_unlawful_answers(answers, organization=organization, basis=basis, now=now)
    with transaction.atomic():
        known = [answer for answer in answers if answer.supporter_id not in newborn]
        written = what_is_new(known, organization=organization)
        fresh = [answer for answer in answers if answer.supporter_id in newborn]
        bulk_rows.insert(
            ConsentRecord,
            _LINE,
            [
                (
                    new_id(), organization.pk, answer.supporter_id, str(answer.purpose), str(answer.channel), "",
                    answer.granted, None, str(basis), str(origin), source[:200], answer.evidence[:300],
                    answer.given_on, now,
                )
                for answer in [*fresh, *(each.answer for each in written)]
            ],
        )  # fmt: skip
        _set_bits([each.answer for each in written])
    if consent_changed.has_listeners(ConsentRecord):
        for supporter_id in {answer.supporter_id for answer in [*fresh, *(each.answer for each in written)]}:
            consent_changed.send(sender=ConsentRecord, supporter_id=supporter_id)
    return written


def take_back(*, organization: Organization, supporters: Sequence[UUID], source: str, now: datetime) -> int:
    """Append a no of origin `UNDONE` to every yes of people who are there no more; how many.

    The caller has emptied their rows in this transaction, `agreed_to` with them.
    """
    lines = [
        (
            new_id(), organization.pk, supporter_id, purpose, channel, partner, False, None,
            str(LegalBasis.EXPLICIT_CONSENT), str(Origin.UNDONE), source[:200], "", None, now,
        )
        for (supporter_id, purpose, channel, partner), last in last_lines(
            organization=organization, supporters=supporters
        ).items()
        if last.granted
    ]  # fmt: skip
    bulk_rows.insert(ConsentRecord, _LINE, lines)
    return len(lines)


def give_back(
    *,
    organization: Organization,
    supporter_id: UUID,
    purpose: str,
    channel: str,
    before: UUID | None,
    source: str,
    now: datetime,
) -> None:
    """Append, with origin `UNDONE`, the answer that stood before an import changed it; a no where there was none.

    Raises `rules.BasisNotPermitted` where the law does not let that yes hold any more.
    """
    lines = ConsentRecord.objects.for_organization(organization)
    earlier = lines.select_related("wording").get(pk=before) if before else None
    back = ConsentRecord(
        organization=organization,
        supporter_id=supporter_id,
        purpose=purpose,
        channel=channel,
        granted=earlier is not None and earlier.granted,
        origin=Origin.UNDONE,
        source=source[:200],
        recorded_at=now,
    )
    if earlier is not None:
        back.wording, back.legal_basis = earlier.wording, earlier.legal_basis
        back.evidence = earlier.evidence
        back.given_on = earlier.given_on or earlier.recorded_at.date()
    consent.append([back])


def _refuse_unlawful_answers(
    answers: Sequence[Answer], *, organization: Organization, basis: LegalBasis, now: datetime
) -> None:
    law = rules.of(organization)
    granted = [answer for answer in answers if answer.granted]
    for purpose, channel, given_on in {(each.purpose, each.channel, each.given_on) for each in granted}:
        law.permits(
            basis=basis,
            purpose=purpose,
            channel=channel,
            given_on=given_on or now.date(),
            today=now.date(),
        )
    if not all(answer.evidence for answer in granted):
        raise rules.NotProved


def what_is_new(answers: Sequence[Answer], *, organization: Organization) -> list[Written]:
    """Those of `answers` that `append_many` would write about people who are known; their rows are locked.

    Call it within a transaction.
    """
    people = {answer.supporter_id for answer in answers}
    there = _locked(people, organization=organization)
    last = last_lines(organization=organization, supporters=sorted(there))
    new = []
    for answer in answers:
        if answer.supporter_id not in there:
            continue
        before = last.get((answer.supporter_id, str(answer.purpose), str(answer.channel), ""))
        if before is not None and before.granted == answer.granted:
            continue
        if answer.granted and before is not None and before.said_no:
            continue
        new.append(Written(answer, before.pk if before else None))
    return new


def _locked(people: Iterable[UUID], *, organization: Organization) -> set[UUID]:
    """Those of `people` who are somebody still; their rows are locked in one order, so that no two block each other."""
    found: set[UUID] = set()
    for some in bulk_rows.in_lists(sorted(people)):
        rows = Supporter.objects.for_organization(organization).present().filter(pk__in=some).order_by("pk")
        found.update(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    return found


@dataclass(frozen=True, slots=True)
class LastLine:
    """The last word on one question, and whether the person said no themselves."""

    pk: UUID
    granted: bool
    said_no: bool
    origin: str
    recorded_at: datetime
    #: Whether they had said no before this line.
    had_said_no: bool = False


def last_lines(
    *, organization: Organization, supporters: Sequence[UUID]
) -> dict[tuple[UUID, str, str, str], LastLine]:
    """The present answers of many people at once, by person, purpose, channel and partner.

    What was said by somebody who was merged into them counts as theirs.
    """
    found: dict[tuple[UUID, str, str, str], LastLine] = {}
    for some in bulk_rows.in_lists(supporters):
        whose = dict.fromkeys(some)
        person: dict[UUID, UUID] = {pk: pk for pk in whose}
        absorbed = Supporter.objects.for_organization(organization).filter(merged_into__in=some)
        person.update((pk, into) for pk, into in absorbed.values_list("pk", "merged_into") if into)
        lines = ConsentRecord.objects.for_organization(organization).filter(supporter__in=list(person))
        for pk, supporter_id, purpose, channel, partner, granted, origin, at in lines.order_by(
            "recorded_at", "id"
        ).values_list(
            "pk", "supporter_id", "purpose", "channel", "partner", "granted", "origin", "recorded_at"
        ):
            key = (person[supporter_id], purpose, channel, partner)
            earlier = found.get(key)
            said_no = not granted and (origin not in _NOBODY_SAID_NO or _still_no(earlier, origin))
            found[key] = LastLine(pk, granted, said_no, origin, at, earlier is not None and earlier.said_no)
    return found


def _still_no(earlier: LastLine | None, origin: str) -> bool:
    """Whether a no that nobody said leaves one in force that somebody did. An undone import's own no does not."""
    if earlier is None:
        return False
    if origin == Origin.UNDONE and earlier.origin == Origin.IMPORT:
        return earlier.had_said_no
    return earlier.said_no


def _set_bits(answers: Sequence[Answer]) -> None:
    """The bits of known people, in as few statements as there are different changes."""
    yes: dict[UUID, int] = {}
    no: dict[UUID, int] = {}
    for answer in answers:
        changed = yes if answer.granted else no
        changed[answer.supporter_id] = changed.get(answer.supporter_id, 0) | consent.bit(
            answer.purpose, answer.channel
        )
    for changed, given in ((yes, True), (no, False)):
        for mask in {mask for mask in changed.values() if mask}:
            whose = sorted(pk for pk, theirs in changed.items() if theirs == mask)
            for some in bulk_rows.in_lists(whose):
                Supporter.objects.filter(pk__in=some, anonymized_at__isnull=True).update(
                    agreed_to=F("agreed_to").bitor(mask)
                    if given
                    else F("agreed_to").bitand(consent.ALL_BITS & ~mask)
                )
