"""`amparo supporters VERB`: what is done with supporters at a command line (`management/verbs/`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from amparo.kit.refusal import Refusal
from amparo.supporters.management.verbs import verbs

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Bring lists in, hand people a copy of their data, erase them."

    def add_arguments(self, parser: CommandParser) -> None:
        chosen = parser.add_subparsers(dest="verb", required=True)
        for verb in verbs():
            verb.add_arguments(chosen.add_parser(verb.name, help=verb.help, description=verb.help))

    def handle(self, *_args: Any, **options: Any) -> None:
        (verb,) = [verb for verb in verbs() if verb.name == options["verb"]]
        try:
            verb.run(self, options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
