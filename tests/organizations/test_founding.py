"""An organization has a key of its own from its first moment, and a new master key takes nothing away."""

from __future__ import annotations

import pytest
from django.conf import settings

from amparo.kit import sealing
from amparo.kit.master_keys import add_master_key
from amparo.organizations import keys
from amparo.organizations.models import Organization
from amparo.supporters.models import Supporter
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db


def test_two_organizations_have_two_keys(now):
    one, other = an_organization(), an_organization(slug="other")

    assert sealing.data_key_for(one.pk).fingerprinting != sealing.data_key_for(other.pk).fingerprinting


def test_one_address_has_another_fingerprint_in_each_organization():
    one = a_supporter(an_organization(), email="suzie@example.org")
    other = a_supporter(an_organization(slug="other"), email="suzie@example.org")

    assert one.email_fingerprint != other.email_fingerprint


def test_a_name_copied_into_another_organizations_row_cannot_be_read():
    one = a_supporter(an_organization())
    other = a_supporter(an_organization(slug="other"))
    stolen = (
        Supporter.objects.filter(pk=one.pk)
        .extra(select={"raw": "given_name"})
        .values_list("raw", flat=True)
        .get()
    )

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE supporters_supporter SET given_name = %s WHERE id = %s",
            [stolen, other.pk.hex if connection.vendor == "sqlite" else other.pk],
        )

    with pytest.raises(sealing.Unsealable):
        _ = Supporter.objects.get(pk=other.pk).given_name


def test_a_new_master_key_rewraps_every_key_and_names_stay_readable():
    suzie = a_supporter(an_organization(), given_name="Suzie")
    before = bytes(Organization.objects.get().wrapped_data_key)

    add_master_key(settings.AMPARO_MASTER_KEY_FILE)
    sealing.forget_keys()

    assert keys.rewrap_all() == 1
    assert keys.rewrap_all() == 0
    assert bytes(Organization.objects.get().wrapped_data_key) != before
    sealing.forget_keys()
    assert Supporter.objects.get(pk=suzie.pk).given_name == "Suzie"
