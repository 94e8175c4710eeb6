"""A copy of the database does not let anybody pass as staff: secrets of second factors are sealed."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.apps import apps

from amparo.accounts import second_factor_seal
from amparo.kit import sealing
from tests.factories.people import TOTP_SECRET, a_user

pytestmark = pytest.mark.django_db
migration = importlib.import_module("amparo.accounts.migrations.0004_seal_second_factors")


def a_code(secret: str) -> str:
    counters = list(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, counters[len(counters) // 2]))


def test_a_one_time_code_works_and_its_secret_is_sealed():
    bruno = a_user(second_factor=False)
    factor = totp.TOTP.activate(bruno, TOTP_SECRET)

    stored = Authenticator.objects.get().data["secret"]
    assert TOTP_SECRET not in stored
    assert second_factor_seal.unseal(stored) == TOTP_SECRET
    assert factor.validate_code(a_code(TOTP_SECRET))
    assert not factor.validate_code("000000") or a_code(TOTP_SECRET) == "000000"


def test_recovery_codes_work_and_their_seed_is_sealed():
    codes = RecoveryCodes.activate(a_user())
    unused = codes.get_unused_codes()

    assert Authenticator.objects.get(type="recovery_codes").data["seed"].startswith(second_factor_seal.PREFIX)
    assert codes.validate_code(unused[0])
    assert not codes.validate_code(unused[0])


def test_mallory_cannot_slip_in_a_secret_of_her_own():
    with pytest.raises(sealing.Unsealable):
        second_factor_seal.unseal(TOTP_SECRET)


def test_the_migration_seals_what_is_there_and_leaves_passkeys_alone():
    bruno = a_user(second_factor=False)
    rows = {
        "totp": {"secret": TOTP_SECRET},
        "recovery_codes": {"migrated_codes": ["12345678", "87654321"], "used_mask": 0},
        "webauthn": {"name": "Key", "credential": {"x": "y"}},
    }
    for kind, data in rows.items():
        Authenticator.objects.create(user=bruno, type=kind, data=data)

    for _twice in range(2):
        migration.seal(apps, SimpleNamespace())
        sealed = {row.type: row.data for row in Authenticator.objects.all()}
        assert second_factor_seal.unseal(sealed["totp"]["secret"]) == TOTP_SECRET
        assert [second_factor_seal.unseal(code) for code in sealed["recovery_codes"]["migrated_codes"]] == [
            "12345678",
            "87654321",
        ]
        assert sealed["webauthn"] == rows["webauthn"]

    migration.unseal(apps, SimpleNamespace())
    assert {row.type: row.data for row in Authenticator.objects.all()} == rows
