"""take(): the one way an action comes into being."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from amparo.actions import trends
from amparo.actions.models import Action, ActionPage, Confirmation, Message, MessageEvent
from amparo.kit import proof_of_work
from amparo.kit.group_commit import commit_together
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.mailings import posting
from amparo.organizations import limits
from amparo.supporters import suppression
from amparo.supporters.identity import find_or_create, installation_mark_of
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.organizations.models import Organization


#: Who confirmed within this time is known: up to five mails a day instead of one (design §6).
KNOWN_FOR = timedelta(days=90)
#: The mail about what came without a proof of work waits this long, so that a flood never overtakes people.
WITHOUT_PROOF = timedelta(seconds=60)
CONFIRM = "confirm_action"


class PageClosed(Refusal):
    """Raised with the words of the page's kind, as is the other."""

    sentence = _("This action is over. Nothing was sent or stored.")


class TooManyFromNetwork(Refusal):
    sentence = _(
        "Many forms have come from your network in the last hour. Please try again in an hour; nothing was stored."
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Who is taking part, as they typed it."""

    email: str
    given_name: str = ""
    family_name: str = ""
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
    """Everything one form brings: who, what, and the form's own key. Most deeds are no letter."""

    key: UUID
    person: Person
    consents: Mapping[UUID, bool]
    source: str
    letters: Sequence[Letter] = ()
    own_words: int | None = None
    #: What the kind of page stores with the action, in its transaction.
    beside: Callable[[Action], None] | None = None
    proved: bool = False
    is_test: bool = False
    #: By which means the link came that was followed here (`attribution`).
    via: str = ""
    #: Whether it came by the link in a mail to this very person, which shows what a confirmation would
    #: (`known_readers`). `beside` confirms it; no mail asks for more.
    known: bool = False


def take(*, page: ActionPage, deed: Deed, now: datetime) -> None:
    """Store the action, its letters, the answers about consent and the confirmation mail, all or nothing.

    Returns only after the commit, so that 2xx means stored. The answer is the same for a new, a known and a repeated
    address, and a form that comes twice makes one action. Raises `PageClosed`.
    """
    if not page.takes_actions(now=now):
        raise PageClosed(page.words().closed)
    commit_together(partial(_store, page=page, deed=deed, now=now))


def take_from_stranger(
    *, page: ActionPage, deed: Deed, network: str, proof: str, trapped: bool, now: datetime
) -> None:
    """Take what came in at the public door, as far as the caps there allow.

    The counts and the deed are one transaction: a form waits for the disk once, and one that could not be stored has
    used up nothing. A robot that was `trapped`, and an address beyond its cap, are told nothing: their deeds are not
    stored and nothing is raised. Raises `PageClosed` and `TooManyFromNetwork`.
    """
    if not page.takes_actions(now=now):
        raise PageClosed(page.words().closed)
    # Checking takes a quarter of a millisecond of arithmetic, which nobody else's transaction should wait for.
    challenge = proof_of_work.check(proof, now=now)
    admit = partial(
        _admit, page=page, deed=deed, network=network, challenge=challenge, trapped=trapped, now=now
    )
    if not commit_together(admit):
        raise TooManyFromNetwork(page.words().too_many)


def _admit(
    *, page: ActionPage, deed: Deed, network: str, challenge: str | None, trapped: bool, now: datetime
) -> bool:
    """Count and store; False when the network is over its cap. Locks are taken in this order everywhere.

    A form that was stored already uses up nothing and is never told that it was not.
    """
    if _is_stored(deed):
        return True

    def store(proved: bool) -> None:
        _store_new(page=page, deed=replace(deed, proved=proved), now=now)
        trends.note_network(organization=page.organization, network=network, now=now)

    return admit_stranger(
        email=deed.person.email, network=network, challenge=challenge, trapped=trapped, store=store, now=now
    )


def admit_stranger(
    *,
    email: str,
    network: str,
    challenge: str | None,
    trapped: bool,
    store: Callable[[bool], None],
    now: datetime,
) -> bool:
    """Count what came in at a public door, and `store` it, told whether a proof of work came with it.

    False when the network is over its cap. A robot, and an address over its cap, are told nothing.
    """
    proved = challenge is not None and limits.spend_challenge(challenge, now=now)
    cap = limits.FROM_ONE_NETWORK if proved else limits.WITHOUT_PROOF
    if not limits.allow(cap, value=network, now=now):
        return False
    if not trapped and limits.allow(limits.FOR_ONE_ADDRESS, value=email, now=now):
        store(proved)
    return True


def _is_stored(deed: Deed) -> bool:
    return Action.objects.filter(key=deed.key).exists()


def _store(*, page: ActionPage, deed: Deed, now: datetime) -> None:
    if not _is_stored(deed):
        _store_new(page=page, deed=deed, now=now)


def _store_new(*, page: ActionPage, deed: Deed, now: datetime) -> None:
    action = _store_action(page=page, deed=deed, now=now)
    if action is None:
        return
    if deed.letters:
        _store_letters(action=action, deed=deed, now=now)
    if deed.beside is not None:
        deed.beside(action)
    email = deed.person.email
    if not deed.known and may_be_asked(action.supporter, email=email, only_to_write=page.only_asks_to_write):
        assert action.confirmation is not None
        ask_to_confirm(
            confirmation=action.confirmation,
            organization=action.organization,
            email=email,
            language=deed.person.language,
            proved=deed.proved,
            now=now,
        )


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
        confirmation=None if deed.known else open_confirmation(email=person.email, now=now),
        key=deed.key,
        given_name=person.given_name,
        family_name=person.family_name,
        language=person.language,
        area=person.area,
        own_words=deed.own_words,
        proved=deed.proved,
        consent_answers={str(pk): granted for pk, granted in deed.consents.items()},
        source=deed.source[:200],
        via=deed.via,
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


def open_confirmation(*, email: str, now: datetime) -> Confirmation:
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


def ask_to_confirm(
    *,
    confirmation: Confirmation,
    organization: Organization,
    email: str,
    language: str,
    proved: bool,
    now: datetime,
) -> None:
    """Queue the mail with the link, unless this address had its share today; what waits then joins the same link."""
    mark = bytes(confirmation.address_mark)
    known = Confirmation.objects.filter(address_mark=mark, used_at__gte=now - KNOWN_FOR).exists()
    ordinal = posting.allow_confirmation_mail(address_mark=mark, known=known, now=now)
    if ordinal is None:
        return
    posting.post_notice(
        organization=organization,
        kind=CONFIRM,
        subject_id=confirmation.pk,
        ordinal=now.date().toordinal() * 10 + ordinal,
        recipient=email,
        language=language,
        urgency=1 if proved else 3,
        not_before=now if proved else now + WITHOUT_PROOF,
        to_stranger=not known,
        now=now,
    )


def may_be_asked(supporter: Supporter, *, email: str, only_to_write: bool) -> bool:
    """Whether the mail with the link may go there; the page says the same either way, and what was done waits.

    Never to who complained, and where the law or the whole installation forbids it. A mail that asks for nothing but
    leave to write goes to fewer: who left, and whose mailbox did not work, may come back by their own hand; who was
    suppressed for another reason is left alone.
    """
    if supporter.unreachable == Supporter.Unreachable.NO and supporter.email == email:
        return True  # their row follows the list, and spares the busiest place two questions
    if suppression.is_not_even_asked(organization=supporter.organization, email=email):
        return False
    found = suppression.in_force(organization=supporter.organization, email=email)
    return not only_to_write or all(row.reason in suppression.ENDED_BY_A_YES for row in found)
