"""take(): the one way an action comes into being."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from amparo.actions.models import Action, ActionPage, Confirmation, Message, MessageEvent
from amparo.kit import proof_of_work
from amparo.kit.group_commit import commit_together
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.mailings import posting
from amparo.organizations import limits
from amparo.supporters.identity import find_or_create, installation_mark_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

#: Who confirmed within this time is known: up to five mails a day instead of one (design §6).
KNOWN_FOR = timedelta(days=90)
#: A letter that came without a proof of work waits this long, so that a flood never overtakes people.
WITHOUT_PROOF = timedelta(seconds=60)
CONFIRM = "confirm_action"


class PageClosed(Refusal):
    sentence = _("This action is over: letters can no longer arrive in time. Nothing was sent or stored.")


class TooManyFromNetwork(Refusal):
    sentence = _(
        "Many letters have come from your network in the last hour. Please try again in an hour; nothing was sent."
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Who is writing, as they typed it."""

    given_name: str
    family_name: str
    email: str
    postal_code: str = ""
    postal_address: str = ""
    country: str = ""
    language: str = "en"
    area: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one target, as it was previewed."""

    target_key: str
    target_name: str
    target_label: str
    dataset_label: str
    evidence: str
    salutation: str
    subject: str
    body: str
    closing: str
    by_form: bool = False
    form_url: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Everything one form brings: who, what, and the form's own key."""

    key: UUID
    person: Person
    letters: Sequence[Letter]
    consents: Mapping[UUID, bool]
    own_words: int
    source: str
    proved: bool = False
    is_test: bool = False


def take(*, page: ActionPage, deed: Deed, now: datetime) -> None:
    """Store the action, its letters, the answers about consent and the confirmation mail, all or nothing.

    Returns only after the commit, so that 2xx means stored. The answer is the same for a new, a known and a repeated
    address, and a form that comes twice makes one action. Raises `PageClosed`.
    """
    if not page.takes_actions(now=now):
        raise PageClosed
    commit_together(partial(_store, page=page, deed=deed, now=now))


def take_from_stranger(
    *, page: ActionPage, deed: Deed, network: str, proof: str, trapped: bool, now: datetime
) -> None:
    """Take what came in at the public door, as far as the caps there allow.

    The counts and the letter are one transaction: a form waits for the disk once, and one that could not be stored has
    used up nothing. A robot that was `trapped`, and an address beyond its cap, are told nothing: their letters are not
    stored and nothing is raised. Raises `PageClosed` and `TooManyFromNetwork`.
    """
    if not page.takes_actions(now=now):
        raise PageClosed
    # Checking takes a quarter of a millisecond of arithmetic, which nobody else's transaction should wait for.
    challenge = proof_of_work.check(proof, now=now)
    admit = partial(
        _admit, page=page, deed=deed, network=network, challenge=challenge, trapped=trapped, now=now
    )
    if not commit_together(admit):
        raise TooManyFromNetwork


def _admit(
    *, page: ActionPage, deed: Deed, network: str, challenge: str | None, trapped: bool, now: datetime
) -> bool:
    """Count and store; False when the network is over its cap. Locks are taken in this order everywhere.

    A form that was stored already uses up nothing and is never told that it was not.
    """
    if Action.objects.filter(key=deed.key).exists():
        return True
    proved = challenge is not None and limits.spend_challenge(challenge, now=now)
    cap = limits.FROM_ONE_NETWORK if proved else limits.WITHOUT_PROOF
    if not limits.allow(cap, value=network, now=now):
        return False
    if not trapped and limits.allow(limits.FOR_ONE_ADDRESS, value=deed.person.email, now=now):
        _store(page=page, deed=replace(deed, proved=proved), now=now)
    return True


def _store(*, page: ActionPage, deed: Deed, now: datetime) -> None:
    if Action.objects.filter(key=deed.key).exists():
        return
    action = _store_action(page=page, deed=deed, now=now)
    if action is None:
        return
    _store_letters(action=action, deed=deed, now=now)
    _ask_to_confirm(action=action, deed=deed, now=now)


def _store_action(*, page: ActionPage, deed: Deed, now: datetime) -> Action | None:
    """The new row; None when the same form was stored by another request a moment ago."""
    person = deed.person
    supporter = find_or_create(
        organization=page.organization,
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        postal_code=person.postal_code,
        postal_address=person.postal_address,
        country=person.country,
        language=person.language,
        area=person.area,
        now=now,
    )
    action = Action(
        id=new_id(),
        organization=page.organization,
        page=page,
        supporter=supporter,
        confirmation=_open_confirmation(email=person.email, now=now),
        key=deed.key,
        given_name=person.given_name,
        family_name=person.family_name,
        language=person.language,
        area=person.area,
        own_words=deed.own_words,
        consent_answers={str(pk): granted for pk, granted in deed.consents.items()},
        source=deed.source[:200],
        is_test=deed.is_test,
        taken_at=now,
    )
    return action if insert_if_new(action) else None


def _store_letters(*, action: Action, deed: Deed, now: datetime) -> None:
    messages = [
        Message(
            id=new_id(),
            organization=action.organization,
            action=action,
            page=action.page,
            target_key=letter.target_key,
            target_name=letter.target_name,
            target_label=letter.target_label,
            dataset_label=letter.dataset_label,
            evidence=letter.evidence,
            language=action.language,
            salutation=None if letter.by_form else letter.salutation,
            subject=None if letter.by_form else letter.subject,
            body=None if letter.by_form else letter.body,
            closing=None if letter.by_form else letter.closing,
            form_url=letter.form_url,
            state=Message.State.PENDING,
            next_attempt_at=now,
            created_at=now,
        )
        for letter in deed.letters
    ]
    Message.objects.bulk_create(messages)
    MessageEvent.objects.bulk_create(
        MessageEvent(message_id=message.pk, state=message.state, recorded_at=now) for message in messages
    )


def _open_confirmation(*, email: str, now: datetime) -> Confirmation:
    """The open confirmation of this address, locked until we commit, so that it cannot close without our
    action in it.
    """
    mark = installation_mark_of(email)
    while True:
        fresh = Confirmation(id=new_id(), address_mark=mark, opened_at=now)
        if insert_if_new(fresh):
            return fresh
        still_open = Confirmation.objects.filter(address_mark=mark, closed_at__isnull=True)
        if still_open.update(opened_at=F("opened_at")):
            return still_open.get()


def _ask_to_confirm(*, action: Action, deed: Deed, now: datetime) -> None:
    """Queue the mail with the link, unless this address had its share today; the action then waits at the same link."""
    confirmation = action.confirmation
    assert confirmation is not None
    mark = bytes(confirmation.address_mark)
    known = Confirmation.objects.filter(address_mark=mark, used_at__gte=now - KNOWN_FOR).exists()
    at_most = posting.FOR_SOMEBODY_KNOWN if known else posting.FOR_A_STRANGER
    ordinal = posting.allow_confirmation_mail(address_mark=mark, at_most=at_most, now=now)
    if ordinal is None:
        return
    posting.post_notice(
        organization=action.organization,
        kind=CONFIRM,
        subject_id=confirmation.pk,
        ordinal=now.date().toordinal() * 10 + ordinal,
        recipient=deed.person.email,
        language=deed.person.language,
        urgency=1 if deed.proved else 3,
        not_before=now if deed.proved else now + WITHOUT_PROOF,
        now=now,
    )
