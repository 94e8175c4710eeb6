"""Being the first: a row that goes in only when no other with its unique values is there.

One statement inserts and decides, on SQLite and on PostgreSQL. Django can do the insert (`bulk_create` with
`ignore_conflicts`) but does not say whether it happened, which costs a question for each row in the busiest place.
"""

from __future__ import annotations

from django.db import connections, router
from django.db.models import AutoField, Model
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery


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
