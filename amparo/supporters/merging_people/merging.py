"""Two records that are one person: find them, show what merging would do, merge, and take it back.

No row moves. The absorbed record keeps its actions and its ledger and points to the person it is (`merged_into`), so
that everything can be told apart again. Merges nest: whoever was absorbed before comes along, and each merge is undone
by itself; who belongs to whom follows from the merges that stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, F
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.ids import new_id
from amparo.kit.refusal import Refusal
from amparo.supporters import consent
from amparo.supporters.merging_people import merge_filling
from amparo.supporters.models import (
    ConsentRecord,
    Merge,
    Origin,
    OtherAddress,
    Supporter,
    Tag,
    Tagging,
)
from amparo.supporters.signals import merge_considered, supporters_merged, supporters_separated

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

SAME_PHONE = _("the same telephone number")
SAME_ADDRESS = _("an address of one is a further address of the other")
#: What a ledger line is about: purpose, channel, partner.
Question = tuple[str, str, str]


class OneRecord(Refusal):
    sentence = _("That is one and the same record. Choose two.")


class NotAsTheyWere(Refusal):
    sentence = _(
        "One of the two was merged, separated or erased meanwhile. Nothing was changed; please look again."
    )


class AlreadySeparated(Refusal):
    sentence = _("These two were told apart already.")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two records that may be one person, the older first, and why one might think so."""

    survivor: Supporter
    absorbed: Supporter
    why: _StrOrPromise


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question: what each said last, and what holds when they are one."""

    about: ConsentRecord
    survivor: bool | None
    absorbed: bool | None
    then: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do, for whoever decides it."""

    answers: Sequence[Answer]
    tags: Sequence[Tag]
    #: What the survivor lacks and gets.
    filled: Sequence[merge_filling.Filled]
    addresses: Sequence[str]
    #: What other floors have to say, such as: one of two signatures on a page counts no more.
    sentences: Sequence[str]


# --- Finding --------------------------------------------------------------------------------------


def likely_duplicates(*, organization: Organization, limit: int = 100) -> list[Likeness]:
    """Pairs that may be one person, at most so many. One address is one supporter already, by the database."""
    return [*_by_address(organization, limit), *_by_phone(organization, limit)][:limit]


def _by_phone(organization: Organization, limit: int) -> list[Likeness]:
    present = Supporter.objects.for_organization(organization).present().exclude(phone_fingerprint=None)
    shared = present.order_by().values("phone_fingerprint").annotate(number=Count("pk")).filter(number__gt=1)
    marks = list(shared.values_list("phone_fingerprint", flat=True)[:limit])
    oldest: dict[bytes, Supporter] = {}
    found = []
    for supporter in present.filter(phone_fingerprint__in=marks).order_by("created_at", "pk")[: limit * 2]:
        first = oldest.setdefault(bytes(supporter.phone_fingerprint or b""), supporter)
        if first is not supporter:
            found.append(Likeness(survivor=first, absorbed=supporter, why=SAME_PHONE))
    return found


def _by_address(organization: Organization, limit: int) -> list[Likeness]:
    present = Supporter.objects.for_organization(organization).present()
    others = OtherAddress.objects.for_organization(organization).filter(supporter__in=present.values("pk"))
    doubled = {
        bytes(supporter.email_fingerprint or b""): supporter
        for supporter in present.filter(email_fingerprint__in=others.values("fingerprint"))[:limit]
    }
    found = []
    for other in others.filter(fingerprint__in=list(doubled)).select_related("supporter"):
        two = sorted(
            [other.supporter, doubled[bytes(other.fingerprint)]], key=lambda who: (who.created_at, who.pk)
        )
        if two[0] != two[1]:
            found.append(Likeness(survivor=two[0], absorbed=two[1], why=SAME_ADDRESS))
    return found


# --- Looking --------------------------------------------------------------------------------------


def preview(*, survivor: Supporter, absorbed: Supporter) -> Preview:
    """What would become of answers, tags, details, addresses and deeds; changes nothing."""
    told = merge_considered.send(sender=Merge, survivor=survivor, absorbed=absorbed)
    return Preview(
        answers=_answers(survivor, absorbed),
        tags=list(_tags_to_give(survivor, absorbed)),
        filled=merge_filling.lacking(survivor=survivor, absorbed=absorbed),
        addresses=[
            address
            for address in [absorbed.email, *(other.email for other in absorbed.other_addresses.all())]
            if address
        ],
        sentences=[sentence for _receiver, sentences in told if sentences for sentence in sentences],
    )


def _answers(survivor: Supporter, absorbed: Supporter) -> list[Answer]:
    mine, theirs = consent.present_answers(survivor), consent.present_answers(absorbed)
    found = []
    for question in dict.fromkeys([*mine, *theirs]):
        said = [each[question] for each in (mine, theirs) if question in each]
        last = max(said, key=lambda line: (line.recorded_at, line.pk))
        found.append(
            Answer(
                about=last,
                survivor=mine[question].granted if question in mine else None,
                absorbed=theirs[question].granted if question in theirs else None,
                then=last.granted,
            )
        )
    return found


def side_of(supporter: Supporter) -> list[UUID]:
    """The record and everybody who was merged into it and not told apart since, directly or by way of others."""
    found, newest = [supporter.pk], [supporter.pk]
    while newest:
        standing = Merge.objects.filter(survivor__in=newest, undone_at__isnull=True)
        newest = [pk for pk in standing.values_list("absorbed", flat=True) if pk not in found]
        found += newest
    return found


# --- Merging and separating -----------------------------------------------------------------------


def merge(*, survivor: Supporter, absorbed: Supporter, by: User | None, now: datetime) -> Merge:
    """Make two records one person. The later answer to each question holds, and what the survivor lacks is filled in.

    Raises `OneRecord`, and `NotAsTheyWere` when either is somebody else's by now, or nobody's.
    """
    if survivor.pk == absorbed.pk:
        raise OneRecord
    if survivor.organization_id != absorbed.organization_id:
        raise NotAsTheyWere
    with transaction.atomic():
        _hold(survivor.pk, absorbed.pk)
        merged = Merge.objects.create(
            id=new_id(),
            organization=survivor.organization,
            survivor=survivor,
            absorbed=absorbed,
            merged_at=now,
            tags_given=_give_tags(survivor, absorbed, now=now),
            filled=merge_filling.fill(survivor=survivor, absorbed=absorbed),
        )
        # Whoever is somebody else now has no answer of their own: no list may find them by an old one.
        Supporter.objects.filter(pk__in=side_of(absorbed)).update(merged_into=survivor, agreed_to=0)
        consent.derive(supporter=survivor)
        supporters_merged.send(sender=Merge, merge=merged, now=now)
        _note("merge_supporters", merged, by=by, now=now)
    return merged


def undo(*, merge: Merge, by: User | None, now: datetime) -> None:
    """Tell two records apart again, each with its own answers, deeds, tags and details.

    What was said while they were one may have come from either. A no then holds for both. A yes then holds for neither,
    unless the survivor had said yes before.

    Raises `AlreadySeparated`, and `NotAsTheyWere` when one of them was erased meanwhile.
    """
    with transaction.atomic():
        if not Merge.objects.filter(pk=merge.pk, undone_at__isnull=True).update(undone_at=now):
            raise AlreadySeparated
        absorbed = Supporter.objects.select_related("organization").get(pk=merge.absorbed_id)
        person = _hold_person(absorbed)
        with_them = [pk for pk in side_of(absorbed) if pk != absorbed.pk]
        Supporter.objects.filter(pk__in=with_them).update(merged_into=absorbed)
        Supporter.objects.filter(pk=absorbed.pk).update(merged_into=None)
        absorbed.merged_into = None
        Tagging.objects.filter(supporter=merge.survivor_id, tag__in=merge.tags_given).delete()
        merge_filling.take_back(merge=merge)
        _settle(merge, person=person, absorbed=absorbed, now=now)
        consent.derive(supporter=person)
        consent.derive(supporter=absorbed)
        supporters_separated.send(sender=Merge, merge=merge, now=now)
        _note("separate_supporters", merge, by=by, now=now)


def _hold(*ids: UUID) -> None:
    """Lock the rows until we commit, always in the same order, and make sure that they are somebody."""
    for pk in sorted(ids):
        if not Supporter.objects.present().filter(pk=pk).update(agreed_to=F("agreed_to")):
            raise NotAsTheyWere


def _hold_person(absorbed: Supporter) -> Supporter:
    """Lock an absorbed record and the person it is now, in the order of `_hold`."""
    person_id = absorbed.merged_into_id
    if person_id is None:
        raise NotAsTheyWere
    still: dict[UUID, dict[str, Any]] = {
        absorbed.pk: {"merged_into": person_id},
        person_id: {"merged_into": None},
    }
    for pk in sorted(still):
        there = Supporter.objects.filter(pk=pk, anonymized_at__isnull=True, **still[pk])
        if not there.update(agreed_to=F("agreed_to")):
            raise NotAsTheyWere
    return Supporter.objects.select_related("organization").get(pk=person_id)


def _tags_to_give(survivor: Supporter, absorbed: Supporter) -> QuerySet[Tag]:
    return Tag.objects.filter(taggings__supporter=absorbed).exclude(taggings__supporter=survivor)


def _give_tags(survivor: Supporter, absorbed: Supporter, *, now: datetime) -> list[str]:
    tags = list(_tags_to_give(survivor, absorbed))
    Tagging.objects.bulk_create(
        [Tagging(tag=tag, supporter=survivor, tagged_at=now) for tag in tags], ignore_conflicts=True
    )
    return [str(tag.pk) for tag in tags]


def _settle(merge: Merge, *, person: Supporter, absorbed: Supporter, now: datetime) -> None:
    """Write the answers that follow from not knowing who said what while the two were one.

    Lines since then are told by their ids, which are made in the order of time (RFC 9562).
    """
    ledger = consent.ledger_of(person)
    since = [line for line in ledger if line.pk > merge.pk]
    before = _last_of(line for line in ledger if line.pk <= merge.pk)
    theirs = consent.present_answers(absorbed)
    lines = []
    for question, last in _last_of(since).items():
        if last.granted and not (question in before and before[question].granted):
            lines.append(_no(person, question, now=now))
        if question in theirs and theirs[question].granted and _was_refused(since, question):
            lines.append(_no(absorbed, question, now=now))
    consent.append(lines)


def _question_of(line: ConsentRecord) -> Question:
    return line.purpose, line.channel, line.partner


def _last_of(lines: Iterable[ConsentRecord]) -> dict[Question, ConsentRecord]:
    """The last of `lines`, which come newest first, for each question."""
    last: dict[Question, ConsentRecord] = {}
    for line in lines:
        last.setdefault(_question_of(line), line)
    return last


def _was_refused(lines: Sequence[ConsentRecord], question: Question) -> bool:
    return any(_question_of(line) == question and not line.granted for line in lines)


def _no(supporter: Supporter, question: Question, *, now: datetime) -> ConsentRecord:
    purpose, channel, partner = question
    return consent.line(
        supporter=supporter,
        purpose=purpose,
        channel=channel,
        partner=partner,
        granted=False,
        origin=Origin.UNDONE,
        source="a merge that was undone",
        now=now,
    )


def _note(verb: str, merge: Merge, *, by: User | None, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=merge.survivor,
        by=by,
        organization=merge.organization,
        now=now,
        details={"absorbed": str(merge.absorbed_id)},
    )
