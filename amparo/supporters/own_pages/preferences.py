"""What supporters see and change about themselves: what they agreed to, how often, a pause, their name.

Answers go to the ledger, everything else to the audit trail, by name of field and never by value. Doing anything twice
is the same as doing it once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.refusal import Refusal
from amparo.supporters import consent, moving_house, suppression, wordings
from amparo.supporters.identity import phone_fingerprint_of
from amparo.supporters.linking import PersonGone
from amparo.supporters.models import (
    Channel,
    ConsentWording,
    Origin,
    Purpose,
    Supporter,
    Suppression,
)
from amparo.supporters.models.suppression import OWN_LINK, OWN_PAGE
from amparo.supporters.signals import everything_stopped

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.organizations.models import Organization
    from amparo.supporters.models import ConsentRecord

#: How long a pause lasts: "a month".
PAUSE = timedelta(days=30)
#: The page as the ledger names it; the link itself is nobody's business.
SOURCE = OWN_PAGE
UNSUBSCRIBE_SOURCE = OWN_LINK
REPLY_SOURCE = "text message"


class NotAsked(Refusal):
    sentence = _("This question is not asked any more. Please look at the list again.")


class NoNumber(Refusal):
    sentence = _("We do not know your telephone number yet. Please write it under “Who you are to us” first.")


# --- Reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """One thing an organization may write for, with what this person answered last, to which words, and when."""

    purpose: Purpose
    channel: Channel
    partner: str
    offered: ConsentWording | None
    last: ConsentRecord | None

    @property
    def slug(self) -> str:
        """What a form names it by."""
        mark = f"-{hashlib.sha256(self.partner.encode()).hexdigest()[:8]}" if self.partner else ""
        return f"{self.purpose.value}-{self.channel.value}{mark}"

    @property
    def granted(self) -> bool:
        return self.last is not None and self.last.granted

    @property
    def wording(self) -> ConsentWording | None:
        """The words agreed to, as long as the answer is yes; otherwise the words that would be agreed to now."""
        if self.granted and self.last is not None and self.last.wording is not None:
            return self.last.wording
        return self.offered


def questions_of(supporter: Supporter, *, language: str) -> list[Question]:
    """What this person is or was asked: all that is asked today, and whatever they still agree to."""
    answers = consent.present_answers(supporter)
    offered = {
        (wording.purpose, wording.channel, wording.partner): wording
        for wording in wordings.questions(organization=supporter.organization, language=language)
    }
    agreed = [key for key, last in answers.items() if last.granted and key[0] != Purpose.DISCLOSURE]
    return [
        Question(Purpose(key[0]), Channel(key[1]), key[2], offered.get(key), answers.get(key))
        for key in sorted({*offered, *agreed}, key=_in_order)
    ]


def _in_order(key: tuple[str, str, str]) -> tuple[int, int, str]:
    return Purpose.values.index(key[0]), Channel.values.index(key[1]), key[2]


def is_paused(supporter: Supporter, *, now: datetime) -> bool:
    """Whether they asked to be left in peace, and that time is not over."""
    return supporter.paused_until is not None and supporter.paused_until > now


# --- Answers --------------------------------------------------------------------------------------


def give(*, supporter: Supporter, slug: str, language: str, now: datetime) -> None:
    """A yes to the words that are asked today. It ends an earlier "unsubscribe me from everything"."""
    with transaction.atomic():
        _hold(supporter)
        question = _question(supporter, slug=slug, language=language)
        if question.offered is None:
            raise NotAsked
        if question.channel == Channel.SMS and not supporter.phone:
            raise NoNumber
        if not question.granted:
            consent.record(
                supporter=supporter,
                answers={question.offered.pk: True},
                source=SOURCE,
                origin=Origin.PREFERENCES,
                now=now,
            )
        if question.channel == Channel.EMAIL:
            _end_own_suppression(supporter, now=now)


def take_back(*, supporter: Supporter, slug: str, language: str, now: datetime) -> None:
    """A no, which holds from now on."""
    with transaction.atomic():
        _hold(supporter)
        question = _question(supporter, slug=slug, language=language)
        if question.granted:
            _append_no(supporter, question, origin=Origin.PREFERENCES, now=now)


def unsubscribe(*, supporter: Supporter, now: datetime) -> None:
    """The button of a mail program: no more news by e-mail (RFC 8058)."""
    with transaction.atomic():
        _hold(supporter)
        last = consent.present_answers(supporter).get((Purpose.NEWS, Channel.EMAIL, ""))
        if last is None or last.granted:
            consent.withdraw(
                supporter=supporter,
                questions=[(Purpose.NEWS, Channel.EMAIL)],
                origin=Origin.ONE_CLICK,
                source=UNSUBSCRIBE_SOURCE,
                now=now,
            )


def stop_texts(*, organization: Organization, phone: str, now: datetime) -> int:
    """STOP as an answer: no more text messages to whoever has this number; how many people had said yes to some.

    The number is given in E.164. A second STOP changes nothing, and neither does one from a number that nobody has.
    """
    mark = phone_fingerprint_of(phone, organization=organization)
    known = Supporter.objects.for_organization(organization).filter(phone_fingerprint=mark)
    people = {person.person_id for person in known}
    return _end_texts(people, origin=Origin.REPLY, source=REPLY_SOURCE, now=now)


def unsubscribe_from_texts(*, supporter: Supporter, now: datetime) -> None:
    """The link in a text message: no more of them, nor to anybody else to whom that telephone belongs."""
    people = {supporter.person_id}
    if supporter.phone_fingerprint:
        same = Supporter.objects.for_organization(supporter.organization).filter(
            phone_fingerprint=supporter.phone_fingerprint
        )
        people |= {person.person_id for person in same}
    _end_texts(people, origin=Origin.PREFERENCES, source=UNSUBSCRIBE_SOURCE, now=now)


def _end_texts(people: set[UUID], *, origin: Origin, source: str, now: datetime) -> int:
    """A no to every text message, of these; how many had said yes to some."""
    stopped = 0
    with transaction.atomic():
        for person in Supporter.objects.present().filter(pk__in=people).order_by("pk"):
            _hold(person)
            agreed = [
                (purpose, channel)
                for (purpose, channel, partner), last in consent.present_answers(person).items()
                if channel == Channel.SMS and not partner and last.granted
            ]
            consent.withdraw(supporter=person, questions=agreed, origin=origin, source=source, now=now)
            stopped += bool(agreed)
    return stopped


def stop_everything(*, supporter: Supporter, origin: Origin, now: datetime) -> None:
    """No to everything they ever said yes to, and the address on the list of those never to be written to."""
    source = SOURCE if origin == Origin.PREFERENCES else UNSUBSCRIBE_SOURCE
    with transaction.atomic():
        _hold(supporter)
        for question in questions_of(supporter, language=supporter.language):
            if question.granted:
                _append_no(supporter, question, origin=origin, now=now)
        if supporter.email:
            suppression.suppress(
                organization=supporter.organization,
                email=supporter.email,
                reason=Suppression.Reason.UNSUBSCRIBED,
                source=source,
                now=now,
            )
        everything_stopped.send(sender=Supporter, supporter=supporter, now=now)


def stopped_everything(supporter: Supporter) -> bool:
    """Whether that is how things stand."""
    return bool(supporter.email) and any(
        row.reason == Suppression.Reason.UNSUBSCRIBED
        for row in suppression.in_force(organization=supporter.organization, email=supporter.email or "")
    )


def _question(supporter: Supporter, *, slug: str, language: str) -> Question:
    for question in questions_of(supporter, language=language):
        if question.slug == slug:
            return question
    raise NotAsked


def _append_no(supporter: Supporter, question: Question, *, origin: Origin, now: datetime) -> None:
    consent.append(
        [
            consent.line(
                supporter=supporter,
                purpose=question.purpose,
                channel=question.channel,
                partner=question.partner,
                granted=False,
                wording=question.last.wording if question.last else None,
                origin=origin,
                source=SOURCE if origin == Origin.PREFERENCES else UNSUBSCRIBE_SOURCE,
                now=now,
            )
        ]
    )


def _end_own_suppression(supporter: Supporter, *, now: datetime) -> None:
    """End what they asked for themselves. That their address works again is shown by a confirmed deed alone."""
    reasons = [Suppression.Reason.UNSUBSCRIBED]
    if supporter.confirmed_at is not None:
        # Somebody who was erased and came back: the link to this page went to the very address that they confirmed.
        reasons.append(Suppression.Reason.ERASED)
    if supporter.email:
        suppression.lift_own(
            organization=supporter.organization,
            email=supporter.email,
            because="agreed again on their own page",
            reasons=reasons,
            now=now,
        )


# --- How often, and a pause -----------------------------------------------------------------------


def set_frequency(*, supporter: Supporter, frequency: Supporter.Frequency, now: datetime) -> None:
    """How often news may come."""
    with transaction.atomic():
        other = Supporter.objects.filter(pk=supporter.pk, anonymized_at__isnull=True).exclude(
            frequency=frequency
        )
        if other.update(frequency=frequency):
            _note(supporter, "set_own_frequency", now=now, details={"frequency": str(frequency)})


def pause(*, supporter: Supporter, now: datetime) -> None:
    """No news for a month. Somebody who is pausing already goes on pausing as long as they were."""
    with transaction.atomic():
        awake = Supporter.objects.filter(pk=supporter.pk, anonymized_at__isnull=True).awake(now=now)
        if awake.update(paused_until=now + PAUSE):
            _note(supporter, "pause_own_mail", now=now)


def end_pause(*, supporter: Supporter, now: datetime) -> None:
    """News again, as before."""
    with transaction.atomic():
        paused = Supporter.objects.filter(pk=supporter.pk, paused_until__isnull=False)
        if paused.update(paused_until=None):
            _note(supporter, "end_own_pause", now=now)


# --- Name, telephone, language, postal code ------------------------------------------------------------------


def change_details(
    *,
    supporter: Supporter,
    given_name: str,
    family_name: str,
    phone: str,
    postal_code: str,
    language: str,
    now: datetime,
) -> None:
    """Write what they corrected. Where another postal code lies is found anew, as far as it is certain."""
    wanted = {
        "given_name": given_name or None,
        "family_name": family_name or None,
        "phone": phone or None,
        "postal_code": postal_code or None,
        "language": language,
    }
    with transaction.atomic():
        _hold(supporter)
        held = Supporter.objects.select_related("organization").get(pk=supporter.pk)
        changed = sorted(name for name, value in wanted.items() if getattr(held, name) != value)
        if not changed:
            return
        for name in changed:
            setattr(held, name, wanted[name])
        if "postal_code" in changed:
            moving_house.find_area(held, now=now)
        if "phone" in changed:
            held.phone_fingerprint = (
                phone_fingerprint_of(phone, organization=held.organization) if phone else None
            )
        held.save(update_fields=[*changed, "area", "phone_fingerprint"])
        _note(supporter, "change_own_details", now=now, details={"fields": changed})


def _hold(supporter: Supporter) -> None:
    """Make others who change the same person wait until this is done. Raises `PersonGone`."""
    here = Supporter.objects.filter(pk=supporter.pk).filter(
        Q(anonymized_at__isnull=True, merged_into__isnull=True)
    )
    if not here.update(agreed_to=F("agreed_to")):
        raise PersonGone


def _note(
    supporter: Supporter, verb: str, *, now: datetime, details: dict[str, object] | None = None
) -> None:
    audit.record(
        verb=verb,
        subject=supporter,
        by=None,
        organization=supporter.organization,
        now=now,
        details=details,
    )
