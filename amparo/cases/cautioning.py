"""Go through everything that is looked for, and set aside what may stay as it is, until it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases.models import Case, Dismissal
from amparo.cases.registry import Caution, Look, cautions
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import date, datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization


#: In seconds.
FIVE_MINUTES = 300


class DismissedAlready(Refusal):
    sentence = _("Somebody has set this aside already.")


def of_organization(organization: Organization, *, today: date) -> list[Caution]:
    """Everything to be looked at in an organization, case by case."""
    cases = tuple(Case.objects.for_organization(organization).select_related("person", "organization"))
    return _found(Look(organization, today, cases))


def count(organization: Organization, *, today: date) -> int:
    """How many there are, as it was at most five minutes ago: every text is read for it."""
    key = f"cautions:{organization.pk}:{today}"
    known: int | None = cache.get(key)
    if known is None:
        known = len(of_organization(organization, today=today))
        cache.set(key, known, FIVE_MINUTES)
    return known


def of_case(case: Case, *, today: date) -> list[Caution]:
    """What is to be looked at in one case."""
    return _found(Look(case.organization, today, (case,), of_one_case=True))


def dismiss(*, caution: Caution, organization: Organization, reason: str, by: User, now: datetime) -> None:
    """Set a caution aside, for a reason, until what it is about changes. Raises `DismissedAlready`."""
    dismissal = Dismissal(
        organization=organization,
        caution=caution.key,
        case=caution.case,
        reason=reason.strip(),
        by=by,
        entered_at=now,
        changed_at=now,
    )
    try:
        with transaction.atomic():
            dismissal.save(force_insert=True)
            audit.record(
                verb="dismiss_caution",
                subject=dismissal,
                by=by,
                organization=organization,
                now=now,
                details={"kind": caution.kind},
            )
    except IntegrityError:
        raise DismissedAlready from None


def _found(look: Look) -> list[Caution]:
    dismissed = set(Dismissal.objects.for_organization(look.organization).values_list("caution", flat=True))
    found: dict[str, Caution] = {}
    for slug in cautions:
        for caution in cautions.get(slug)(look):
            if caution.key not in dismissed:
                found.setdefault(caution.key, caution)
    return list(found.values())
