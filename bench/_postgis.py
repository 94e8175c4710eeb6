"""The design that Amparo does without: postcodes as points, seats as outlines, one query a look-up.

Stands up a database of its own, measures, and drops it.
"""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import shapely
from psycopg import sql
from shapely.geometry import shape

from amparo.targets.postcodes import FORMATS
from bench import _kingdom

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_DSN = "host=127.0.0.1 port=5432 user=postgres dbname=postgres"

#: One postcode's seats, joined in the database as MapIt does: `ST_Covers` over subdivided outlines.
QUERY = (
    "SELECT seat.code FROM postcode JOIN seat ON ST_Covers(seat.outline, postcode.location)"
    " WHERE postcode.code = %s"
)

_TABLES = """
CREATE EXTENSION postgis;
CREATE TABLE postcode (code text PRIMARY KEY, location geometry(Point, 27700) NOT NULL);
CREATE TABLE whole (code text PRIMARY KEY, outline geometry NOT NULL);
"""
_FINISH = """
CREATE TABLE seat AS SELECT code, ST_Subdivide(outline) AS outline FROM whole;
CREATE INDEX ON seat USING gist (outline);
"""


class Unavailable(Exception):  # noqa: N818 - a fact about this machine
    """PostGIS cannot be measured here; the message is the sentence that says why."""


def measure(typed: list[str], *, dsn: str = DEFAULT_DSN) -> tuple[list[int], list[int]]:
    """Return nanoseconds per look-up, normalizing included, and per empty round trip; raise `Unavailable`."""
    with loaded_database(dsn=dsn) as own_dsn, psycopg.connect(own_dsn, autocommit=True) as connection:
        normalize = FORMATS["uk"].normalize
        cursor = connection.cursor()
        for text in typed[:2_000]:
            cursor.execute(QUERY, (normalize(text),), prepare=True).fetchall()
        look_ups, round_trips = [], []
        for text in typed:
            started = time.perf_counter_ns()
            cursor.execute(QUERY, (normalize(text),), prepare=True).fetchall()
            look_ups.append(time.perf_counter_ns() - started)
        for _text in typed:
            started = time.perf_counter_ns()
            cursor.execute("SELECT 1", prepare=True).fetchall()
            round_trips.append(time.perf_counter_ns() - started)
        return look_ups, round_trips


@contextmanager
def loaded_database(*, dsn: str = DEFAULT_DSN) -> Iterator[str]:
    """A temporary database with postcodes and outlines, as a connection string; dropped at the end."""
    outlines = _kingdom.read_outlines()
    if not outlines:
        raise Unavailable("The United Kingdom's published outlines are not here.")
    name = sql.Identifier(f"amparo_bench_{secrets.token_hex(4)}")
    try:
        server = psycopg.connect(dsn, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as problem:
        raise Unavailable(f"PostgreSQL does not answer: {str(problem).splitlines()[0]}.") from problem
    with server:
        if not server.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone():
            raise Unavailable("This PostgreSQL has no PostGIS installed.")
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            own_dsn = psycopg.conninfo.make_conninfo(dsn, dbname=name.as_string(server).strip('"'))
            _load(own_dsn, outlines)
            yield own_dsn
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _load(dsn: str, outlines: list[tuple[str, object]]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_TABLES)
        with connection.cursor().copy("COPY postcode FROM STDIN") as copy:
            for row in _kingdom.read_points():
                assert row.point is not None
                copy.write_row((row.code, f"SRID=27700;POINT({row.point[0]} {row.point[1]})"))
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO whole VALUES (%s, ST_GeomFromWKB(%s, 27700))",
                [(code, shapely.to_wkb(shape(outline))) for code, outline in outlines],
            )
        connection.execute(_FINISH)
        connection.execute("VACUUM ANALYZE")
