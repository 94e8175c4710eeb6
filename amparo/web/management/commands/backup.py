"""`amparo backup FILE`: the database and the state directory in one file, without any key."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from amparo.web.backing_up import back_up

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Back everything up into one file, while the site runs. The key file is never inside."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that is not there yet, such as amparo.backup")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        file: Path = options["file"]
        manifest = back_up(to=file, now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(asdict(manifest) | {"bytes": file.stat().st_size}, indent=2))
            return
        size = file.stat().st_size / 1_000_000
        self.stdout.write(f"{file}: {len(manifest.files)} files, {size:.1f} MB.")
        self.stdout.write(
            "The key file is not in it. Keep a copy of it in another place: without it this backup cannot be read."
        )
