"""What staff write down about one supporter: other details, an answer given on paper or by telephone, no more mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.supporters import consent, moving_house, suppression
from amparo.supporters.identity import fingerprint_of, phone_fingerprint_of
from amparo.supporters.models import Origin, OtherAddress, Supporter, Suppression

if TYPE_CHECKING:
    from datetime import date, datetime

    from amparo.accounts.models import User
    from amparo.supporters.models import Channel, Purpose

#: Where an answer was given that staff write down.
SOURCE = "staff"


class NobodyToChange(Refusal):
    sentence = _("This record is empty, or belongs to somebody else's. Nothing can be changed in it.")


class AddressOfAnother(Refusal):
    sentence = _("Another record has this e-mail address. Find it, and merge the two.")


class EvidenceMissing(Refusal):
    sentence = _(
        "Say when and how the person told you, as in “on the sign-up sheet of the vigil on 3 March”."
    )


class NothingToWithdraw(Refusal):
    sentence = _("There is nothing that this person agreed to.")


class NoAddress(Refusal):
    sentence = _("There is no e-mail address or telephone number in this record.")


@dataclass(frozen=True, slots=True)
class Details:
    """What staff may correct; addresses come checked, a telephone number in E.164."""

    given_name: str
    family_name: str
    email: str
    phone: str
    postal_code: str
    postal_address: str
    country: str
    language: str


@transaction.atomic
def change_details(*, supporter: Supporter, details: Details, by: User, now: datetime) -> list[str]:
    """Correct a record; the names of what changed. Raises `AddressOfAnother` and `NobodyToChange`.

    A new e-mail address counts as not confirmed, and whoever acts with the old one is still recognised.
    """
    held = _held(supporter)
    changed = [
        name for name in Details.__dataclass_fields__ if (getattr(held, name) or "") != getattr(details, name)
    ]
    old_address = held.email
    for name in changed:
        text = getattr(details, name)
        setattr(held, name, text if name in {"country", "language"} else text or None)
    if "email" in changed:
        _give_address(held, instead_of=old_address, now=now)
    if "phone" in changed:
        held.phone_fingerprint = (
            phone_fingerprint_of(held.phone, organization=held.organization) if held.phone else None
        )
    if "postal_code" in changed:
        moving_house.find_area(held, now=now)
    if changed:
        _save(held)
        _note("change_supporter", held, by=by, now=now, fields=changed)
    return changed


@transaction.atomic
def record_answer(
    *,
    supporter: Supporter,
    purpose: Purpose | str,
    channel: Channel | str,
    granted: bool,
    evidence: str,
    given_on: date,
    by: User,
    now: datetime,
) -> None:
    """Write an answer into the ledger that the person gave on paper or by telephone, with how that is known.

    Raises `EvidenceMissing`, and what the organization's law says against it (`rules.BasisNotPermitted`).
    """
    words = evidence.strip()
    if not words:
        raise EvidenceMissing
    consent.append(
        [
            consent.line(
                supporter=_held(supporter),
                purpose=purpose,
                channel=channel,
                granted=granted,
                origin=Origin.STAFF,
                source=SOURCE,
                evidence=words,
                given_on=given_on,
                now=now,
            )
        ]
    )
    answer = {"purpose": str(purpose), "channel": str(channel), "granted": granted}
    _note("record_answer", supporter, by=by, now=now, **answer)


@transaction.atomic
def withdraw_for(*, supporter: Supporter, evidence: str, by: User, now: datetime) -> int:
    """Write a no to everything the person agreed to, because they told staff so; to how much."""
    words = evidence.strip()
    if not words:
        raise EvidenceMissing
    held = _held(supporter)
    agreed = [key for key, last in consent.present_answers(held).items() if last.granted]
    if not agreed:
        raise NothingToWithdraw
    consent.append(
        [
            consent.line(
                supporter=held,
                purpose=purpose,
                channel=channel,
                partner=partner,
                granted=False,
                origin=Origin.STAFF,
                source=SOURCE,
                evidence=words,
                now=now,
            )
            for purpose, channel, partner in agreed
        ]
    )
    _note("withdraw_for_supporter", held, by=by, now=now, answers=len(agreed))
    return len(agreed)


@transaction.atomic
def suppress(*, supporter: Supporter, by: User, now: datetime) -> bool:
    """Never write to this person's address again, nor to their number; False when it was so already.

    Whatever they agree to later.
    """
    held = _held(supporter)
    if not held.email and not held.phone:
        raise NoAddress
    told: dict[str, Any] = {
        "organization": held.organization,
        "reason": Suppression.Reason.STAFF,
        "source": SOURCE,
        "now": now,
    }
    fresh = False
    if held.email:
        fresh = suppression.suppress(email=held.email, **told)
    if held.phone:
        fresh = suppression.suppress_phone(phone=held.phone, **told) or fresh
    if fresh:
        _note("suppress_supporter", held, by=by, now=now)
    return fresh


def _held(supporter: Supporter) -> Supporter:
    """The person's row, locked and as it is now."""
    rows = Supporter.objects.for_organization(supporter.organization).present()
    found = (
        rows.select_for_update(of=("self",)).select_related("organization").filter(pk=supporter.pk).first()
    )
    if found is None:
        raise NobodyToChange
    return found


def _give_address(held: Supporter, *, instead_of: str | None, now: datetime) -> None:
    others = OtherAddress.objects.for_organization(held.organization)
    if instead_of and held.email_fingerprint:
        insert_if_new(
            OtherAddress(
                id=new_id(),
                organization=held.organization,
                supporter=held,
                email=instead_of,
                fingerprint=held.email_fingerprint,
                confirmed_at=held.confirmed_at,
                added_at=now,
            )
        )
    held.confirmed_at = None
    if not held.email:
        held.email_fingerprint, held.unreachable = None, Supporter.Unreachable.NO
        return
    held.email_fingerprint = fingerprint_of(held.email, organization=held.organization)
    held.unreachable = suppression.state_of(organization=held.organization, email=held.email)
    same = others.filter(fingerprint=held.email_fingerprint)
    if same.exclude(supporter=held).exists():
        raise AddressOfAnother
    same.delete()


def _save(held: Supporter) -> None:
    try:
        with transaction.atomic():
            held.save()
    except IntegrityError:
        raise AddressOfAnother from None


def _note(verb: str, supporter: Supporter, *, by: User, now: datetime, **details: Any) -> None:
    audit.record(
        verb=verb,
        subject=Supporter(pk=supporter.person_id),
        by=by,
        organization=supporter.organization,
        now=now,
        details=details,
    )
