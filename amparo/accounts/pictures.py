"""Which pictures an organization's staff may choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.images import get_image_model
from wagtail.models import GroupCollectionPermission

from amparo.accounts.models import Role
from amparo.accounts.roles import group_name

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.organizations.models import Organization


def pictures_of(organization: Organization) -> QuerySet[Any]:
    """Pictures in the collections that this organization's editors work with."""
    editors = group_name(organization=organization, role=Role.EDITOR)
    collections = GroupCollectionPermission.objects.filter(group__name=editors).values("collection")
    found: QuerySet[Any] = get_image_model().objects.filter(collection__in=collections)
    return found
