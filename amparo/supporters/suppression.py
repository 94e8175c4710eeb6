"""Addresses never to be written to: suppress, lift with a reason, ask. Whole lists: `suppression_lists`.

An address is suppressed by the keyed hash of its SHA-256. Lists of hashes, as groups exchange them, hold the SHA-256 of
the address in small letters; ours is also looked for in its canonical form (`kit.addresses.canonical`), so that a dot
at Gmail is no way around.

The rows here are the truth, and `Supporter.unreachable` follows them in the same transaction, so that lists of people
need not look here. One gap is left by design: somebody who is being inserted by one transaction while another
suppresses the address is seen by neither. Whoever sends to many asks `apply_to_supporters` once more for each batch.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import addresses, sealing
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization
from amparo.supporters.models import InstallationSuppression, Supporter, SupporterQuerySet, Suppression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from amparo.accounts.models import User

_SHA256 = re.compile(r"[0-9a-f]{64}")
Reason = Suppression.Reason
#: What a supporter's own confirmed yes ends: they show that the address works and that they want to be written to.
ENDED_BY_A_YES = [Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.ERASED]
#: Not even the question whether it was really them goes to an address suppressed for one of these.
NOT_EVEN_ASKED = [Reason.COMPLAINED, Reason.LAW]
#: How an address counts that nobody on the installation writes to.
EVERYWHERE = "everywhere"
#: From the weakest on: where an address is suppressed twice over, the strongest reason is the one that stands.
_STRENGTH: list[str] = [
    Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.ERASED, EVERYWHERE, Reason.IMPORTED, Reason.STAFF, Reason.COMPLAINED,
    Reason.LAW,
]  # fmt: skip
_STATES: dict[str, Supporter.Unreachable] = {
    Reason.BOUNCED: Supporter.Unreachable.BOUNCED,
    Reason.COMPLAINED: Supporter.Unreachable.COMPLAINED,
}
#: People looked at in one go, so that a list of any length takes the same memory.
BATCH = 500
REPLACED = "suppressed again for a stronger reason"


class NotADigest(Refusal):
    sentence = _(
        "A hash has to be the SHA-256 of an address in small letters: 64 digits and letters from a to f."
    )


class NotSuppressed(Refusal):
    sentence = _("This address is not on the list.")


class TheirsAlone(Refusal):
    sentence = _(
        "This person asked for it themselves, and only they can take it back, with a confirmed yes of their own: on"
        " their own page, to which they can ask for the link, or by signing up again."
    )


class MayNotLift(Refusal):
    sentence = _("Only an administrator can lift a suppression, and only one that stands.")


def digests_of(email: str) -> list[str]:
    """The SHA-256, in hexadecimal, by which lists may name this address: as written and in canonical form."""
    forms = dict.fromkeys([addresses.canonical(email), addresses.parse(email).lower()])
    return [hashlib.sha256(form.encode()).hexdigest() for form in forms]


def digests_of_canonical(address: str) -> list[str]:
    """The same for an address that is known to be its own canonical form (`addresses.read`)."""
    return [hashlib.sha256(address.encode()).hexdigest()]


def digest_of_phone(phone: str) -> str:
    """The same of a telephone number, which is given in E.164, as in +441632960001."""
    return hashlib.sha256(phone.encode()).hexdigest()


def is_digest(text: str) -> bool:
    """Whether this is how a list names an address by its hash."""
    return bool(_SHA256.fullmatch(text))


def mark_of(digest: str, *, organization: Organization | None) -> bytes:
    """What a digest is kept and found as: within one organization, or over the installation."""
    if not is_digest(digest):
        raise NotADigest
    if organization is None:
        return sealing.installation_fingerprint(digest, purpose="suppression")
    return sealing.fingerprint(digest, key=sealing.data_key_for(organization.pk), purpose="suppression")


def marker(organization: Organization | None) -> Callable[[str], bytes]:
    """`mark_of` for many digests that we made ourselves."""
    key = None if organization is None else sealing.data_key_for(organization.pk)
    return sealing.fingerprinter(key, purpose="suppression")


def marks_of(email: str, *, organization: Organization) -> tuple[list[bytes], list[bytes]]:
    """The two marks an address may be suppressed by: within the organization, and over the installation.

    Twice the same where the address is written in its canonical form, so that there are always two.
    """
    digests = (digests_of(email) * 2)[:2]
    return (
        [mark_of(digest, organization=organization) for digest in digests],
        [mark_of(digest, organization=None) for digest in digests],
    )


# --- Suppressing ----------------------------------------------------------------------------------


def suppress(
    *,
    organization: Organization,
    email: str,
    reason: Suppression.Reason,
    source: str,
    now: datetime,
    keep_digest: bool = True,
) -> bool:
    """Never write to this address again; whether that is new. Somebody erased leaves no digest to hand on.

    A stronger reason takes the place of a weaker one, which stays on record as lifted; a weaker one changes nothing.
    """
    with transaction.atomic():
        # The supporter's row first, as everywhere else: whoever confirms a yes at this moment holds it too.
        _whose(email, organization=organization).update(unreachable=F("unreachable"))
        fresh = suppress_digest(
            organization=organization,
            digest=digests_of(email)[0],
            reason=reason,
            source=source,
            now=now,
            keep_digest=keep_digest,
        )
        _refresh(organization=organization, email=email)
    return fresh


def suppress_phone(
    *, organization: Organization, phone: str, reason: Suppression.Reason, source: str, now: datetime
) -> bool:
    """Send no text message to this number again; whether that is new. Their e-mail address is not touched.

    No digest is kept to be handed on: there are so few numbers that anybody could try them all.
    """
    key = sealing.data_key_for(organization.pk)
    return suppress_digest(
        organization=organization,
        digest=digest_of_phone(phone),
        reason=reason,
        source=source,
        now=now,
        keep_digest=False,
        phone_fingerprint=sealing.fingerprint(phone, key=key, purpose="phone"),
    )


def suppress_digest(
    *,
    organization: Organization,
    digest: str,
    reason: Suppression.Reason,
    source: str,
    now: datetime,
    keep_digest: bool = True,
    phone_fingerprint: bytes | None = None,
) -> bool:
    """The same by a digest alone, which does not say whose it is: follow with `suppression_lists.sweep`."""
    mark = mark_of(digest, organization=organization)
    row = Suppression(
        id=new_id(),
        organization=organization,
        mark=mark,
        digest=digest if keep_digest else None,
        phone_fingerprint=phone_fingerprint,
        reason=reason,
        source=source[:200],
        suppressed_at=now,
    )
    with transaction.atomic():
        same = Suppression.objects.for_organization(organization).filter(mark=mark)
        if not keep_digest:
            # A list may have named a number before, by its hash alone.
            same.update(digest=None, phone_fingerprint=phone_fingerprint)
        same.in_force().filter(reason__in=weaker_than(reason)).update(lifted_at=now, lifted_because=REPLACED)
        return insert_if_new(row)


def weaker_than(reason: str) -> list[str]:
    """The reasons whose place this one takes."""
    return _STRENGTH[: _STRENGTH.index(reason)]


def suppress_by_staff(
    *,
    organization: Organization,
    email: str,
    reason: Suppression.Reason,
    source: str,
    by: User | None,
    now: datetime,
) -> bool:
    """The same as `suppress`, decided by somebody, which the audit trail remembers; whether it was new."""
    with transaction.atomic():
        fresh = suppress(organization=organization, email=email, reason=reason, source=source, now=now)
        if fresh:
            audit.record(
                verb="suppress_address",
                subject=organization,
                by=by,
                organization=organization,
                now=now,
                details={"reason": str(reason)},
            )
    return fresh


def suppress_everywhere(
    *, email: str, reason: Suppression.Reason, source: str, now: datetime, by: User | None = None
) -> bool:
    """Nobody on this installation writes to this address again; whether that is new.

    Each organization's own key finds its own supporter; nobody learns whether there was one.
    """
    row = InstallationSuppression(
        id=new_id(),
        mark=mark_of(digests_of(email)[0], organization=None),
        reason=reason,
        source=source[:200],
        suppressed_at=now,
    )
    with transaction.atomic():
        fresh = insert_if_new(row)
        if fresh:
            audit.record(
                verb="suppress_everywhere",
                subject=row,
                by=by,
                organization=None,
                now=now,
                details={"reason": str(reason)},
            )
            for organization in Organization.objects.order_by("pk"):
                _refresh(organization=organization, email=email)
    return fresh


# --- Lifting --------------------------------------------------------------------------------------


def lift(*, suppression: Suppression, because: str, by: User | None, now: datetime, email: str = "") -> bool:
    """Write to this address again, for a reason that stays on record; False when it was lifted already.

    Without `email` everybody who cannot be written to is looked at, to find whose it is. Raises `TheirsAlone` for what
    the person themselves asked for.
    """
    if suppression.is_own:
        raise TheirsAlone
    return _lift(suppression, because=because, by=by, now=now, email=email)


def _lift(suppression: Suppression, *, because: str, by: User | None, now: datetime, email: str) -> bool:
    organization = suppression.organization
    with transaction.atomic():
        lifted = (
            Suppression.objects.in_force()
            .filter(pk=suppression.pk)
            .update(lifted_at=now, lifted_because=because[:200])
        )
        if lifted:
            audit.record(
                verb="lift_suppression",
                subject=suppression,
                by=by,
                organization=organization,
                now=now,
                details={"reason": suppression.reason},
            )
            if email:
                _refresh(organization=organization, email=email)
            else:
                _refresh_whoever(bytes(suppression.mark), organization=organization, everywhere=False)
    return bool(lifted)


def lift_everywhere(
    *, suppression: InstallationSuppression, because: str, by: User | None, now: datetime
) -> bool:
    """The same for the whole installation; what an organization itself suppressed stays so."""
    with transaction.atomic():
        standing = InstallationSuppression.objects.filter(pk=suppression.pk, lifted_at__isnull=True)
        lifted = standing.update(lifted_at=now, lifted_because=because[:200])
        if lifted:
            audit.record(
                verb="lift_suppression",
                subject=suppression,
                by=by,
                organization=None,
                now=now,
                details={"reason": suppression.reason},
            )
            for organization in Organization.objects.order_by("pk"):
                _refresh_whoever(bytes(suppression.mark), organization=organization, everywhere=True)
    return bool(lifted)


def lift_own(
    *,
    organization: Organization,
    email: str,
    now: datetime,
    because: str = "agreed again, and confirmed it",
    reasons: Sequence[str] = ENDED_BY_A_YES,
) -> bool:
    """End what a supporter's own confirmed yes ends; whether anything was. Called where they themselves act alone."""
    own = [row for row in in_force(organization=organization, email=email) if row.reason in reasons]
    lifted = [_lift(row, because=because, by=None, now=now, email=email) for row in own]
    return any(lifted)


# --- Asking ---------------------------------------------------------------------------------------


def in_force(*, organization: Organization, email: str) -> list[Suppression]:
    """Why this organization may not write to an address; usually nothing, and rarely more than one line."""
    marks = [mark_of(digest, organization=organization) for digest in digests_of(email)]
    return list(Suppression.objects.for_organization(organization).in_force().filter(mark__in=marks))


def in_force_everywhere(email: str) -> list[InstallationSuppression]:
    """Why nobody on this installation may write to an address."""
    marks = [mark_of(digest, organization=None) for digest in digests_of(email)]
    return list(InstallationSuppression.objects.filter(mark__in=marks, lifted_at__isnull=True))


def is_suppressed(*, organization: Organization, email: str) -> bool:
    """Whether nothing may go to this address, by this organization's list or the installation's."""
    return bool(in_force(organization=organization, email=email)) or is_suppressed_everywhere(email)


def is_suppressed_everywhere(email: str) -> bool:
    """Whether nobody on this installation may write there."""
    return bool(in_force_everywhere(email))


def is_not_even_asked(*, organization: Organization, email: str) -> bool:
    """Whether not even the mail goes there that asks somebody to confirm what they did a moment ago."""
    rows = in_force(organization=organization, email=email)
    return any(row.reason in NOT_EVEN_ASKED for row in rows) or is_suppressed_everywhere(email)


def state_of(*, organization: Organization, email: str) -> Supporter.Unreachable:
    """What `Supporter.unreachable` has to say for this address."""
    reasons = [row.reason for row in in_force(organization=organization, email=email)]
    return state_for(reasons or [EVERYWHERE] * is_suppressed_everywhere(email))


def state_for(reasons: Sequence[str]) -> Supporter.Unreachable:
    """What that comes to for reasons of ours, or for one that holds on the whole installation."""
    if not reasons:
        return Supporter.Unreachable.NO
    return _STATES.get(max(reasons, key=_STRENGTH.index), Supporter.Unreachable.SUPPRESSED)


# --- Keeping supporters in step -------------------------------------------------------------------


def apply_to_supporters(*, organization: Organization, supporters: Sequence[Supporter]) -> int:
    """Bring `unreachable` of these supporters up to date; how many changed. Their addresses are unsealed here."""
    marks = {
        supporter.pk: marks_of(supporter.email, organization=organization)
        for supporter in supporters
        if supporter.email
    }
    ours = Suppression.objects.for_organization(organization).in_force()
    theirs = InstallationSuppression.objects.filter(lifted_at__isnull=True)
    here = [mark for own, _all in marks.values() for mark in own]
    there = [mark for _own, all_of_us in marks.values() for mark in all_of_us]
    found: dict[bytes, str] = {}
    for mark, reason in ours.filter(mark__in=here).values_list("mark", "reason"):
        found[bytes(mark)] = reason
    for mark in theirs.filter(mark__in=there).values_list("mark", flat=True):
        found[bytes(mark)] = EVERYWHERE
    changed = 0
    for supporter in supporters:
        if supporter.pk not in marks:
            continue
        reasons = [found[mark] for both in marks[supporter.pk] for mark in both if mark in found]
        state = state_for(reasons)
        if state != supporter.unreachable:
            changed += Supporter.objects.filter(pk=supporter.pk).update(unreachable=state)
    return changed


def batches_of(supporters: SupporterQuerySet) -> Iterator[list[Supporter]]:
    """Those with an address, in the order of their ids, some at a time."""
    rows = (
        supporters.exclude(email_fingerprint=None).only("organization", "email", "unreachable").order_by("pk")
    )
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def _whose(email: str, *, organization: Organization) -> SupporterQuerySet:
    fingerprint = sealing.fingerprint(
        addresses.canonical(email), key=sealing.data_key_for(organization.pk), purpose="email"
    )
    return Supporter.objects.for_organization(organization).with_fingerprint(fingerprint)


def _refresh(*, organization: Organization, email: str) -> None:
    _whose(email, organization=organization).update(
        unreachable=state_of(organization=organization, email=email)
    )


def _refresh_whoever(mark: bytes, *, organization: Organization, everywhere: bool) -> None:
    """Bring those up to date whose address has this mark, among those who cannot be written to."""
    unreachable = Supporter.objects.for_organization(organization).exclude(
        unreachable=Supporter.Unreachable.NO
    )
    for batch in batches_of(unreachable):
        meant = [
            supporter
            for supporter in batch
            if supporter.email and mark in marks_of(supporter.email, organization=organization)[everywhere]
        ]
        if meant:
            apply_to_supporters(organization=organization, supporters=meant)
