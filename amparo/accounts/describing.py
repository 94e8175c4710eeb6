"""An administrator says who the organization is: name, law, language, senders, boilerplate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from amparo.accounts import audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

#: What may be said of an organization; its address to send from is the server's business, and its slug is for good.
DESCRIBED = [
    "name",
    "jurisdiction",
    "is_statutory_charity",
    "locale",
    "time_zone",
    "sender_name",
    "contact_email",
    "postal_address",
    "boilerplate",
    "second_person_above",
    "quiet_from",
    "quiet_until",
]
#: Whose value the trail names: what was lawful on a day depends on them.
_NAMED = ("jurisdiction", "is_statutory_charity", "second_person_above")


def describe(*, organization: Organization, said: Mapping[str, Any], by: User, now: datetime) -> list[str]:
    """Change what is `said` anew about the organization; which fields changed."""
    with transaction.atomic():
        held = type(organization).objects.select_for_update().get(pk=organization.pk)
        changed = [field for field in DESCRIBED if field in said and said[field] != getattr(held, field)]
        if changed:
            for field in changed:
                setattr(held, field, said[field])
            held.save(update_fields=changed)
            details = {"fields": ", ".join(changed)} | {
                field: said[field] for field in _NAMED if field in changed
            }
            audit.record(
                verb="describe_organization",
                subject=held,
                by=by,
                organization=held,
                now=now,
                details=details,
            )
    return changed
