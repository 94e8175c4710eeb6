"""Found an organization: the tenant and its data key in one breath."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amparo.kit.ids import new_id
from amparo.organizations.keys import make_wrapped_key
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from datetime import datetime


def found(
    *, name: str, slug: str, sender_email: str, contact_email: str, now: datetime, **details: Any
) -> Organization:
    """A new organization, ready to hold supporters; `details` are further fields of `Organization`."""
    pk = new_id()
    return Organization.objects.create(
        pk=pk,
        name=name,
        slug=slug,
        sender_name=details.pop("sender_name", name),
        sender_email=sender_email,
        contact_email=contact_email,
        wrapped_data_key=make_wrapped_key(organization_id=pk),
        created_at=now,
        **details,
    )
