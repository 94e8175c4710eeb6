"""Ids that lie packed in a column, one after another: the database takes them apart, so that no list crosses the wire.

Half a million ids in a thousand rows are 12 MB to read, and one statement asks who is among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Subquery, UUIDField

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import QuerySet
    from django.db.models.sql.compiler import SQLCompiler

#: Bytes of an id (RFC 9562).
ID = 16

_POSTGRESQL = """(WITH packed(%(columns)s) AS (%(subquery)s)
SELECT encode(substring(ids FROM place FOR 16), 'hex')::uuid
FROM packed, generate_series(1, length(ids), %(entry)s) AS place%(only)s)"""
_AMONG_POSTGRESQL = """
WHERE position(substring(marks FROM (place - 1) / %(entry)s + 1 FOR 1) IN '\\x%(among)s'::bytea) > 0"""

# Places are worked out once for the longest row; each row is then read once from its beginning to its end.
_SQLITE = """(WITH RECURSIVE packed(%(columns)s) AS (%(subquery)s), places(place) AS (
SELECT 1 UNION ALL
SELECT place + %(entry)s FROM places WHERE place + %(entry)s < (SELECT max(length(ids)) FROM packed))
SELECT lower(hex(substr(ids, place, 16))) FROM packed CROSS JOIN places WHERE place < length(ids)%(only)s)"""
_AMONG_SQLITE = " AND instr(x'%(among)s', substr(marks, (place - 1) / %(entry)s + 1, 1)) > 0"


class UnpackedIds(Subquery):
    """The ids in the one binary column that `rows` selects, for `Q(pk__in=UnpackedIds(rows))`.

    `entry` is the number of bytes from the beginning of one id to that of the next: 16, or more where each is followed
    by something else. With `among`, `rows` selects a second binary column with one byte for each id, and only those ids
    are taken whose byte is one of these.
    """

    def __init__(self, rows: QuerySet[Any, Any], *, entry: int = ID, among: bytes = b"") -> None:
        self.entry, self.among = entry, among
        super().__init__(rows, output_field=UUIDField())

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self.as_sql(compiler, connection, template=_POSTGRESQL, **self._parts(_AMONG_POSTGRESQL))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self.as_sql(compiler, connection, template=_SQLITE, **self._parts(_AMONG_SQLITE))

    def _parts(self, only: str) -> dict[str, Any]:
        parts = {"entry": self.entry, "among": self.among.hex()}
        if not self.among:
            return {**parts, "columns": "ids", "only": ""}
        return {**parts, "columns": "ids, marks", "only": only % parts}
