"""`amparo doctor`: checks the installation and says what to do. Exit code 1 when something must be done."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from amparo.web import checkup

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from amparo.kit.findings import Finding

_MARKS = {"good": "ok  ", "note": "note", "bad": "BAD "}


class Command(BaseCommand):
    help = "Check settings, keys, database, mail, providers, disk. Exit code 1 when something must be done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = []
        for finding in checkup.examine(now=timezone.now()):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(_written(finding))
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        if any(finding.level == "bad" for finding in findings):
            sys.exit(1)


def _written(finding: Finding) -> str:
    line = f"{_MARKS[finding.level]}  {finding.subject}: {finding.says}"
    return f"{line}\n      → {finding.mend}" if finding.mend else line
