"""Where somebody lives who gave another postcode."""

from __future__ import annotations

import pytest

from amparo.actions import locating
from amparo.supporters import amending
from amparo.supporters.models import Supporter
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db

KNOWN = [
    ("XA", "alvenia/N1", "1003", "alvenia/N2"),
    ("", "alvenia/N1", " 10 03", "alvenia/N2"),
    ("XA", "", "1003", "alvenia/N2"),
    # A province, in which a letter to the senate had placed her: not the seat of her deputy.
    ("XA", "alvenia/AV-S", "1003", "alvenia/AV-N"),
]
LEFT_OPEN = [
    ("two seats share it", "XA", "alvenia/N1", "1002"),
    ("in no table", "XA", "alvenia/N1", "7777"),
    ("no postcode at all", "XA", "alvenia/N1", "!"),
    ("nothing says which country", "", "", "1003"),
    ("a country without a table", "GB", "", "1003"),
    ("a table of another country", "GB", "alvenia/N1", "1003"),
    ("a table that is gone", "XA", "elsewhere/N1", "1003"),
]


def test_the_area_is_found_where_the_table_is_sure_and_nowhere_else(now):
    alvenia()
    amina = a_supporter(an_organization())

    for country, before, typed, after in KNOWN:
        amina.country, amina.postal_code = country, typed
        assert locating.area_of(amina, before=before, now=now) == after, typed
    for why, country, before, typed in LEFT_OPEN:
        amina.country, amina.postal_code = country, typed
        assert locating.area_of(amina, before=before, now=now) == "", why


def test_staff_who_correct_a_postcode_move_her_too(now):
    alvenia()
    organization = an_organization()
    amina = a_supporter(organization, postal_code="1001", country="XA", area="alvenia/N1")
    details = amending.Details(
        given_name="Amina", family_name="Rahal", email=amina.email, phone="", postal_code="1002",
        postal_address="1 Long Lane", country="XA", language="en",
    )  # fmt: skip

    amending.change_details(
        supporter=amina, details=details, by=a_member_of_staff(organization, "approver"), now=now
    )

    assert Supporter.objects.get(pk=amina.pk).area == ""
