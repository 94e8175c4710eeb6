"""Being the first: a row that goes in only when no other with its unique values is there.

One statement inserts and decides, on SQLite and on PostgreSQL. Django can do the insert (`bulk_create` with
`ignore_conflicts`) but does not say whether it happened, which costs a question for each row in the busiest place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import AutoField, Model, Value
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery

if TYPE_CHECKING:
    from django.db.models import QuerySet


def insert_if_new(row: Model) -> bool:
    """Whether `row` went in; False when a unique constraint holds its place for another row already.

    Waits for another transaction that is just inserting the same. `row` has to bring its own primary key, unless
    that is counted by the database and nobody needs it: it is not read back.
    """
    model = type(row)
    using = router.db_for_write(model, instance=row)
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    query = InsertQuery(model, on_conflict=OnConflict.IGNORE)
    query.insert_values(fields, [row])
    ((statement, values),) = query.get_compiler(using=using).as_sql()
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        inserted = bool(cursor.rowcount == 1)
    if inserted:
        row._state.adding, row._state.db = False, using
    return inserted


def insert_selected(model: type[Model], rows: QuerySet[Any, Any], *, limit: int, **columns: Any) -> int:
    """Insert a row of `model` for each of `rows`, `limit` of them at most, by one statement; how many went in.

    `columns` says what stands in each column: an expression over `rows`, or a value. Every column that has no default
    of the database's own is named. Whose place a unique constraint holds for another row is left out. Nothing crosses
    the wire, so it makes no difference whether these are ten or half a million.
    """
    using = router.db_for_write(model)
    fields: dict[str, Any] = {name: model._meta.get_field(name) for name in columns}
    worked_out = {
        f"insert_{name}": given if hasattr(given, "resolve_expression") else Value(given, fields[name])
        for name, given in columns.items()
    }
    found = rows.using(using).annotate(**worked_out).values_list(*worked_out)[:limit]
    try:
        select, values = found.query.get_compiler(using=using).as_sql()
    except EmptyResultSet:
        return 0
    quote = connections[using].ops.quote_name
    into = ", ".join(quote(field.column) for field in fields.values())
    chosen = ", ".join(quote(name) for name in worked_out)
    with connections[using].cursor() as cursor:
        # "WHERE true": without it SQLite takes ON CONFLICT for the ON of a join.
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({into}) SELECT {chosen} FROM ({select}) AS chosen"  # noqa: S608 - our own names
            " WHERE true ON CONFLICT DO NOTHING",
            values,
        )
        return max(int(cursor.rowcount), 0)
