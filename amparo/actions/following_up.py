"""Two weeks after a letter: did they answer? Their word, one reminder, and peace for whoever wants no question.

The question is about their own letter and is asked once for each action, by mail, with plain links. Whoever said once
that they do not want to be asked is never asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.actions.campaigns import siding
from amparo.actions.confirming import DELIVERY, LinkExpired
from amparo.actions.models import Action, Answer, Message, MessageEvent, NoQuestions
from amparo.actions.taking import KNOWN_FOR
from amparo.actions.writing import greeting
from amparo.kit import bell, tokens
from amparo.kit.group_commit import commit_together
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal
from amparo.mailings.posting import post_notice
from amparo.supporters import suppression
from amparo.targets import finding

if TYPE_CHECKING:
    from amparo.supporters.models import Supporter
    from amparo.targets.finding import Target

#: WriteToThem asks 14 days after a letter was sent.
ASKED_AFTER = timedelta(days=14)
#: After this its words are erased (`erasing.TEXTS_KEPT`), and nobody remembers which letter it was.
ASKED_UNTIL = timedelta(days=28)
QUESTION = "did_they_answer"
PURPOSE = "answer"


class RemindedAlready(Refusal):
    sentence = gettext_lazy("You have reminded them of this letter already. Once is enough; thank you.")


class NoReminder(Refusal):
    sentence = gettext_lazy("They cannot be reminded of this letter from here any more.")


class AgreedAlready(Refusal):
    sentence = gettext_lazy("They support this already, so there is nothing to remind them of.")


@dataclass(frozen=True, slots=True)
class Told:
    """What a supporter says came of a letter; `agreed_words` is the question to show the text, where they agreed."""

    kind: str
    summary: str = ""
    text: str = ""
    answered_on: date | None = None
    agreed_words: str = ""


# --- Asking -------------------------------------------------------------------------------------------------------


def to_ask_about(*, now: datetime) -> QuerySet[Message]:
    """Letters that arrived two weeks ago and that nobody was asked about. A reminder is not asked about again."""
    return Message.objects.filter(
        state__in=Message.ARRIVED,
        asked_at__isnull=True,
        chases__isnull=True,
        sent_at__lte=now - ASKED_AFTER,
        sent_at__gt=now - ASKED_UNTIL,
        organization__sending_paused_at__isnull=True,
    )


def actions_to_ask(*, limit: int, now: datetime) -> Sequence[UUID]:
    """The actions whose letters are to be asked about, the longest waiting first."""
    waiting = to_ask_about(now=now).order_by("sent_at").values_list("action_id", flat=True)
    return list(dict.fromkeys(waiting[: limit * 3]))[:limit]


def ask(*, action_id: UUID, now: datetime) -> bool:
    """Queue the one mail that asks about all letters of an action; True when this call did, or let it be for good."""
    with transaction.atomic():
        arrived = Message.objects.filter(
            action=action_id, state__in=Message.ARRIVED, asked_at__isnull=True, chases__isnull=True
        )
        if not arrived.update(asked_at=now):
            return False
        action = Action.objects.select_related("organization", "supporter").get(pk=action_id)
        if wants_to_be_asked(action.supporter) and not action.is_test:
            post_notice(
                organization=action.organization,
                kind=QUESTION,
                subject_id=action.pk,
                recipient=action.supporter.email or "",
                language=action.language,
                now=now,
            )
    return True


def wants_to_be_asked(supporter: Supporter) -> bool:
    """Not somebody who is gone, whose address is shut, or who asked to be left alone about their letters."""
    if supporter.anonymized_at is not None or not supporter.email or supporter.unreachable:
        return False
    if NoQuestions.objects.filter(supporter=supporter).exists():
        return False
    return not suppression.is_suppressed(organization=supporter.organization, email=supporter.email)


# --- Answering ----------------------------------------------------------------------------------------------------


def link_for(message_id: UUID) -> str:
    """The token of the page on which one letter's answer is recorded; made again at any time, stored nowhere."""
    return tokens.make(PURPOSE, message_id)


def letter_behind(*, token: str) -> Message:
    """The letter that a link asks about. Raises `LinkExpired`, for an unknown or altered link and for one long past."""
    try:
        pk = tokens.read(PURPOSE, token)
    except tokens.BrokenLink:
        raise LinkExpired from None
    found = (
        Message.objects.select_related("organization", "page", "action__supporter")
        .filter(pk=pk, state__in=Message.ARRIVED, action__supporter__anonymized_at__isnull=True)
        .first()
    )
    if found is None:
        raise LinkExpired
    return found


def record(*, message: Message, told: Told, now: datetime) -> Answer:
    """Keep what the supporter says; their last word counts. What is left empty leaves what was said earlier as it is.

    Another text, or a yes that was taken back, is off the page at once: staff have not seen this one.
    """
    with transaction.atomic():
        # The letter's row is the lock: two answers at once queue here, and the last one stands.
        Message.objects.filter(pk=message.pk).update(asked_at=now)
        answer = Answer.objects.select_for_update().filter(message=message).first() or Answer(
            id=new_id(), organization=message.organization, message=message
        )
        answer.kind, answer.recorded_at = told.kind, now
        answer.summary = told.summary.strip() or answer.summary
        answer.answered_on = told.answered_on or answer.answered_on
        words = told.agreed_words
        if told.text.strip() and told.text.strip() != answer.text:
            answer.text, answer.looked_at, answer.shows_text = told.text.strip(), None, False
        answer.agreed_words, answer.agreed_at = words, now if words else None
        if not words:
            answer.shows_text = False
        if told.kind != Answer.Kind.YES:
            answer.is_shown = answer.shows_text = False
        answer.save()
        transaction.on_commit(note_publication)
    return answer


def stop_asking(*, supporter: Supporter, now: datetime) -> None:
    """Never ask this person again what came of a letter."""
    NoQuestions.objects.get_or_create(supporter=supporter, defaults={"recorded_at": now})


# --- Reminding ----------------------------------------------------------------------------------------------------


def reminder(*, message: Message, now: datetime) -> Message:
    """The letter that reminds of one, as it would leave; not stored. Raises `RemindedAlready` and `NoReminder`.

    It stands on the confirmation of the first one, as long as the address counts as known (design §6.4). Whoever came
    to agree meanwhile is not pressed: `AgreedAlready`.
    """
    if Message.objects.filter(chases=message).exists():
        raise RemindedAlready
    confirmed = message.action.confirmed_at
    said = Answer.objects.filter(message=message).first()
    if (
        message.chases_id is not None
        or message.erased_at is not None
        or message.sent_at is None
        or confirmed is None
        or confirmed < now - KNOWN_FOR
        or (said is not None and said.kind == Answer.Kind.YES)
        or not message.page.takes_actions(now=now)
    ):
        raise NoReminder
    target = finding.target_by_key(message.target_key, organization=message.organization, now=now)
    if target is None or target.channel != "email":
        raise NoReminder
    if siding.agreed(page=message.page, targets=[target]):
        raise AgreedAlready
    return _written(message, target, now=now)


def _written(first: Message, target: Target, *, now: datetime) -> Message:
    with translation.override(first.language):
        assert first.sent_at is not None
        day = date_format(first.sent_at, _("j F Y"))
        subject = first.subject or ""
        body = _(
            "On %(day)s I wrote to you; the subject was “%(subject)s”. I have had no answer yet, and should be glad of"
            " one. This is what I wrote:"
        ) % {"day": day, "subject": subject}
        quoted = "\n".join(f"> {line}".rstrip() for line in (first.body or "").strip().splitlines())
        heading = _("Reminder: %(subject)s") % {"subject": subject}
    return Message(
        id=new_id(),
        organization=first.organization,
        action=first.action,
        page=first.page,
        target_key=first.target_key,
        target_name=target.holder,
        target_label=target.label,
        dataset_label=target.dataset,
        evidence=first.evidence,
        language=first.language,
        salutation=greeting(target, language=first.language),
        subject=heading,
        body=f"{body}\n\n{quoted}",
        closing=first.closing,
        state=Message.State.QUEUED,
        chases=first,
        next_attempt_at=now,
        created_at=now,
    )


def remind(*, message: Message, now: datetime) -> Message:
    """Queue the reminder, once for each letter, however often the button is pressed. Raises as `reminder` does."""
    letter = reminder(message=message, now=now)
    if not commit_together(partial(_store, letter, now=now)):
        raise RemindedAlready
    return letter


def _store(letter: Message, *, now: datetime) -> bool:
    with transaction.atomic():
        if not insert_if_new(letter):
            return False
        MessageEvent.objects.create(message_id=letter.pk, state=letter.state, recorded_at=now)
        transaction.on_commit(partial(bell.ring, DELIVERY))
    return True
