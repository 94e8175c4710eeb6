"""One limit over three processes: the sum of what they let through is the limit (guarantee S10)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from amparo.organizations.models import AttemptCount

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

ROOT = Path(__file__).resolve().parent.parent.parent
#: Each tries its forty with headers of its own making; the network behind them is one.
MALLORY = """
import django
django.setup()
from datetime import UTC, datetime
from django.test import RequestFactory
from amparo.kit.client_address import network_asking
from amparo.kit.throttle import Limit
from amparo.organizations import limits

now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
limit = Limit("a-test", count=60, seconds=3600)
let_through = 0
for number in range(40):
    forged = f"198.51.100.{number}, 2001:db8:1:2::{number:x}"
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forged)
    let_through += limits.allow(limit, value=network_asking(request), now=now)
print(let_through)
"""


def test_three_processes_let_sixty_of_a_hundred_and_twenty_through(tmp_path):
    file = tmp_path / "limits.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL ORDER BY rowid",
            [AttemptCount._meta.db_table],
        )
        statements = [sql for (sql,) in cursor.fetchall()]
    with closing(sqlite3.connect(file)) as database:
        database.executescript(";".join(statements))
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "amparo.config.settings",
        "DATABASE_URL": f"sqlite:///{file}",
        "AMPARO_MASTER_KEY_FILE": str(settings.AMPARO_MASTER_KEY_FILE),
        "AMPARO_TRUSTED_PROXIES": "1",
    }

    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MALLORY], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for _process in range(3)
    ]
    let_through = [int(process.communicate(timeout=90)[0]) for process in processes]

    assert sum(let_through) == 60, let_through
    assert all(process.returncode == 0 for process in processes)
