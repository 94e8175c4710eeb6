"""`amparo suppression import|export|add|lift|check`: addresses never to be written to."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization
from amparo.supporters import suppression, suppression_lists
from amparo.supporters.models import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.management.base import CommandParser

    from amparo.supporters.models import InstallationSuppression


class Command(BaseCommand):
    help = "Bring in, hand on, add to, lift and ask the list of addresses that are never written to."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        bring = verbs.add_parser(
            "import", help="bring in a list of addresses or SHA-256 hashes, one on a line"
        )
        bring.add_argument("path", type=Path, help="a text or CSV file")
        bring.add_argument("--source", required=True, help="where it came from, without naming anybody")
        export = verbs.add_parser("export", help="hand the list on as SHA-256 hashes")
        export.add_argument("path", type=Path, help="the file to write; it must not be there yet")
        add = verbs.add_parser("add", help="never write to one address again")
        add.add_argument("--source", required=True, help="where it came from, without naming anybody")
        lift = verbs.add_parser("lift", help="write to one address again")
        lift.add_argument("--because", required=True, help="the reason, which stays on record")
        check = verbs.add_parser("check", help="say whether an address is suppressed, and why")
        for sub in (add, lift, check):
            sub.add_argument(
                "address",
                help="an address, or - to read it from standard input and out of your shell's history",
            )
        for sub in (bring, add):
            sub.add_argument(
                "--reason",
                choices=Suppression.Reason.values,
                default=Suppression.Reason.IMPORTED if sub is bring else Suppression.Reason.STAFF,
            )
        for sub in (bring, add, lift):
            sub.add_argument(
                "--everywhere", action="store_true", help="for every organization on this server"
            )
        for sub in (bring, export, add, lift, check):
            sub.add_argument(
                "--organization", metavar="SLUG", help="whose list, where there is more than one organization"
            )
            sub.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        options["organization"] = (
            None if options.get("everywhere") else _organization(options["organization"])
        )
        options["address"] = _address(options.get("address", ""))
        try:
            getattr(self, f"_{options['verb']}")(options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _import(self, options: dict[str, Any]) -> None:
        with options["path"].open(encoding="utf-8-sig", errors="replace") as lines:
            outcome = suppression_lists.bring_in(
                lines,
                organization=options["organization"],
                reason=Suppression.Reason(options["reason"]),
                source=options["source"],
                by=None,
                now=timezone.now(),
            )
        named = f" (lines {', '.join(map(str, outcome.unread_lines))})" if outcome.unread_lines else ""
        self._tell(
            options,
            asdict(outcome),
            f"{outcome.added} added, {outcome.known} there already, {outcome.unread} unreadable{named};"
            f" {outcome.supporters} supporters marked.",
        )

    def _export(self, options: dict[str, Any]) -> None:
        count = 0
        with options["path"].open("x", encoding="ascii", newline="\n") as file:
            for digest in suppression_lists.hand_on(
                organization=options["organization"], by=None, now=timezone.now()
            ):
                file.write(f"{digest}\n")
                count += 1
        self._tell(options, {"hashes": count}, f"{options['path']} holds {count} hashes.")

    def _add(self, options: dict[str, Any]) -> None:
        said = {
            "email": options["address"],
            "reason": Suppression.Reason(options["reason"]),
            "source": options["source"],
            "by": None,
            "now": timezone.now(),
        }
        fresh = (
            suppression.suppress_everywhere(**said)
            if options["organization"] is None
            else suppression.suppress_by_staff(organization=options["organization"], **said)
        )
        self._tell(options, {"added": fresh}, "Suppressed." if fresh else "It was suppressed already.")

    def _lift(self, options: dict[str, Any]) -> None:
        organization, address = options["organization"], options["address"]
        said = {"because": options["because"], "by": None, "now": timezone.now()}
        if organization is None:
            lifted = [
                suppression.lift_everywhere(suppression=row, **said)
                for row in suppression.in_force_everywhere(address)
            ]
        else:
            lifted = [
                suppression.lift(suppression=row, email=address, **said)
                for row in suppression.in_force(organization=organization, email=address)
            ]
        if not lifted:
            raise suppression.NotSuppressed
        self._tell(options, {"lifted": sum(lifted)}, "Lifted.")

    def _check(self, options: dict[str, Any]) -> None:
        here = suppression.in_force(organization=options["organization"], email=options["address"])
        everywhere = suppression.in_force_everywhere(options["address"])
        found = {"organization": _rows(here), "everywhere": _rows(everywhere)}
        said = [
            f"{row['reason']} since {row['since']}{where}: {row['source'] or 'no source'}"
            for where, rows in (("", found["organization"]), (", on the whole server", found["everywhere"]))
            for row in rows
        ]
        self._tell(options, found, "\n".join(said) or "Not suppressed.")

    def _tell(self, options: dict[str, Any], found: dict[str, Any], sentence: str) -> None:
        self.stdout.write(json.dumps(found, indent=2) if options["json"] else sentence)


def _rows(rows: Iterable[Suppression | InstallationSuppression]) -> list[dict[str, str]]:
    return [
        {"reason": row.reason, "source": row.source, "since": row.suppressed_at.date().isoformat()}
        for row in rows
    ]


def _address(given: str) -> str:
    return sys.stdin.readline().strip() if given == "-" else given


def _organization(slug: str | None) -> Organization:
    """The one that is named, or the only one there is."""
    rows = Organization.objects.filter(slug=slug) if slug else Organization.objects.all()
    found = list(rows[:2])
    if len(found) == 1:
        return found[0]
    slugs = ", ".join(Organization.objects.values_list("slug", flat=True)) or "none yet"
    raise CommandError(f"Say which organization with --organization; there are: {slugs}.")
