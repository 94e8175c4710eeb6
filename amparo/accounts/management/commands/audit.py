"""`amparo audit verify`: whether the audit trail is what was written. Exit code 1 when it is not."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from amparo.accounts import audit, audit_chain
from amparo.organizations.models import Installation

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Check that nobody altered, removed or added anything in the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser(
            "verify", help="look at every entry; exit code 1 when something is not as written"
        )
        verify.add_argument("--json", action="store_true", help="for machines")
        verbs.add_parser(
            "accept", help="after restoring a backup: believe its shorter trail, and write down that you did"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        getattr(self, f"_{options['verb']}")(options)

    def _verify(self, options: dict[str, Any]) -> None:
        verdict = audit_chain.verify()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(verdict), indent=2))
        else:
            for found in verdict.breaks:
                self.stdout.write(f"BROKEN  {found.says} {found.entry}".rstrip())
            self.stdout.write(
                f"{verdict.sealed} entries are sealed, {verdict.waiting} wait for it, "
                f"and {len(verdict.breaks) or 'none'} {'is' if len(verdict.breaks) == 1 else 'are'} not as written."
            )
        if verdict.breaks:
            sys.exit(1)

    def _accept(self, _options: dict[str, Any]) -> None:
        now = timezone.now()
        audit.record(
            verb="accept_restored_trail", subject=Installation(pk=1), by=None, organization=None, now=now
        )
        audit_chain.accept_head()
        while audit_chain.seal_waiting(now=now):
            pass
        self.stdout.write("The trail of this database is believed from here on; that stands in it now.")
