"""`amparo restore FILE`: put a backup back. Nothing is sent until somebody has looked and said so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from amparo.organizations import pausing
from amparo.web.restoring import restore

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Put a backup back, with all sending paused; or, with --resume-sending, let a restored copy send."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="what `amparo backup` wrote")
        parser.add_argument(
            "--over-what-is-here", action="store_true", help="although there is an installation here already"
        )
        parser.add_argument(
            "--resume-sending",
            action="store_true",
            help="you have looked: let it send again, and do nothing else",
        )
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["resume_sending"]:
            pausing.resume_installation()
            self.stdout.write("Letters and mails leave again.")
            return
        if options["file"] is None:
            self.print_help("amparo", "restore")
            return
        found = restore(
            backup=options["file"], over_what_is_here=options["over_what_is_here"], now=timezone.now()
        )
        if options["json"]:
            said = {"made_at": found.manifest.made_at, "erased_again": found.erased_again, "paused": True}
            self.stdout.write(json.dumps(said, indent=2))
            return
        self.stdout.write(f"Restored: the backup of {found.manifest.made_at[:16].replace('T', ' ')} UTC.")
        if found.erased_again:
            self.stdout.write(f"Erased again, as they had asked since: {found.erased_again}.")
        self.stdout.write(
            "ALL SENDING IS PAUSED, because what left after the backup would leave a second time. Start web server and"
            " worker, look at what waits (`amparo status`), withdraw what has left already, and then say"
            " `amparo restore --resume-sending`."
        )
