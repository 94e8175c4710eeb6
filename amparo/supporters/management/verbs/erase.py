"""`amparo supporters erase EMAIL`: erase one person, at their wish."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from amparo.kit.personal_data import declaration_of
from amparo.supporters.management.verbs import Verb, organization_called, supporter_with
from amparo.supporters.models import Origin
from amparo.supporters.rights import erasure

if TYPE_CHECKING:
    from django.core.management.base import BaseCommand, CommandParser


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("email", help="an address of theirs, today's or an earlier one")
    parser.add_argument("--organization", metavar="SLUG", required=True, help="whose supporter they are")
    parser.add_argument(
        "--yes", action="store_true", help="do it; without this you are told what would happen"
    )
    parser.add_argument("--json", action="store_true", help="for machines")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    organization = organization_called(options["organization"])
    supporter = supporter_with(options["email"], organization=organization)
    if options["yes"]:
        found = erasure.erase(supporter=supporter, by=None, origin=Origin.STAFF, now=timezone.now())
    else:
        found = erasure.preview(supporter=supporter)
    say = _say_json if options["json"] else _say
    say(command, found, done=options["yes"])


def _say_json(command: BaseCommand, found: erasure.Erasure, *, done: bool) -> None:
    told = [{"name": each.name, "address": each.address} for each in found.recipients]
    command.stdout.write(json.dumps({"erased": done, "rows": found.rows, "recipients": told}, indent=2))


def _say(command: BaseCommand, found: erasure.Erasure, *, done: bool) -> None:
    command.stdout.write("Emptied or removed:" if done else "This would be emptied or removed:")
    for label, count in found.rows.items():
        command.stdout.write(f"  {count:6}  {declaration_of(label).title}")
    if found.recipients:
        command.stdout.write("These offices have letters of theirs, and are to be told (GDPR Art. 19):")
        for recipient in found.recipients:
            command.stdout.write(f"  {recipient.name} {recipient.address}")
    if done:
        command.stdout.write("They are erased. No import brings them back, and no older backup.")
        return
    command.stdout.write(
        "Letters that wait are withdrawn, and their addresses are never written to again unless they come back"
        " themselves. It cannot be undone. To do it, say --yes."
    )


VERB = Verb("erase", "erase somebody, at their wish", add_arguments, run)
