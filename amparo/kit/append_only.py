"""Tables whose rows are written once: the database itself refuses to change or remove them.

`refuse_changes(table)` is a migration operation for SQLite and PostgreSQL. Erasing a person never needs a
deletion here, because these tables hold identifiers and states, not personal values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import migrations

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def refuse_changes(table: str) -> migrations.RunPython:
    """A migration operation after which UPDATE and DELETE on `table` fail with a sentence.

    Repeat it at the end of every migration that alters the table: SQLite remakes a table to change it, and forgets
    what stood guard over the old one.
    """

    def guard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
        for statement in _guards(table, schema_editor.connection.vendor):
            schema_editor.execute(statement)

    def unguard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
        for deed in ("update", "delete"):
            on_table = "" if schema_editor.connection.vendor == "sqlite" else f" ON {table}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_refuses_{deed}{on_table}")

    return migrations.RunPython(guard, unguard)


def _guards(table: str, vendor: str) -> list[str]:
    sentence = f"{table} is append-only"
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_{deed} BEFORE {deed.upper()} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            for deed in ("update", "delete")
        ]
    function = (
        f"CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    return [function] + [
        f"CREATE OR REPLACE TRIGGER {table}_refuses_{deed} BEFORE {deed.upper()} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()"
        for deed in ("update", "delete")
    ]
