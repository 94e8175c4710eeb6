"""Many rows at once, as fast as the database takes them: COPY on PostgreSQL, prepared statements on SQLite.

Values go in as they are, past models and their signals; sealed columns are given the bytes of `SealedTextField.sealer`.
The caller opens the transaction.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import connections, router
from django.db.models import DateField, DateTimeField, JSONField, UUIDField

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Field, Model

#: SQLite takes 32,766 variables in one statement since 3.32; smaller lists are planned faster.
MOST_IN_A_LIST = 900


def insert(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Put `rows` in; `names` are attributes of the model (`supporter_id`), in the order of the values."""
    if not rows:
        return
    connection = _connection(model)
    fields = _fields(model, names)
    columns = _columns(fields)
    if connection.vendor == "postgresql":
        _copy(connection, f'"{model._meta.db_table}"', columns, _types(fields), rows)
    else:
        _execute_many(connection, "INSERT", model, fields, rows)


def insert_if_new(
    model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]], *, conflict: str = ""
) -> set[UUID]:
    """Put in those of `rows` that break no unique constraint; the ids of those that went in.

    The first of `names` is the primary key, a UUID that nobody else has. `conflict` names the columns, and a partial
    index's condition, on whose clash a row yields, as SQL writes them; without it any unique constraint will do.
    """
    if not rows:
        return set()
    connection = _connection(model)
    fields = _fields(model, names)
    columns = _columns(fields)
    if connection.vendor != "postgresql":
        _execute_many(connection, "INSERT OR IGNORE", model, fields, rows)
        return _those_there(model, [row[0] for row in rows])
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE TEMPORARY TABLE IF NOT EXISTS "coming_{table}" (LIKE "{table}" INCLUDING DEFAULTS)'
        )
        cursor.execute(f'TRUNCATE "coming_{table}"')
        _copy(connection, f'"coming_{table}"', columns, _types(fields), rows)
        cursor.execute(
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM "coming_{table}"'  # noqa: S608 - our own names
            f" ON CONFLICT {conflict} DO NOTHING RETURNING {columns.partition(',')[0]}"
        )
        return {row[0] for row in cursor.fetchall()}


def in_lists(values: Iterable[Any]) -> list[list[Any]]:
    """The values in lists short enough for `__in`."""
    wanted = list(values)
    return [wanted[at : at + MOST_IN_A_LIST] for at in range(0, len(wanted), MOST_IN_A_LIST)]


def _those_there(model: type[Model], ids: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for some in in_lists(ids):
        found.update(model._base_manager.filter(pk__in=some).values_list("pk", flat=True))
    return found


def _connection(model: type[Model]) -> BaseDatabaseWrapper:
    connection = connections[router.db_for_write(model)]
    connection.ensure_connection()
    return connection


def _fields(model: type[Model], names: Sequence[str]) -> list[Field[Any, Any]]:
    return [cast("Field[Any, Any]", model._meta.get_field(name)) for name in names]


def _columns(fields: Sequence[Field[Any, Any]]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def _types(fields: Sequence[Field[Any, Any]]) -> list[str]:
    """What the columns are called by the server, so that values may travel in its own form."""
    connection = connections[router.db_for_write(fields[0].model)]
    return [(field.db_type(connection) or "text").partition("(")[0].partition(" gen")[0] for field in fields]


def _copy(
    connection: BaseDatabaseWrapper,
    table: str,
    columns: str,
    types: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


# --- SQLite -------------------------------------------------------------------------------------------------------


def _execute_many(
    connection: BaseDatabaseWrapper,
    verb: str,
    model: type[Model],
    fields: Sequence[Field[Any, Any]],
    rows: Iterable[Sequence[Any]],
) -> None:
    places = ", ".join("?" * len(fields))
    turns = [(place, _TURNS[type(field)]) for place, field in _target_fields(fields) if type(field) in _TURNS]
    # The driver itself: Django's cursor would rewrite and log every statement.
    connection.connection.executemany(
        f'{verb} INTO "{model._meta.db_table}" ({_columns(fields)}) VALUES ({places})',
        (_turned(row, turns) for row in rows),
    )


def _target_fields(fields: Sequence[Field[Any, Any]]) -> Iterator[tuple[int, Any]]:
    """Each column's place and the field that says its type: for a reference, the one it refers to."""
    for place, field in enumerate(fields):
        yield place, getattr(field, "target_field", field)


def _turned(row: Sequence[Any], turns: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    """The row as Django would write it into SQLite."""
    plain = list(row)
    for place, turn in turns:
        value = plain[place]
        if value is not None:
            plain[place] = turn(value)
    return plain


def _hex(value: UUID) -> str:
    return value.hex


@lru_cache(maxsize=64)
def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


_TURNS: dict[type, Callable[[Any], Any]] = {
    UUIDField: _hex,
    DateTimeField: _moment,
    DateField: date.isoformat,
    JSONField: json.dumps,
}
