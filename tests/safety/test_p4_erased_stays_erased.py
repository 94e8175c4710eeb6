"""Guarantee P4: whom we erased stays erased when the database file of yesterday is put back.

A real file, real processes: a supporter signs, the file is copied, they are erased, the copy is put back, and the
command that comes before serving and sending is run.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]
ROOT = Path(__file__).resolve().parent.parent.parent
EMAIL = "zuzanna.kanarek@example.net"
CANARIES = [b"Zuzanna", b"Kanarek", EMAIL.encode()]
WHO = "SELECT anonymized_at, email IS NULL FROM supporters_supporter"


def asked(database: Path, question: str) -> list[tuple]:
    """What a file answers, with everything in it, as a backup has it."""
    opened = sqlite3.connect(database)
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    found = opened.execute(question).fetchall()
    opened.close()
    return found


def amparo(*words: str, database: Path, state: Path) -> str:
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "AMPARO_VAR": str(state),
        "AMPARO_MASTER_KEY_FILE": str(settings.AMPARO_MASTER_KEY_FILE),
        "DJANGO_SETTINGS_MODULE": "amparo.config.settings",
    }
    command = [sys.executable, "-W", "ignore", "-m", "amparo.config.cli", *words]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_yesterdays_file_brings_nobody_back(tmp_path):
    a_supporter(an_organization(), given_name="Zuzanna", family_name="Kanarek", email=EMAIL)
    place = {"database": tmp_path / "amparo.sqlite3", "state": tmp_path / "var"}
    with sqlite3.connect(place["database"]) as file:
        connection.connection.backup(file)
    file.close()
    assert asked(place["database"], WHO) == [(None, 0)]
    shutil.copy(place["database"], tmp_path / "backup.sqlite3")

    assert "They are erased." in amparo(
        "supporters", "erase", EMAIL, "--organization", "open-doors", "--yes", **place
    )
    ((erased_at, gone),) = asked(place["database"], WHO)
    assert gone
    shutil.copy(tmp_path / "backup.sqlite3", place["database"])
    assert asked(place["database"], WHO) == [(None, 0)], "the backup is from before"

    assert "1 person was erased again" in amparo("migrate", **place)

    assert asked(place["database"], WHO)[0][1] == 1
    assert asked(place["database"], "SELECT erased_at FROM supporters_tombstone") == [(erased_at,)]
    assert asked(place["database"], "SELECT reason, digest IS NULL FROM supporters_suppression") == [
        ("erased", 1)
    ]
    for path in [place["database"], *place["state"].rglob("*")]:
        if path.is_file():
            assert [canary for canary in CANARIES if canary in path.read_bytes()] == [], path
