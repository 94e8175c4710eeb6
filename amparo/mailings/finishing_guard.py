"""The database itself refuses to call a mailing finished while anybody in it may still be sent to.

`refuse_early_finish()` is a migration operation. Repeat it at the end of every migration that alters the table of
mailings: SQLite remakes a table to change it, and forgets what stood guard over the old one. One that alters the table
of chunks begins with `lift_the_guard()` too: SQLite renames no table while a trigger speaks of one that is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import migrations

from amparo.mailings import outcomes

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "mailings_mailing"
NAME = "mailings_mailing_finishes_when_all_are_settled"
_SENTENCE = "a mailing is finished when every recipient is settled"
_OVER = "NEW.state = 'finished'"


def refuse_early_finish() -> migrations.RunPython:
    """A migration operation after which a mailing with open recipients cannot become finished."""

    return migrations.RunPython(_set_guard, _unset_guard)


def lift_the_guard() -> migrations.RunPython:
    """A migration operation after which tables may be remade; `refuse_early_finish` follows in the same migration."""
    return migrations.RunPython(_unset_guard, _set_guard)


def _set_guard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    for statement in _guard(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def _unset_guard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    on_table = "" if schema_editor.connection.vendor == "sqlite" else f" ON {TABLE}"
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}{on_table}")


def _guard(vendor: str) -> list[str]:
    if vendor == "sqlite":
        somebody = " OR ".join(f"instr(outcomes, x'{byte:02x}') > 0" for byte in outcomes.OPEN)
        return [
            f"CREATE TRIGGER IF NOT EXISTS {NAME} BEFORE UPDATE ON {TABLE} WHEN {_OVER} AND EXISTS"  # noqa: S608
            f" (SELECT 1 FROM mailings_audiencechunk WHERE mailing_id = NEW.id AND ({somebody}))"
            f" BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
        ]
    somebody = " OR ".join(f"position('\\x{byte:02x}'::bytea IN outcomes) > 0" for byte in outcomes.OPEN)
    return [
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608
        f" IF {_OVER} AND EXISTS (SELECT 1 FROM mailings_audiencechunk WHERE mailing_id = NEW.id AND ({somebody}))"
        f" THEN RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        " RETURN NEW; END $$",
        f"CREATE OR REPLACE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()",
    ]
