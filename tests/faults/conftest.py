"""Sites to break: on SQLite, or on the PostgreSQL server that this run is about."""

from __future__ import annotations

import os

import pytest

from tests.faults import harness
from tests.skips import on_postgres


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    """Where the site lies that the others are copied from; shared by runs beside each other."""
    place = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        place = place.parent
    return place / "faults"


@pytest.fixture(scope="session")
def server():
    """The address of the PostgreSQL server, or nothing on SQLite."""
    return os.environ["DATABASE_URL"] if on_postgres() else ""


@pytest.fixture(scope="session", autouse=True)
def _clear_the_shelf(shelf, server):
    """Runs beside each other share the shelf; theirs is cleared by `make test`, with their other databases."""
    yield
    if server and not os.environ.get("PYTEST_XDIST_WORKER"):
        harness.clear_shelf(shelf, server)


@pytest.fixture(scope="module")
def site(shelf, server, tmp_path_factory):
    """A site of this module's own."""
    with harness.a_site(shelf=shelf, folder=tmp_path_factory.mktemp("site"), server=server) as site:
        yield site
