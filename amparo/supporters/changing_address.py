"""Another e-mail address: wished for on one's own page, and true once confirmed from the new mailbox.

Whether the new address belongs to somebody is not asked before that, so nobody can find out by trying. The mails are
written a floor above, which hears `address_change_requested`: one to the new address with a link, one to the old with a
way to stop it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import addresses, tokens
from amparo.kit.claims import transition
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.kit.throttle import Limit
from amparo.organizations import limits
from amparo.supporters import suppression
from amparo.supporters.identity import fingerprint_of
from amparo.supporters.models import AddressChange, OtherAddress, Supporter, Suppression
from amparo.supporters.signals import address_change_requested

if TYPE_CHECKING:
    from datetime import datetime

PURPOSE = "address-change"
#: As long as the link that confirms a letter.
LINK_LASTS = timedelta(days=7)
#: New addresses that one person may try in a day: each is sent a mail.
TRIES = Limit("address-changes", count=5, seconds=86400)


class SameAddress(Refusal):
    sentence = _("That is the address we have already.")


class TooManyTries(Refusal):
    sentence = _("You have asked for several new addresses today. Please try again tomorrow.")


class ChangeExpired(Refusal):
    sentence = _("This link is too old, or was taken back. You can ask for the change again on your page.")


class AddressTaken(Refusal):
    """Said only to somebody who has just shown that the mailbox is theirs."""

    sentence = _(
        "We already hold another record with this address, so we could not put it into yours. Please write to us, and"
        " we join the two."
    )


def token_for(change: AddressChange) -> str:
    """The token of the link that goes to the new address."""
    return tokens.make(PURPOSE, change.pk)


def open_change_of(supporter: Supporter, *, now: datetime) -> AddressChange | None:
    """The change that waits to be confirmed, if one does."""
    waiting = AddressChange.objects.for_organization(supporter.organization).waiting(now=now)
    return waiting.filter(supporter=supporter).first()


def request_change(*, supporter: Supporter, email: str, now: datetime) -> None:
    """Note the wish and let both mailboxes be written to; the same wish twice is one. Raises `Refusal`."""
    wanted = addresses.parse(email)
    if supporter.email and addresses.canonical(wanted) == addresses.canonical(supporter.email):
        raise SameAddress
    with transaction.atomic():
        waiting = open_change_of(supporter, now=now)
        if waiting is not None and waiting.email == wanted:
            return
        if not limits.allow(TRIES, value=str(supporter.pk), now=now):
            raise TooManyTries
        _close(supporter, now=now)
        change = AddressChange(
            id=new_id(),
            organization=supporter.organization,
            supporter=supporter,
            email=wanted,
            requested_at=now,
            expires_at=now + LINK_LASTS,
        )
        if insert_if_new(change):
            _note(supporter, "ask_for_other_address", now=now)
            address_change_requested.send(sender=AddressChange, change=change, now=now)


def take_back(*, supporter: Supporter, now: datetime) -> None:
    """Leave the address as it is."""
    with transaction.atomic():
        if _close(supporter, now=now):
            _note(supporter, "stop_change_of_address", now=now)


def look_up(*, token: str, now: datetime) -> AddressChange:
    """The change behind a link, waiting or just done. Raises `ChangeExpired` for any other, unknown ones alike."""
    try:
        pk = tokens.read(PURPOSE, token)
    except tokens.BrokenLink:
        raise ChangeExpired from None
    change = AddressChange.objects.select_related("supporter__organization").filter(pk=pk).first()
    if change is None or change.supporter.anonymized_at or change.supporter.merged_into_id:
        raise ChangeExpired
    if change.confirmed_at is None and (change.closed_at or change.expires_at <= now):
        raise ChangeExpired
    return change


def confirm(*, token: str, now: datetime) -> AddressChange:
    """Write the new address, and keep the old one as a further one. Pressing twice is pressing once."""
    change = look_up(token=token, now=now)
    if change.confirmed_at is None and change.email:
        try:
            with transaction.atomic():
                _confirm(change, email=change.email, now=now)
        except IntegrityError:
            raise AddressTaken from None
    return change


def _confirm(change: AddressChange, *, email: str, now: datetime) -> None:
    waiting = AddressChange.objects.waiting(now=now).filter(pk=change.pk)
    if not transition(waiting, values={"confirmed_at": now, "closed_at": now, "email": None}):
        return
    supporter = (
        Supporter.objects.select_related("organization")
        .select_for_update(of=("self",))
        .get(pk=change.supporter_id)
    )
    organization = supporter.organization
    fingerprint = fingerprint_of(email, organization=organization)
    others = OtherAddress.objects.for_organization(organization)
    if others.filter(fingerprint=fingerprint).exclude(supporter=supporter).exists():
        raise AddressTaken
    others.filter(fingerprint=fingerprint).delete()
    _keep_as_other(supporter, now=now)
    if supporter.email and _unsubscribed(supporter):
        suppression.suppress(
            organization=organization,
            email=email,
            reason=Suppression.Reason.UNSUBSCRIBED,
            source="/me/",
            now=now,
        )
    supporter.email = email
    supporter.email_fingerprint = fingerprint
    supporter.unreachable = suppression.state_of(organization=organization, email=email)
    supporter.confirmed_at = now
    # A record of somebody else's with this address makes this fail, and all of it is undone.
    supporter.save(update_fields=["email", "email_fingerprint", "unreachable", "confirmed_at"])
    _note(supporter, "change_own_address", now=now)


def _keep_as_other(supporter: Supporter, *, now: datetime) -> None:
    """Whoever acts with the old address is still recognised."""
    if supporter.email and supporter.email_fingerprint:
        insert_if_new(
            OtherAddress(
                id=new_id(),
                organization=supporter.organization,
                supporter=supporter,
                email=supporter.email,
                fingerprint=supporter.email_fingerprint,
                confirmed_at=supporter.confirmed_at,
                added_at=now,
            )
        )


def _unsubscribed(supporter: Supporter) -> bool:
    found = suppression.in_force(organization=supporter.organization, email=supporter.email or "")
    return any(row.reason == Suppression.Reason.UNSUBSCRIBED for row in found)


def _close(supporter: Supporter, *, now: datetime) -> int:
    mine = AddressChange.objects.for_organization(supporter.organization).filter(supporter=supporter)
    return mine.filter(closed_at__isnull=True).update(closed_at=now, email=None)


def forget_old(*, now: datetime) -> int:
    """Remove new addresses that were never confirmed; how many."""
    over = AddressChange.objects.filter(closed_at__isnull=True, expires_at__lte=now)
    return over.update(closed_at=now, email=None)


def _note(supporter: Supporter, verb: str, *, now: datetime) -> None:
    audit.record(verb=verb, subject=supporter, by=None, organization=supporter.organization, now=now)
