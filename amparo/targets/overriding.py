"""What staff know better than every source: where a postcode lies, and whether a parliament sits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.refusal import Refusal
from amparo.targets import current
from amparo.targets.models import Legislature, LegislatureOverride, PostcodeOverride

if TYPE_CHECKING:
    from datetime import date, datetime

    from amparo.accounts.models import User
    from amparo.targets.snapshot import Snapshot


class NoSuchArea(Refusal):
    """The version in use has no area with this code: an override to it would hide the postcode."""

    sentence = _("There is no area “%(code)s” in %(dataset)s.")


class NoPostcodes(Refusal):
    """These targets are not found by postcode."""

    sentence = _("%(dataset)s has no postcodes to override.")


class NoSuchState(Refusal):
    """A legislature sits, is dissolved, or is between election and first sitting; or it is not one of these targets."""

    sentence = _("“%(what)s” is not known here. There are: %(known)s.")


def override_postcode(
    *, slug: str, postcode: str, area_code: str, reason: str, by: User | None = None, now: datetime
) -> PostcodeOverride:
    """From now on this postcode leads to this area. Raises `NoTargets`, `MalformedPostcode`, `NoSuchArea`."""
    snapshot, compact = _compact(slug, postcode)
    if area_code not in snapshot.by_code:
        raise NoSuchArea(code=area_code, dataset=snapshot.label)
    with transaction.atomic():
        override, _made = PostcodeOverride.objects.update_or_create(
            slug=slug,
            postcode=compact,
            defaults={"area_code": area_code, "reason": reason, "recorded_by": by},
        )
        audit.record(
            verb="overrode postcode", subject=override, by=by, organization=None, now=now,
            details={"targets": slug, "area": area_code},
        )  # fmt: skip
    current.forget(slug)
    return override


def remove_postcode_override(*, slug: str, postcode: str, by: User | None = None, now: datetime) -> bool:
    """Believe the table again; whether there was anything to remove."""
    _snapshot, compact = _compact(slug, postcode)
    with transaction.atomic():
        override = PostcodeOverride.objects.filter(slug=slug, postcode=compact).first()
        if override is None:
            return False
        audit.record(
            verb="removed postcode override", subject=override, by=by, organization=None, now=now,
            details={"targets": slug},
        )  # fmt: skip
        override.delete()
    current.forget(slug)
    return True


def override_legislature(
    *,
    slug: str,
    legislature_code: str,
    state: str,
    since: date | None = None,
    reason: str,
    by: User | None = None,
    now: datetime,
) -> LegislatureOverride:
    """Say that a parliament is dissolved, or sits again, before any file does. Raises `NoTargets`, `NoSuchState`."""
    snapshot = current.register_of_anybody(slug).snapshot
    if legislature_code not in snapshot.legislatures:
        raise NoSuchState(what=legislature_code, known=", ".join(sorted(snapshot.legislatures)) or "-")
    if state not in Legislature.State.values:
        raise NoSuchState(what=state, known=", ".join(Legislature.State.values))
    with transaction.atomic():
        override, _made = LegislatureOverride.objects.update_or_create(
            slug=slug,
            legislature_code=legislature_code,
            defaults={"state": state, "since": since, "reason": reason, "recorded_by": by},
        )
        audit.record(
            verb="overrode legislature", subject=override, by=by, organization=None, now=now,
            details={"targets": slug, "legislature": legislature_code, "state": state},
        )  # fmt: skip
    current.forget(slug)
    return override


def _compact(slug: str, postcode: str) -> tuple[Snapshot, str]:
    snapshot = current.register_of_anybody(slug).snapshot
    if snapshot.format is None:
        raise NoPostcodes(dataset=snapshot.label)
    return snapshot, snapshot.format.key(snapshot.format.normalize(postcode))
