"""A database that several threads can write to: a file on SQLite, the test database on PostgreSQL."""

from __future__ import annotations

import copy
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connections

from tests.skips import on_postgres
from tests.workshop.models import Bench, Chore

#: The alias under which a database of its own is known while a test runs.
ALIAS = "workshop"


@contextmanager
def workshop_database(request, tmp_path):
    """The alias of a database with benches and chores, whichever kind this run is about; no transaction around it.

    A test that asks for it needs the mark `django_db`, without which pytest-django makes no database on a server.
    """
    database = second_door() if on_postgres() else file_database(tmp_path / "workshop.sqlite3")
    with request.getfixturevalue("django_db_blocker").unblock(), database as alias:
        yield alias


@contextmanager
def second_door():
    """The test database once more, under `ALIAS`, where commits are commits; emptied of our rows at the end."""
    connections.databases[ALIAS] = copy.deepcopy(connections["default"].settings_dict)
    try:
        yield ALIAS
        Chore.objects.using(ALIAS).all().delete()
        Bench.objects.using(ALIAS).all().delete()
    finally:
        _forget()


@contextmanager
def file_database(path, *, synchronous: str = "FULL", timeout: float = 20):
    """An SQLite file with our models, under `ALIAS`, opened as the settings open the real one."""
    settings = copy.deepcopy(connections["default"].settings_dict)
    settings.update(ENGINE="django.db.backends.sqlite3", NAME=str(path), CONN_MAX_AGE=None)
    settings["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": timeout,
        "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};",
    }
    connections.databases[ALIAS] = settings
    try:
        with connections[ALIAS].schema_editor() as editor:
            editor.create_model(Bench)
            editor.create_model(Chore)
        yield ALIAS
    finally:
        _forget()


def _forget():
    connections[ALIAS].close()
    del connections[ALIAS]
    del connections.databases[ALIAS]


def at_once(*deeds):
    """Run each deed in a thread of its own, all let go at the same moment; their results, in order."""
    gate = threading.Barrier(len(deeds))

    def run(deed):
        gate.wait(timeout=30)
        try:
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(deeds)) as threads:
        return [future.result(timeout=60) for future in [threads.submit(run, deed) for deed in deeds]]
