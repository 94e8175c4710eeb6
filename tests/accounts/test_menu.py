"""The menu of staff shows what somebody may open."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffMenuItem, StaffScreen
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db


def line(role):
    screen = type("Screen", (StaffScreen,), {"least_role": role, "page_title": "Screen"})
    return StaffMenuItem("Screen", "/staff/", screen=screen)


def test_lines_that_ask_for_one_role_ask_once_for_a_page(django_assert_num_queries):
    request = RequestFactory().get("/staff/")
    request.user = a_member_of_staff(an_organization(), role=Role.EDITOR)

    with django_assert_num_queries(2):
        shown = [line(role).is_shown(request) for role in [Role.EDITOR, Role.APPROVER] * 3]

    assert shown == [True, False] * 3
