"""R13: a backup made while letters and a mailing leave comes back elsewhere, without its key, and sends nothing."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time
from contextlib import closing

import pytest

from tests.faults import harness
from tests.faults.harness import ROOT, Site, wait_until
from tests.faults.sizes import times

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]
TABLES = (
    "actions_action",
    "actions_message",
    "supporters_supporter",
    "supporters_consentrecord",
    "accounts_auditentry",
)


#: Enough that a worker is still at it while the backup is made.
LETTERS = times(small=40, full=400)
#: A mailing that is under way for minutes.
READERS, A_MINUTE = 40, 4


def amparo(site, *words, may_fail=False):
    """One command of ours, as an administrator types it; what it says and how it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "amparo.config.cli", *words],
        cwd=ROOT,
        env=site.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert may_fail or done.returncode == 0, done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def picture_of(site):
    """Every row of what must not be lost, as one hash for each table."""
    found = {}
    for table in TABLES:
        columns = ", ".join(site.columns(table))
        rows = sorted(str(row) for row in site.rows(f"SELECT {columns} FROM {table}"))
        found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def mailing_of(site):
    """How the mailing stands, and how many of its chunks have somebody waiting."""
    ((state,),) = site.rows("SELECT state FROM mailings_mailing")
    return state, site.count("SELECT COUNT(*) FROM mailings_audiencechunk WHERE is_open")


@pytest.fixture
def elsewhere(site, tmp_path, server):
    """Another machine: nothing on it but the program and the key file."""
    folder = tmp_path / "elsewhere"
    (folder / "var").mkdir(parents=True)
    shutil.copy(site.folder / "master.key", folder / "master.key")
    name = f"{harness._base_of(server)}_fault_{secrets.token_hex(4)}"
    if server:
        harness._on_server(server, "CREATE DATABASE {}", name)
        url = harness.with_database(server, name)
    else:
        url = f"sqlite:///{folder / 'amparo.sqlite3'}"
    other = Site(folder=folder, database_url=url, page=site.page, consent=site.consent)
    yield other
    other.stop()
    if server:
        harness._on_server(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def test_a_backup_made_under_load_comes_back_elsewhere_and_nothing_leaves(site, elsewhere, tmp_path):
    backup = tmp_path / "amparo.backup"
    picture = site.folder / "var" / "media" / "original_images" / "ilan.txt"
    picture.parent.mkdir(parents=True)
    picture.write_text("a portrait")
    site.prepare("letters", str(LETTERS))
    harness.run_in(site.env, "-m", "tests.faults.mailings", str(READERS), "hold", str(A_MINUTE))
    site.start_mail()
    worker = site.start_worker()
    wait_until(lambda: site.states().get("sent", 0) >= 3, seconds=60, what="the first letters")
    wait_until(lambda: mailing_of(site) == ("sending", 1), seconds=60, what="the mailing")

    began = time.monotonic()
    amparo(site, "backup", str(backup))
    made_in = time.monotonic() - began
    wait_until(lambda: site.states().get("sent") == LETTERS, seconds=120, what="the other letters")
    worker.kill()
    sent = len(site.mails())

    began = time.monotonic()
    _code, said = amparo(elsewhere, "restore", str(backup))
    back_in = time.monotonic() - began
    assert "ALL SENDING IS PAUSED" in said
    before = picture_of(elsewhere)
    elsewhere.start_mail()
    elsewhere.start_worker()
    time.sleep(5)

    print(
        f"R13: backup in {made_in:.1f} s while letters left, restored in {back_in:.1f} s;"
        f" {sent} had left, {elsewhere.states()} came back, {len(elsewhere.mails())} left from the copy"
    )
    assert elsewhere.mails() == []
    assert mailing_of(elsewhere) == ("sending", 1)
    assert sum(elsewhere.states().values()) == LETTERS
    assert picture_of(elsewhere) == before
    assert (
        elsewhere.count("SELECT COUNT(*) FROM organizations_installation WHERE sending_paused_at IS NOT NULL")
        == 1
    )
    assert (elsewhere.folder / "var" / "media" / "original_images" / "ilan.txt").read_text() == "a portrait"
    elsewhere.assert_sound()
    again, said = amparo(elsewhere, "restore", str(backup), "--over-what-is-here", may_fail=True)
    assert again == 1
    assert "a worker is running" in said


def test_no_key_is_ever_in_a_backup(site, tmp_path):
    """Wherever a copy of the key file lies in the state directory."""
    key = (site.folder / "master.key").read_bytes()
    (site.folder / "var" / "copy-of-keys.txt").write_bytes(key)
    (site.folder / "var" / "media").mkdir(exist_ok=True)
    (site.folder / "var" / "media" / "keys").write_bytes(key)
    (site.folder / "var" / "secret_key").write_text("s3cret-s3cret")
    backup = tmp_path / "amparo.backup"

    amparo(site, "backup", str(backup))

    whole = backup.read_bytes()
    for line in key.splitlines():
        if b":" in line and not line.startswith(b"#"):
            assert line.partition(b":")[2] not in whole
    assert b"s3cret-s3cret" not in whole
    assert oct(backup.stat().st_mode)[-3:] == "600"
    code, said = amparo(site, "backup", str(backup), may_fail=True)
    assert code == 1
    assert "never overwritten" in said


def test_a_backup_that_is_damaged_foreign_or_unreadable_changes_nothing(site, elsewhere, tmp_path):
    backup = tmp_path / "amparo.backup"
    amparo(site, "backup", str(backup))
    whole = backup.read_bytes()

    damaged = tmp_path / "damaged"
    middle = len(whole) // 2
    damaged.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    short = tmp_path / "short"
    short.write_bytes(whole[: len(whole) // 3])
    foreign = tmp_path / "foreign"
    with tarfile.open(foreign, "w") as archive:
        archive.add(ROOT / "README.md", arcname="README.md")
    other_key = tmp_path / "other.key"
    amparo(site, "keys", "create", str(other_key))

    for file, why in (
        (damaged, "damaged"),
        (short, ""),
        (foreign, "not a backup"),
        (tmp_path / "none", "none"),
    ):
        code, said = amparo(elsewhere, "restore", str(file), may_fail=True)
        assert code == 1, said
        assert "Nothing was restored" in said
        assert why in said
    elsewhere.settings["AMPARO_MASTER_KEY_FILE"] = str(other_key)
    code, said = amparo(elsewhere, "restore", str(backup), may_fail=True)
    assert code == 1
    assert "lacks key-" in said
    if elsewhere.is_sqlite:
        assert tables_of(elsewhere.sqlite_file) == []


def tables_of(file):
    """The tables of a database; none where there is no file, or nothing but the head that opening one writes."""
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute("SELECT name FROM sqlite_master").fetchall()


def test_what_is_here_is_not_replaced_by_accident_and_is_kept_when_it_is(site, tmp_path):
    backup = tmp_path / "amparo.backup"
    amparo(site, "backup", str(backup))
    (site.folder / "var" / "engine.json").unlink(missing_ok=True)

    code, said = amparo(site, "restore", str(backup), may_fail=True)
    assert code == 1
    assert "--over-what-is-here" in said
    amparo(site, "restore", str(backup), "--over-what-is-here")

    if site.is_sqlite:
        assert list((site.folder / "var" / "before-restore").glob("*/amparo.sqlite3"))
    assert (
        site.count("SELECT COUNT(*) FROM organizations_installation WHERE sending_paused_at IS NOT NULL") == 1
    )
    amparo(site, "restore", "--resume-sending")
    assert (
        site.count("SELECT COUNT(*) FROM organizations_installation WHERE sending_paused_at IS NOT NULL") == 0
    )
