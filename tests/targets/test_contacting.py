from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from amparo.accounts.models import AuditEntry
from amparo.targets.contacting import (
    UnfitContact,
    clear_failures,
    record_failure,
    record_override,
    remove_override,
    report_mistake,
)
from amparo.targets.models import ContactFailure, ContactOverride, MistakeReport
from tests.factories.organizations import an_organization
from tests.factories.people import a_user

pytestmark = pytest.mark.django_db

ADDRESS = "deputy@assembly.example.org"
KEY = "orlund/assembly/O07"


def test_the_second_different_letter_flags_an_address(now):
    assert record_failure(address=ADDRESS, letter_id=uuid4(), reason="550 no such user", now=now) is False
    assert record_failure(address=ADDRESS, letter_id=uuid4(), reason="550 no such user", now=now) is True


def test_the_same_letter_counts_once_however_often_it_comes_back(now):
    letter = uuid4()

    for _time in range(3):
        flagged = record_failure(address=ADDRESS, letter_id=letter, reason="550", now=now)

    assert flagged is False
    assert ContactFailure.objects.get().failed_at == now


def test_one_address_is_one_address_however_it_is_written(now):
    record_failure(address=ADDRESS, letter_id=uuid4(), reason="550", now=now)

    assert (
        record_failure(address=" Deputy@Assembly.Example.ORG ", letter_id=uuid4(), reason="550", now=now)
        is True
    )


def test_a_long_reason_of_many_lines_is_kept_short_and_in_one(now):
    record_failure(address=ADDRESS, letter_id=uuid4(), reason="550 \r\n" + "x" * 900, now=now)

    reason = ContactFailure.objects.get().reason
    assert len(reason) == 300
    assert "\n" not in reason


def test_staff_trust_an_address_again(now):
    bruno = a_user()
    for _letter in range(2):
        record_failure(address=ADDRESS, letter_id=uuid4(), reason="550", now=now)

    assert clear_failures(address=ADDRESS, by=bruno, now=now) == 2

    assert AuditEntry.objects.get(actor=bruno).details == {"failures": 2}
    assert clear_failures(address=ADDRESS, by=bruno, now=now) == 0
    assert record_failure(address=ADDRESS, letter_id=uuid4(), reason="550", now=now) is False


def test_an_override_is_recorded_once_and_changed_in_place(now):
    ours, bruno = an_organization(), a_user()

    for value in ("first@example.org", "second@example.org"):
        record_override(
            organization=ours,
            target_key=KEY,
            type="email",
            value=f" {value} ",
            reason="told",
            by=bruno,
            now=now,
        )

    override = ContactOverride.objects.get()
    assert (override.value, override.recorded_by) == ("second@example.org", bruno)
    assert AuditEntry.objects.for_organization(ours).count() == 2
    assert all("example.org" not in str(entry.details) for entry in AuditEntry.objects.all())


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("email", "not an address"),
        ("email", "a@example.org, b@example.org"),
        ("email", "a@example.org\nBcc: b@example.org"),
        ("form", "javascript:alert(1)"),
        ("form", ""),
        ("none", "something"),
        ("fax", "1"),
    ],
)
def test_what_no_letter_could_go_to_is_refused(now, type, value):
    with pytest.raises(UnfitContact):
        record_override(
            organization=an_organization(),
            target_key=KEY,
            type=type,
            value=value,
            reason="",
            by=None,
            now=now,
        )

    assert not ContactOverride.objects.exists()


def test_an_override_can_be_taken_back_by_its_own_organization(now):
    ours, theirs = an_organization("open-doors"), an_organization("free-words")
    record_override(organization=ours, target_key=KEY, type="none", reason="", by=None, now=now)

    assert remove_override(organization=theirs, target_key=KEY, by=None, now=now) is False
    assert remove_override(organization=ours, target_key=KEY, by=None, now=now) is True
    assert not ContactOverride.objects.exists()


def test_a_report_is_kept_sealed_for_staff_of_that_organization(now):
    ours = an_organization()

    report_mistake(
        organization=ours, target_key=KEY, dataset_label="orlund/1", what="She died last week.",
        email="dana@example.org", now=now + timedelta(hours=1),
    )  # fmt: skip

    report = MistakeReport.objects.for_organization(ours).get()
    assert (report.what, report.email) == ("She died last week.", "dana@example.org")
    assert not MistakeReport.objects.for_organization(an_organization("free-words")).exists()
    stored = MistakeReport.objects.values_list("what", "email").get()
    assert all(b"died" not in bytes(column) and b"dana" not in bytes(column) for column in stored)
