"""A database that has been migrated once is kept, and copied for the next run of the tests.

Migrating from nothing takes 20 seconds of processor time on SQLite and more than a minute on PostgreSQL, copying the
result a second. The copy is thrown away as soon as any migration, or a library that brings some, is another.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".pytest_cache" / "migrated"
#: On PostgreSQL it is a database, from which those of the tests are made; there is one at a time.
TEMPLATES = "amparo_migrated_"
#: Set to 1, every run migrates for itself.
MIGRATE = "AMPARO_TEST_MIGRATE"
#: Apps of the tests have no migrations: their tables follow their models.
WITHOUT_MIGRATIONS = ("toybox", "workshop", "extend")


def keep() -> None:
    """From now on, test databases in memory begin as the copy, and those on PostgreSQL as one made from a template."""
    _keep_on_sqlite()
    _keep_on_postgresql()


def _keep_on_sqlite() -> None:
    import django.db.backends.sqlite3.base  # noqa: F401 - its parts cannot be imported before it
    from django.db.backends.sqlite3.creation import DatabaseCreation

    plain = DatabaseCreation.create_test_db

    def create_test_db(self, *args, **kwargs):
        if os.environ.get(MIGRATE) == "1":
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
            with _the_first_migrates(copy.name, is_there=copy.exists):
                name = plain(self, *args, **kwargs)
                if self.is_in_memory_db(name) and not copy.exists():
                    _store(self.connection.connection, copy)
        finally:
            self._create_test_db = fill
        return name

    DatabaseCreation.create_test_db = create_test_db


def _keep_on_postgresql() -> None:
    import django.db.backends.postgresql.base  # noqa: F401 - its parts cannot be imported before it
    from django.db.backends.postgresql.creation import DatabaseCreation

    plain = DatabaseCreation.create_test_db

    def create_test_db(self, *args, **kwargs):
        template = f"{TEMPLATES}{mark()}"

        def is_there():
            with self._nodb_cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
                return cursor.fetchone() is not None

        if os.environ.get(MIGRATE) == "1" or kwargs.get("keepdb"):
            return plain(self, *args, **kwargs)
        with _the_first_migrates(template, is_there=is_there):
            if is_there():
                self.connection.settings_dict["TEST"]["TEMPLATE"] = template
                return plain(self, *args, **kwargs)
            name = plain(self, *args, **kwargs)
            self.connection.close()
            with self._nodb_cursor() as cursor:
                cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{TEMPLATES}%"])
                for (old,) in cursor.fetchall():
                    cursor.execute(f"DROP DATABASE IF EXISTS {self.connection.ops.quote_name(old)}")
                cursor.execute(
                    f"CREATE DATABASE {self.connection.ops.quote_name(template)}"
                    f" TEMPLATE {self.connection.ops.quote_name(name)}"
                )
            self.connection.ensure_connection()
            return name

    DatabaseCreation.create_test_db = create_test_db


@contextmanager
def _the_first_migrates(name: str, *, is_there: Callable[[], bool]) -> Iterator[None]:
    """Of several runs that begin together one migrates; the others wait and take what it kept."""
    if is_there():
        yield
        return
    with (Path(tempfile.gettempdir()) / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
