"""`amparo supporters export EMAIL`: everything about one person, for that person."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from django.utils import timezone

from amparo.supporters.management.verbs import Verb, organization_called, supporter_with
from amparo.supporters.rights.exporting_person import PersonExport, export_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.management.base import BaseCommand, CommandParser

FORMS: dict[str, Callable[[PersonExport], bytes]] = {
    "json": lambda export: export.as_json().encode(),
    "csv": lambda export: export.as_csv_zip(),
    "html": lambda export: export.as_html().encode(),
}


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("email", help="an address of theirs, today's or an earlier one")
    parser.add_argument("--organization", metavar="SLUG", required=True, help="whose supporter they are")
    parser.add_argument(
        "--format",
        choices=list(FORMS),
        default="json",
        help="csv is a zip of tables; json, unless you say so",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="a new file, readable by you alone")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    output: Path | None = options["output"]
    if output is None and options["format"] == "csv":
        raise CommandError("A zip is not for the screen; name a file with -o.")
    organization = organization_called(options["organization"])
    supporter = supporter_with(options["email"], organization=organization)
    export = FORMS[options["format"]](export_person(supporter=supporter, now=timezone.now()))
    if output is None:
        sys.stdout.write(export.decode())
        return
    _write_new(output, export)
    command.stderr.write(f"{output} holds everything. Hand it over by a safe way, and delete it.")


def _write_new(path: Path, data: bytes) -> None:
    """Never over something that is there, and readable by nobody else."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{path} is there already; name a new file.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


VERB = Verb("export", "hand somebody a copy of everything that is kept about them", add_arguments, run)
