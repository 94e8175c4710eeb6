"""Roles: who may do what in which organization.

A role is one row per user and organization. Wagtail's own permissions follow from it through one group per
organization and role, so that the page editor and our screens never disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from amparo.accounts import audit
from amparo.accounts.models import Role, StaffRole, User
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from datetime import datetime

#: From least to most; a role includes those before it.
_LADDER = [Role.VOLUNTEER, Role.EDITOR, Role.APPROVER, Role.ADMINISTRATOR]
_PAGE_PERMISSIONS = {
    Role.VOLUNTEER: ["add_page", "change_page"],
    Role.EDITOR: ["add_page", "change_page", "publish_page"],
    Role.APPROVER: ["add_page", "change_page", "publish_page", "lock_page", "unlock_page"],
    Role.ADMINISTRATOR: [
        "add_page",
        "change_page",
        "publish_page",
        "lock_page",
        "unlock_page",
        "bulk_delete_page",
    ],
}


def group_name(*, organization: Organization, role: str) -> str:
    return f"{organization.slug}: {role}"


@transaction.atomic
def appoint(
    *, user: User, organization: Organization, role: Role, by: User | None, now: datetime
) -> StaffRole:
    """Give `user` this role in this organization, replacing the one held before."""
    staff_role, _ = StaffRole.objects.update_or_create(
        user=user, organization=organization, defaults={"role": role}
    )
    names = [group_name(organization=organization, role=each) for each in Role.values]
    user.groups.remove(*Group.objects.filter(name__in=names))
    group, _ = Group.objects.get_or_create(name=group_name(organization=organization, role=role))
    group.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    )
    user.groups.add(group)
    audit.record(
        verb="appoint", subject=user, by=by, organization=organization, now=now, details={"role": role}
    )
    return staff_role


def open_pages(*, organization: Organization, root: Page, collection: Collection) -> None:
    """Let each role of `organization` work on the tree under `root` and the images of `collection`."""
    images = Permission.objects.filter(content_type__app_label="content", content_type__model="creditedimage")
    for role in _LADDER:
        group, _ = Group.objects.get_or_create(name=group_name(organization=organization, role=role))
        for codename in _PAGE_PERMISSIONS[role]:
            permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
            GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
        for permission in images.filter(codename__in=["add_creditedimage", "choose_creditedimage"]):
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=collection, permission=permission
            )


def organizations_of(user: User, *, at_least: Role = Role.VOLUNTEER) -> list[Organization]:
    """The organizations in which `user` holds this role or a higher one; a superuser holds every role."""
    if not user.is_active:
        return []
    if user.is_superuser:
        return list(Organization.objects.all())
    roles = _LADDER[_LADDER.index(at_least) :]
    return list(Organization.objects.filter(staff_roles__user=user, staff_roles__role__in=roles))
