"""Nobody alters, removes or adds an entry of the audit trail unnoticed (guarantee S16)."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections

from amparo.accounts import audit, audit_chain
from amparo.accounts.models import AuditEntry, AuditSeal
from amparo.kit import sealing
from amparo.kit.work import run_line
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization

TABLES = ("accounts_auditentry", "accounts_auditseal")


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


@pytest.fixture
def trail(db):
    """Ten deeds, sealed."""
    organization = an_organization()
    for number in range(10):
        written(organization, number)
    assert run_line("audit", now_source=lambda: NOW).done >= 10
    assert audit_chain.verify().breaks == []
    with connection.cursor() as cursor:
        lay_down_the_guards(cursor)
    return list(AuditEntry.objects.filter(verb="hold_letter").order_by("pk"))


def written(organization, number=0):
    audit.record(
        verb="hold_letter",
        subject=organization,
        by=None,
        organization=organization,
        now=NOW,
        details={"n": number, "é": [1.5, None]},
    )


def lay_down_the_guards(cursor):
    """What somebody does who owns the database: the tables' own guards are no obstacle to them."""
    for table in TABLES:
        for deed in ("update", "delete"):
            on_table = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_refuses_{deed}{on_table}")


def broken() -> list[tuple[str, str]]:
    return [(found.says, found.entry) for found in audit_chain.verify().breaks]


def test_an_altered_entry_is_found(trail):
    AuditEntry.objects.filter(pk=trail[4].pk).update(verb="release_letter")
    assert broken() == [("An entry was altered.", str(trail[4].pk))]


@pytest.mark.parametrize(
    "column", ["subject_id", "details", "recorded_at", "actor_id", "organization_id", "subject_type"]
)
def test_so_is_each_thing_that_it_says(trail, column):
    value = {
        "details": {"n": 99},
        "recorded_at": NOW + timedelta(1),
        "actor_id": 7,
        "organization_id": trail[0].pk,
    }
    AuditEntry.objects.filter(pk=trail[4].pk).update(**{column: value.get(column, "another")})
    assert broken() == [("An entry was altered.", str(trail[4].pk))]


def test_a_removed_entry_is_found(trail):
    AuditEntry.objects.filter(pk=trail[4].pk).delete()
    assert broken() == [("An entry that was sealed is gone.", str(trail[4].pk))]


def test_so_is_one_that_was_removed_with_its_link(trail):
    link = AuditSeal.objects.get(entry_id=trail[4].pk)
    AuditEntry.objects.filter(pk=trail[4].pk).delete()
    AuditSeal.objects.filter(pk=link.pk).delete()
    says = [says for says, _entry in broken()]
    assert says[0] == f"Links {link.position} to {link.position} of the chain are gone."
    assert "An entry does not continue the chain before it." in says


def test_so_is_a_gap_that_was_closed_again(trail):
    links = list(AuditSeal.objects.order_by("position"))
    AuditEntry.objects.filter(pk=links[4].entry_id).delete()
    AuditSeal.objects.filter(position__gte=links[4].position).delete()
    for link in links[5:]:
        AuditSeal.objects.create(
            position=link.position - 1, entry_id=link.entry_id, mac=link.mac, sealed_at=NOW
        )
    assert broken()


def test_an_entry_by_another_hand_is_found_before_and_after_it_is_sealed(trail):
    forged = AuditEntry.objects.create(
        verb="appoint", subject_type="accounts.user", subject_id="1", recorded_at=NOW
    )
    assert broken() == [("An entry was added by another hand.", str(forged.pk))]
    marked = AuditEntry.objects.create(
        verb="appoint", subject_type="accounts.user", subject_id="1", recorded_at=NOW, mark=b"\1" * 32
    )
    assert ("An entry was altered.", str(marked.pk)) in broken()
    audit_chain.seal_waiting(now=NOW)
    assert {entry for _says, entry in broken()} == {str(forged.pk), str(marked.pk)}


def test_a_copied_mark_fits_no_other_entry(trail):
    copied = AuditEntry.objects.create(
        verb="hold_letter", subject_type="x.y", subject_id="1", recorded_at=NOW, mark=trail[0].mark
    )
    assert ("An entry was altered.", str(copied.pk)) in broken()


def test_a_trail_that_was_cut_off_at_its_end_is_found(trail):
    last = AuditSeal.objects.order_by("-position").first()
    AuditEntry.objects.filter(pk=last.entry_id).delete()
    AuditSeal.objects.filter(pk=last.pk).delete()
    ((says, _entry),) = broken()
    assert says.startswith(f"The chain ends at {last.position - 1} and once reached {last.position}")


def test_a_chain_made_anew_is_found(trail):
    """With the key, even; what gives it away is the file beside the database."""
    AuditEntry.objects.filter(pk=trail[4].pk).delete()
    AuditSeal.objects.all().delete()
    noted = json.loads(audit_chain.head().read_text())
    for _more in range(2):
        written(an_organization())
    while audit_chain.seal_waiting(now=NOW):
        pass
    assert (f"The chain was made anew before its link {noted['position']}.", "") in broken()


def test_after_a_restored_backup_somebody_says_so_and_the_trail_goes_on(trail, capsys):
    last = AuditSeal.objects.order_by("-position").first()
    AuditEntry.objects.filter(pk=last.entry_id).delete()
    AuditSeal.objects.filter(pk=last.pk).delete()
    with pytest.raises(SystemExit):
        call_command("audit", "verify")
    assert "BROKEN" in capsys.readouterr().out
    call_command("audit", "accept", stdout=StringIO())
    call_command("audit", "verify")
    assert "none are not as written" in capsys.readouterr().out
    assert AuditEntry.objects.filter(verb="accept_restored_trail").exists()


def test_entries_from_before_there_were_marks_are_believed(db):
    AuditEntry.objects.create(verb="appoint", subject_type="accounts.user", subject_id="1", recorded_at=NOW)
    audit_chain.seal_waiting(now=NOW)
    written(an_organization())
    assert broken() == []


def test_machines_are_told(trail, capsys):
    call_command("audit", "verify", "--json")
    assert json.loads(capsys.readouterr().out)["breaks"] == []


def test_another_key_file_reads_nothing_into_it(trail, settings, tmp_path):
    from amparo.kit.master_keys import create_master_key_file

    create_master_key_file(tmp_path / "other.key")
    settings.AMPARO_MASTER_KEY_FILE = tmp_path / "other.key"
    sealing.forget_keys()
    try:
        assert len(broken()) >= 10
    finally:
        sealing.forget_keys()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("writers", [4])
def test_any_number_of_writers_and_sealers_make_one_chain(writers):
    if connection.vendor == "sqlite":
        pytest.skip("In memory, SQLite has one connection; its writers queue.")
    organization = an_organization()

    def write():
        for number in range(10):
            written(organization, number)
            audit_chain.seal_waiting(now=NOW)
        connections.close_all()

    threads = [threading.Thread(target=write) for _one in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while audit_chain.seal_waiting(now=NOW):
        pass
    verdict = audit_chain.verify()
    assert (verdict.breaks, verdict.waiting) == ([], 0)
    assert verdict.sealed == AuditEntry.objects.count()
