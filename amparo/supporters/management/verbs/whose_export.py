"""`amparo supporters whose-export ADDRESS`: which export a list that turned up somewhere came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from amparo.organizations.models import Organization
from amparo.supporters.exports import canaries
from amparo.supporters.management.verbs import Verb

if TYPE_CHECKING:
    from django.core.management.base import BaseCommand, CommandParser


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "address", help="an address out of that list, at your own domain and with a plus in it"
    )
    parser.add_argument("--json", action="store_true", help="for machines")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    export = canaries.whose(options["address"], organizations=list(Organization.objects.all()))
    if export is None:
        raise CommandError("This address is in none of our exports.")
    told = {
        "export": str(export.pk),
        "organization": export.organization.slug,
        "asked_by": str(export.asked_by or ""),
        "asked_at": export.asked_at.isoformat(),
        "approved_by": str(export.approved_by or ""),
        "people": export.rows,
        "fetched": export.downloads,
        "reason": export.reason,
    }
    if options["json"]:
        command.stdout.write(json.dumps(told, indent=2))
        return
    for name, value in told.items():
        command.stdout.write(f"{name.replace('_', ' '):14}{value}")


VERB = Verb("whose-export", "say whose export an address came from", add_arguments, run)
