"""`amparo migrate`: Django's own, and then whoever an older backup brought back is erased again."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.utils import timezone

from amparo.supporters.rights import erasure
from amparo.web import readiness


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        # Half-migrated, or back to an earlier version, the tables are not those that this program knows.
        if readiness.pending_migrations():
            return
        again = erasure.replay(now=timezone.now())
        if again:
            who = "1 person was" if again == 1 else f"{again} people were"
            self.stdout.write(f"{who} erased again, as they had asked: this database is older than that.")
