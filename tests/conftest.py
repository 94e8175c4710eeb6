"""What every test stands on: no network, a fixed moment, clean caches, and a database that can be emptied."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db.models.signals import post_migrate
from django.utils import translation

from tests import migrated_database
from tests.factories.moments import NOW

pytest_plugins = ["tests.skips"]


def pytest_configure(config):
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, ".test"]
    # WhiteNoise warns about a folder that is not there, and nothing is collected for tests.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    _let_flush_pass_append_only_tables()
    migrated_database.keep()
    post_migrate.connect(_plant_the_tree, dispatch_uid="amparo-tests-tree")


def pytest_runtest_setup(item):
    """Only this machine is reachable."""
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture
def now():
    """Sunday 22 November 2026, noon in UTC."""
    return NOW


@pytest.fixture(autouse=True)
def _english():
    """The language of the last page one test read is not the next one's."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _clean_caches():
    """What one test left in a cache is not there in the next."""
    from django.core.cache import cache

    from amparo.targets import current
    from amparo.web.page_cache import forget_pages

    cache.clear()
    forget_pages()
    current.forget()


def _let_flush_pass_append_only_tables():
    """Between tests with real transactions Django empties every table; on SQLite our guards would refuse that."""
    import django.db.backends.sqlite3.base  # noqa: F401 - its operations cannot be imported before it
    from django.db import connections
    from django.db.backends.sqlite3.operations import DatabaseOperations

    plain = DatabaseOperations.sql_flush

    def sql_flush(self, style, tables, **kwargs):
        with connections[self.connection.alias].cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_refuses\\_%' ESCAPE '\\'"
            )
            guards = cursor.fetchall()
        drop = [f"DROP TRIGGER {self.quote_name(name)};" for name, _sql in guards]
        remake = [f"{sql};" for _name, sql in guards]
        return [*drop, *plain(self, style, tables, **kwargs), *remake]

    DatabaseOperations.sql_flush = sql_flush


def _plant_the_tree(sender, using, **kwargs):
    """Wagtail makes its language, its root page and its root collection in migrations; after a flush we do."""
    if sender.label != "wagtailcore":
        return
    from wagtail.models import Collection, Locale, Page

    if not Locale.objects.using(using).exists():
        Locale.objects.using(using).create(language_code="en")
    if not Page.objects.using(using).exists():
        Page.add_root(title="Root", slug="root")
    if not Collection.objects.using(using).exists():
        Collection.add_root(name="Root")


@pytest.fixture
def mail_server(settings):
    """A mail server on this machine; SMTP_URL points at it."""
    from amparo.mailings import transport
    from tests.fakes.mail_server import FakeMailServer

    server = FakeMailServer()
    settings.SMTP_URL = server.start()
    yield server
    transport.mail_server().close()
    server.stop()
