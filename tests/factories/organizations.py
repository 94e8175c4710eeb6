"""Organizations, with a data key each."""

from __future__ import annotations

from amparo.organizations.founding import found
from amparo.organizations.models import Organization
from tests.factories.moments import NOW


def an_organization(slug: str = "open-doors", *, now=NOW, **details) -> Organization:
    """The organization of this slug: founded on first use, the same one afterwards."""
    existing = Organization.objects.filter(slug=slug).first()
    if existing is not None:
        return existing
    details.setdefault("name", slug.replace("-", " ").title())
    details.setdefault("sender_email", f"letters@{slug}.example.org")
    details.setdefault("contact_email", f"office@{slug}.example.org")
    return found(slug=slug, now=now, **details)
