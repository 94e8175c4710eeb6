"""Appoint people to roles and take roles away, without anybody being able to take over somebody else's account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.accounts.models import Role, StaffRole, User
from amparo.accounts.roles import appoint, group_name, organizations_of
from amparo.kit import addresses
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization


class LastAdministrator(Refusal):
    sentence = _("Nobody else administers %(organization)s. Appoint another administrator first.")


class InvitedElsewhere(Refusal):
    sentence = _("This person has not yet used an invitation they already have. Ask them to use it first.")


class HasArrived(Refusal):
    sentence = _(
        "This person has signed in before, and can set a new password themselves on the sign-in page."
    )


@transaction.atomic
def invite(
    *,
    email: str,
    first_name: str,
    last_name: str,
    organization: Organization,
    role: Role,
    by: User,
    now: datetime,
) -> StaffRole:
    """Give whoever has this address a role here; an account is made for them when there is none.

    An account that has never been used belongs to whoever holds its first link. Until its owner arrives no other
    organization may rely on it. Raises `InvitedElsewhere`, `LastAdministrator` and `addresses.MalformedAddress`.
    """
    address = addresses.parse(email).lower()
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, None, first_name=first_name, last_name=last_name)
    elif has_not_arrived(user) and _roles_beyond(user, by=by):
        raise InvitedElsewhere
    held = StaffRole.objects.filter(user=user, organization=organization).first()
    if held is not None:
        return change_role(staff_role=held, role=role, by=by, now=now)
    return appoint(user=user, organization=organization, role=role, by=by, now=now)


@transaction.atomic
def change_role(*, staff_role: StaffRole, role: Role, by: User, now: datetime) -> StaffRole:
    """Replace a role by another. Raises `LastAdministrator`."""
    if role != Role.ADMINISTRATOR:
        _refuse_to_leave_nobody(staff_role)
    return appoint(user=staff_role.user, organization=staff_role.organization, role=role, by=by, now=now)


@transaction.atomic
def dismiss(*, staff_role: StaffRole, by: User, now: datetime) -> None:
    """Take a role away; it ends with the person's very next request. Raises `LastAdministrator`."""
    _refuse_to_leave_nobody(staff_role)
    user, organization = staff_role.user, staff_role.organization
    names = [group_name(organization=organization, role=role) for role in Role.values]
    user.groups.remove(*Group.objects.filter(name__in=names))
    details = {"role": staff_role.role}
    staff_role.delete()
    audit.record(verb="dismiss", subject=user, by=by, organization=organization, now=now, details=details)


@transaction.atomic
def first_link(*, staff_role: StaffRole, by: User, now: datetime) -> str:
    """The path of a link by which somebody newly appointed chooses a password; it works once and for three days.

    There is none for an account in use, or one that other organizations rely on: whoever holds the link holds the
    account. Raises `HasArrived` and `InvitedElsewhere`.
    """
    user = staff_role.user
    if not has_not_arrived(user):
        raise HasArrived
    if _roles_beyond(user, by=by):
        raise InvitedElsewhere
    audit.record(verb="make_first_link", subject=user, by=by, organization=staff_role.organization, now=now)
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


def has_not_arrived(user: User) -> bool:
    """Whether nobody has ever signed in to this account."""
    return user.last_login is None and not user.has_usable_password() and not user.is_superuser


def _roles_beyond(user: User, *, by: User) -> bool:
    """Whether `user` holds a role in an organization that `by` does not administer."""
    mine = organizations_of(by, at_least=Role.ADMINISTRATOR)
    return StaffRole.objects.filter(user=user).exclude(organization__in=mine).exists()


def _refuse_to_leave_nobody(staff_role: StaffRole) -> None:
    # The rows are locked until the commit, so that two administrators cannot dismiss each other at the same moment.
    administrators = StaffRole.objects.select_for_update().filter(
        organization=staff_role.organization_id, role=Role.ADMINISTRATOR, user__is_active=True
    )
    if [row.pk for row in administrators] == [staff_role.pk]:
        raise LastAdministrator(organization=staff_role.organization.name)
