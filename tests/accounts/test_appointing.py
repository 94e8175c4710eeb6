"""People are appointed and dismissed; nobody can take over an account that others rely on."""

from __future__ import annotations

import pytest

from amparo.accounts import appointing
from amparo.accounts.models import AuditEntry, Role, StaffRole, User
from amparo.accounts.roles import organizations_of
from amparo.kit.addresses import MalformedAddress
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_superuser, a_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def ada(organization):
    """Ada administers."""
    return a_member_of_staff(organization, Role.ADMINISTRATOR, email="ada@example.org")


def invite(organization, by, now, email="bruno@example.org", role=Role.EDITOR):
    return appointing.invite(
        email=email, first_name="Bruno", last_name="", organization=organization, role=role, by=by, now=now
    )


def test_a_newcomer_gets_an_account_a_role_and_a_link(organization, ada, now, client):
    staff_role = invite(organization, ada, now, email=" Bruno@Example.org")

    bruno = User.objects.get(email="bruno@example.org")
    assert organizations_of(bruno, at_least=Role.EDITOR) == [organization]
    assert organizations_of(bruno, at_least=Role.APPROVER) == []
    link = appointing.first_link(staff_role=staff_role, by=ada, now=now)
    page = client.get(link, follow=True)
    assert b"password" in page.content.lower()
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"appoint", "make_first_link"}


def test_what_is_no_address_is_refused(organization, ada, now):
    with pytest.raises(MalformedAddress):
        invite(organization, ada, now, email="bruno at example.org")
    assert not StaffRole.objects.filter(role=Role.EDITOR).exists()


def test_somebody_known_keeps_their_account(organization, ada, now):
    dana = a_user("dana@example.org")
    before = dana.password

    staff_role = invite(organization, ada, now, email="dana@example.org")

    dana.refresh_from_db()
    assert (staff_role.user, dana.password) == (dana, before)
    with pytest.raises(appointing.HasArrived):
        appointing.first_link(staff_role=staff_role, by=ada, now=now)


def test_nobody_gets_a_link_to_an_account_that_another_organization_relies_on(organization, ada, now):
    staff_role = invite(organization, ada, now)
    other = an_organization("lamp-light")
    mallory = a_member_of_staff(other, Role.ADMINISTRATOR, email="mallory@example.org")

    with pytest.raises(appointing.InvitedElsewhere):
        invite(other, mallory, now)

    # Even if both rely on it by another way, neither may make a link.
    StaffRole.objects.create(user=staff_role.user, organization=other, role=Role.EDITOR)
    with pytest.raises(appointing.InvitedElsewhere):
        appointing.first_link(staff_role=staff_role, by=ada, now=now)


def test_a_superuser_is_never_handed_over(organization, ada, now):
    root = a_superuser()
    root.set_unusable_password()
    root.save()

    staff_role = invite(organization, ada, now, email=root.email)

    with pytest.raises(appointing.HasArrived):
        appointing.first_link(staff_role=staff_role, by=ada, now=now)


def test_the_last_administrator_stays(organization, ada, now):
    mine = StaffRole.objects.get(user=ada)
    for deed in (
        lambda: appointing.dismiss(staff_role=mine, by=ada, now=now),
        lambda: appointing.change_role(staff_role=mine, role=Role.EDITOR, by=ada, now=now),
        lambda: invite(organization, ada, now, email=ada.email, role=Role.VOLUNTEER),
    ):
        with pytest.raises(appointing.LastAdministrator, match="Open Doors"):
            deed()
    assert StaffRole.objects.get(user=ada).role == Role.ADMINISTRATOR

    a_member_of_staff(organization, Role.ADMINISTRATOR, email="chidi@example.org")
    appointing.change_role(staff_role=mine, role=Role.EDITOR, by=ada, now=now)
    assert StaffRole.objects.get(user=ada).role == Role.EDITOR


def test_who_is_dismissed_is_out_with_the_next_click(organization, ada, now):
    bruno = a_member_of_staff(organization, Role.ADMINISTRATOR, email="bruno@example.org")
    browser = signed_in(bruno)
    assert browser.get("/staff/people/").status_code == 200

    appointing.dismiss(staff_role=StaffRole.objects.get(user=bruno), by=ada, now=now)

    assert browser.get("/staff/people/").status_code == 302
    assert not bruno.groups.exists()
    assert AuditEntry.objects.filter(verb="dismiss", actor=ada, details={"role": "administrator"}).exists()
