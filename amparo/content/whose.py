"""Whose page is being drawn: blocks ask for it, who know no more than the template's context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amparo.organizations.models import Organization


def organization_of(context: Mapping[str, Any]) -> Organization | None:
    """The organization of the page in a template's context; None outside pages.

    The page is asked, and not the host: a preview is drawn on whichever host staff work on.
    """
    page = context.get("page")
    try:
        found: Organization | None = getattr(page, "owning_organization", None)
    except ValidationError:
        return None
    return found
