"""`amparo serve`: the web server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from amparo.supporters.rights import erasure
from amparo.web import readiness, serving, static_files

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Serve the site. Styles and scripts are gathered first when they changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT", help="127.0.0.1:8000")
        parser.add_argument("--processes", type=int, help="1 on SQLite, otherwise two for each processor")
        parser.add_argument("--threads", type=int, help="in each process: 16 on SQLite, otherwise 4")

    def handle(
        self, *_args: Any, bind: str, processes: int | None, threads: int | None, **_options: Any
    ) -> None:
        if (processes or 1) < 1 or (threads or 1) < 1:
            raise CommandError("There must be at least one process and one thread.")
        serving.refuse_taken_address(bind)
        readiness.refuse_unready()
        # Before anything is shown: a restored database may hold people who were erased since.
        erasure.replay(now=timezone.now())
        try:
            static_files.gather_when_stale()
        except OSError as error:
            raise CommandError(
                f"Styles and scripts cannot be gathered in {error.filename}: {error.strerror}."
            ) from None
        usual = serving.usual_processes()
        # A connection must not be shared with the processes that are forked from this one.
        connections.close_all()
        server = serving.Server(
            bind=bind,
            processes=processes or usual[0],
            threads=threads or usual[1],
            notice=lambda _server: self.stderr.write(f"Serving at {bind}."),
        )
        server.run()
