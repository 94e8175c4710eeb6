"""What must hold before web server and worker may start: the keys are there, and the database is of this version."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from amparo.kit.master_keys import master_keys
from amparo.kit.refusal import Refusal


class MigrationsPending(Refusal):
    """The program is newer than the database; serving would fail half-way through a letter."""

    sentence = "The database is behind this version of Amparo; run `amparo migrate`."


def pending_migrations() -> list[str]:
    """The migrations that this database lacks, as app.name, in the order in which they will run."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def refuse_unready() -> None:
    """Raise `MigrationsPending`, `KeyFileRefused` or what the database raises when it is away."""
    master_keys()
    if pending_migrations():
        raise MigrationsPending
