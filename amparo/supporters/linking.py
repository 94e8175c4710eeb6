"""Links to a supporter's own page: made, read, and sent again to whoever lost theirs.

A link names a row and proves that we wrote it (`kit/tokens.py`). It is stored nowhere and needs no password: whoever
has it reads the mailbox it was sent to. Asking for a lost one does the same work for every address, so that neither the
answer nor the time it takes tells who is known; whose address it is, is looked up in the background.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from amparo.content.own_address import address_of
from amparo.kit import bell, proof_of_work, tokens
from amparo.kit.claims import transition
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.kit.throttle import Limit
from amparo.organizations import limits
from amparo.supporters import consent, suppression
from amparo.supporters.identity import find, installation_mark_of
from amparo.supporters.models import LinkRequest, Supporter, Suppression
from amparo.supporters.signals import link_requested

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization

#: What links are for: the page of one's own, and the button that ends mail.
ME = "me"
UNSUBSCRIBE = "unsubscribe"
#: Stands behind the question mark of that button's address in a text message, which ends texts.
OF_TEXTS = "texts"
LINE = "links"
#: Links asked for from one network in an hour: a library or a household shares one.
FROM_ONE_NETWORK = Limit("links-from-network", count=20, seconds=3600)
#: The same without a proof of work.
WITHOUT_PROOF = Limit("unproved-links-from-network", count=6, seconds=3600)
#: How long the mark stays that keeps a second mail from leaving on the same day.
MARKS_KEPT = timedelta(days=2)
#: Merges that may follow one another; more is a mistake in the data.
MOST_MERGES = 20


class LinkUnknown(Refusal):
    """Not one of our links, or nobody is behind it any more; the sentence is the same for both."""

    sentence = _("This link no longer works. You can ask for a new one with your e-mail address.")


class PersonGone(LinkUnknown):
    """The link is ours, and the person behind it was erased."""


class TooManyLinksAsked(Refusal):
    sentence = _("Many links have been asked for from your network. Please try again in an hour.")


# --- Making and reading ---------------------------------------------------------------------------


def url_of(supporter: Supporter, *, name: str = "my_page", purpose: str = ME, language: str = "") -> str:
    """The whole address of a supporter's own page, in their language where we speak it."""
    with translation.override(spoken(language or supporter.language)):
        return address_of(supporter.organization) + reverse(name, args=[tokens.make(purpose, supporter.pk)])


def spoken(language: str) -> str:
    """The language itself where this site has pages in it, and the site's own otherwise: lists bring people in any."""
    known = {code for code, _name in settings.LANGUAGES}
    return language if language in known else str(settings.LANGUAGE_CODE)


def person_behind(*, token: str, purpose: str = ME) -> Supporter:
    """Whose link this is; of somebody merged into another, that other. Raises `LinkUnknown`."""
    try:
        pk = tokens.read(purpose, token)
    except tokens.BrokenLink:
        raise LinkUnknown from None
    for _merge in range(MOST_MERGES):
        found = Supporter.objects.select_related("organization").filter(pk=pk).first()
        if found is None or found.anonymized_at is not None:
            raise PersonGone
        if found.merged_into_id is None:
            return found
        pk = found.merged_into_id
    raise LinkUnknown


def is_known(supporter: Supporter) -> bool:
    """Whether their address was ever shown to be theirs, here or where they were brought in from.

    What a stranger typed is nobody's page yet: they get no link to it.
    """
    return supporter.confirmed_at is not None or bool(consent.ledger_of(supporter))


# --- Asking for a lost one ------------------------------------------------------------------------


def ask_for_link(
    *,
    organization: Organization,
    email: str,
    language: str,
    network: str,
    proof: str,
    trapped: bool,
    now: datetime,
) -> None:
    """Note that somebody asked; the same for every address, and for a robot that was `trapped` nothing.

    Raises `TooManyLinksAsked`, which depends on the network alone.
    """
    challenge = proof_of_work.check(proof, now=now)
    with transaction.atomic():
        proved = challenge is not None and limits.spend_challenge(challenge, now=now)
        if not limits.allow(FROM_ONE_NETWORK if proved else WITHOUT_PROOF, value=network, now=now):
            raise TooManyLinksAsked
        if trapped:
            return
        row = LinkRequest(
            id=new_id(),
            organization=organization,
            email=email,
            address_mark=installation_mark_of(email),
            day=now.date(),
            language=language,
            requested_at=now,
        )
        insert_if_new(row)
        transaction.on_commit(partial(bell.ring, LINE))


def hand_out(*, request: LinkRequest, now: datetime) -> bool:
    """Look up whose address it is and let the link be sent, once; whether there was anybody to send it to."""
    with transaction.atomic():
        waiting = LinkRequest.objects.filter(pk=request.pk, handled_at__isnull=True)
        if not transition(waiting, values={"handled_at": now, "email": None}) or not request.email:
            return False
        person = find(organization=request.organization, email=request.email)
        if person is None or not _may_be_sent_a_link(person):
            return False
        link_requested.send(sender=LinkRequest, supporter=person, language=request.language, now=now)
    return True


def _may_be_sent_a_link(person: Supporter) -> bool:
    return person.anonymized_at is None and is_known(person) and takes_service_mail(person)


def takes_service_mail(supporter: Supporter) -> bool:
    """Whether mail that they asked for themselves may go to them.

    Who unsubscribed from everything still gets the link to their own data; an address that came back, complained, or
    was shut by law or staff gets nothing.
    """
    if not supporter.email:
        return False
    reasons = {
        row.reason for row in suppression.in_force(organization=supporter.organization, email=supporter.email)
    }
    return reasons <= {Suppression.Reason.UNSUBSCRIBED.value} and not suppression.is_suppressed_everywhere(
        supporter.email
    )


def forget_old(*, now: datetime) -> int:
    """Remove marks that keep nothing from leaving any more; how many."""
    removed, _ = LinkRequest.objects.filter(requested_at__lt=now - MARKS_KEPT).delete()
    return removed
