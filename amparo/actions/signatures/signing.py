"""Put a name under a petition or an open letter, and show names as their owners chose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.actions import confirming
from amparo.actions.models import PaperSheet, Signature
from amparo.kit.claims import transition
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal
from amparo.targets import finding

if TYPE_CHECKING:
    from datetime import date, datetime

    from amparo.accounts.models import User
    from amparo.actions.models import Action, ActionPage, LetterVersion, SignedPage
    from amparo.actions.models.signature import SignatureQuerySet as SignatureRows

#: Names on one page of the list.
NAMES_ON_A_PAGE = 200
#: Names and comments shown on the page itself.
NEWEST_NAMES = 12


class AlreadyDecided(Refusal):
    sentence = _("Somebody else has decided this in the meantime.")


class NoSuchDay(Refusal):
    sentence = _("Signatures cannot have been collected on a day that has not come yet.")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody signs: what is shown of them, and what they wrote."""

    shown_as: str = Signature.ShownAs.NOBODY
    place: str = ""
    comment: str = ""
    represents: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class SignedTally:
    """The counter of a petition: online and on paper together, and the goal that moves on."""

    confirmed: int
    awaiting: int
    goal: int


def tally_of(page: SignedPage) -> SignedTally:
    """How many signed, how many have still to confirm, and where the bar ends."""
    return SignedTally(page.signed, page.tally.awaiting, page.moving_goal)


def area_of(page: SignedPage, *, postal_code: str, now: datetime) -> str:
    """The area in which a signer lives, such as uk/E14001063, to count by; empty unless the postcode is sure of it."""
    if not (page.dataset_slug and postal_code):
        return ""
    try:
        answer = finding.find(
            slug=page.dataset_slug,
            postcode=postal_code,
            legislature=[page.legislature] if page.legislature else None,
            organization=page.organization,
            now=now,
        )
    except Refusal:
        return ""
    areas = {candidate.area_code for candidate in answer.candidates if answer.needs == "none"}
    return f"{page.dataset_slug}/{areas.pop()}" if len(areas) == 1 else ""


def beside(
    wishes: Wishes, *, version: LetterVersion | None = None, known: bool = False
) -> Callable[[Action], None]:
    """What is stored with the action, in its transaction (`taking.Deed.beside`). Of who is known it counts at once."""
    return partial(_sign, wishes=wishes, version=version, known=known)


def _sign(action: Action, *, wishes: Wishes, version: LetterVersion | None, known: bool) -> None:
    looks_needed = wishes.comment or wishes.represents
    Signature.objects.create(
        organization_id=action.organization_id,
        page_id=action.page_id,
        action=action,
        shown_as=wishes.shown_as,
        place=wishes.place or None,
        comment=wishes.comment or None,
        represents=wishes.represents or None,
        role=wishes.role or None,
        approval=Signature.Approval.WAITING if looks_needed else Signature.Approval.NOT_NEEDED,
        version=version,
        signed_at=action.taken_at,
    )
    if known:
        confirming.confirm_known(action, now=action.taken_at)


def newest_names(page: SignedPage) -> list[Signature]:
    """Who signed last, of those who want to be seen."""
    if not page.shows_names:
        return []
    return list(_shown(page)[:NEWEST_NAMES])


def names_on(page: SignedPage, *, number: int) -> tuple[list[Signature], bool]:
    """One page of the list of names, counted from 1, and whether there is another."""
    start = (number - 1) * NAMES_ON_A_PAGE
    found = list(_shown(page)[start : start + NAMES_ON_A_PAGE + 1])
    return found[:NAMES_ON_A_PAGE], len(found) > NAMES_ON_A_PAGE


def _shown(page: SignedPage) -> SignatureRows:
    rows = Signature.objects.for_organization(page.organization).shown().filter(page=page.pk)
    return rows.select_related("action").order_by("-signed_at", "-id")


# --- What staff decide ----------------------------------------------------------------------------


def decide(*, signature: Signature, show: bool, by: User | None, now: datetime) -> None:
    """Show a comment or an organization, or do not. Raises `AlreadyDecided`."""
    to = Signature.Approval.GIVEN if show else Signature.Approval.REFUSED
    asked = Signature.objects.filter(pk=signature.pk, approval=signature.approval)
    if not transition(asked, values={"approval": to}):
        raise AlreadyDecided
    audit.record(
        verb="show_signature" if show else "hide_signature",
        subject=signature,
        by=by,
        organization=signature.organization,
        now=now,
    )
    note_publication()


def enter_paper(
    *, page: ActionPage, number: int, collected_on: date, provenance: str, by: User, now: datetime
) -> PaperSheet:
    """Count signatures that were collected on paper. Raises `NoSuchDay`."""
    if collected_on > now.date():
        raise NoSuchDay
    sheet = PaperSheet.objects.create(
        organization=page.organization,
        page_id=page.pk,
        number=number,
        collected_on=collected_on,
        provenance=provenance,
        entered_at=now,
    )
    _note(sheet, "enter_paper_signatures", by=by, now=now)
    return sheet


def withdraw_paper(*, sheet: PaperSheet, by: User, now: datetime) -> None:
    """Count a sheet no longer; it stays on record. Raises `AlreadyDecided`."""
    if not transition(
        PaperSheet.objects.filter(pk=sheet.pk, withdrawn_at__isnull=True), values={"withdrawn_at": now}
    ):
        raise AlreadyDecided
    _note(sheet, "withdraw_paper_signatures", by=by, now=now)


def _note(sheet: PaperSheet, verb: str, *, by: User, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=sheet,
        by=by,
        organization=sheet.organization,
        now=now,
        details={"number": sheet.number},
    )
    note_publication()
