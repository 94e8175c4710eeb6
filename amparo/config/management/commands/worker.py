"""`amparo worker`: runs the lines of work, by the engine that AMPARO_ENGINE names."""

from __future__ import annotations

import gc
import os
import threading
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from amparo.kit import work
from amparo.kit.engine import Engine
from amparo.supporters.rights import erasure
from amparo.web import readiness

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Send what waits, until told to stop: confirmation mails, letters, and whatever else is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lines", default="", metavar="A,B", help="only these lines of work")
        parser.add_argument(
            "--processes", type=int, help="with Celery: as many as the machine has processors"
        )

    def handle(self, *_args: Any, lines: str, processes: int | None, **_options: Any) -> None:
        names = _names(lines)
        if (processes or 1) < 1:
            raise CommandError("There must be at least one process.")
        readiness.refuse_unready()
        # Before anything is sent: a restored database may hold people who were erased since.
        erasure.replay(now=timezone.now())
        connections.close_all()
        # A quarter of a million objects live as long as the process: the collector need not look at them again and
        # again, which took a mailing's sender some 7 % of its time, and processes forked from this one share them.
        gc.freeze()
        self.stderr.write(f"Working on {', '.join(names)}.")
        if settings.AMPARO_ENGINE == "celery":
            from amparo.config.celery import start_worker

            start_worker(lines=names, processes=processes or os.cpu_count() or 1)
        else:
            Engine(names).run(threading.Event())


def _names(lines: str) -> list[str]:
    """The lines asked for, or all. Raises `NotRegistered`."""
    asked = [name.strip() for name in lines.split(",") if name.strip()] or list(work.lines)
    for name in asked:
        work.lines.get(name)
    return asked
