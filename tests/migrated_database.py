"""A database that has been migrated once is kept, and copied for the next run of the tests on SQLite.

Migrating from nothing takes 20 seconds of processor time, copying the result a twentieth of one. The copy is thrown
away as soon as any migration, or a library that brings some, is another.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".pytest_cache" / "migrated"
#: Apps of the tests have no migrations: their tables follow their models.
WITHOUT_MIGRATIONS = ("toybox", "workshop", "extend")


def keep() -> None:
    """From now on, test databases in memory begin as the copy."""
    import django.db.backends.sqlite3.base  # noqa: F401 - its parts cannot be imported before it
    from django.db.backends.sqlite3.creation import DatabaseCreation

    plain = DatabaseCreation.create_test_db

    def create_test_db(self, *args, **kwargs):
        if os.environ.get("AMPARO_TEST_MIGRATE") == "1":
            return plain(self, *args, **kwargs)
        copy = KEPT / f"{mark()}.sqlite3"
        fill = self._create_test_db

        def filled(*inner, **options):
            name = fill(*inner, **options)
            if self.is_in_memory_db(name) and copy.exists():
                self.connection.settings_dict["NAME"] = name
                self.connection.ensure_connection()
                with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as kept:
                    kept.backup(self.connection.connection)
            return name

        self._create_test_db = filled
        try:
            name = plain(self, *args, **kwargs)
        finally:
            self._create_test_db = fill
        if self.is_in_memory_db(name) and not copy.exists():
            _store(self.connection.connection, copy)
        return name

    DatabaseCreation.create_test_db = create_test_db


def mark() -> str:
    """Another one as soon as anything is that decides what migrating comes to."""
    from django.apps import apps

    digest = hashlib.sha256(sqlite3.sqlite_version.encode())
    for app in sorted(apps.get_app_configs(), key=lambda each: each.label):
        folder = Path(app.path)
        files = folder.glob("**/*.py" if app.label in WITHOUT_MIGRATIONS else "migrations/*.py")
        for path in sorted(files):
            digest.update(f"{app.label}/{path.name}\0".encode())
            digest.update(path.read_bytes())
    digest.update((ROOT / "amparo" / "kit" / "append_only.py").read_bytes())
    return digest.hexdigest()[:24]


def _store(connection: sqlite3.Connection, copy: Path) -> None:
    """Written aside and renamed, so that another run at the same moment finds all of it or nothing."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in sorted(KEPT.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-2]:
        old.unlink(missing_ok=True)
    aside = copy.with_suffix(f".{os.getpid()}")
    with sqlite3.connect(aside) as target:
        connection.backup(target)
    target.close()
    aside.replace(copy)
