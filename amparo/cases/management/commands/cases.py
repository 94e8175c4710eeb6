"""`amparo cases VERB`: what is done with the case register at a command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from amparo.cases import register
from amparo.cases.importing import running, template
from amparo.cases.importing.running import ADDED_TO, LEFT_OUT, NEW, THERE
from amparo.cases.models import CaseImport
from amparo.kit.meter import Meter
from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

#: Problems that are written out; `--json` has all that are kept.
SHOWN = 50


class Command(BaseCommand):
    help = "Bring cases in from a spreadsheet, or write the empty workbook for one."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        bring = verbs.add_parser("import", help="bring cases in; nothing of them is public")
        bring.add_argument("file", type=Path, help="CSV, TSV, XLSX, or a ZIP of CSV files")
        bring.add_argument("--organization", metavar="SLUG", required=True, help="whose cases they become")
        bring.add_argument(
            "--add",
            action="store_true",
            help="add new records to cases that are there; else these are refused",
        )
        bring.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and what is wrong in which cell"
        )
        bring.add_argument("--json", action="store_true", help="for machines")
        empty = verbs.add_parser("template", help="write the empty workbook to fill in")
        empty.add_argument("file", type=Path, help="where to, such as cases.xlsx; nothing is overwritten")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "template":
                self._write_template(options["file"])
            else:
                self._bring_in(options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _write_template(self, path: Path) -> None:
        try:
            with path.open("xb") as file:
                file.write(template.workbook())
        except FileExistsError:
            raise CommandError(f"{path} is there already, and is not overwritten.") from None

    def _bring_in(self, options: dict[str, Any]) -> None:
        run = running.receive(
            _blocks(options["file"]),
            organization=_organization_called(options["organization"]),
            file_name=options["file"].name,
            existing=CaseImport.Existing.ADD if options["add"] else CaseImport.Existing.REFUSE,
            by=None,
            now=timezone.now(),
        )
        if options["dry_run"]:
            running.forget(run=run, by=None, now=timezone.now())
            self._tell(run, as_json=options["json"], done=False)
            return
        try:
            total = sum(run.counts.get(name, 0) for name in (NEW, ADDED_TO, LEFT_OUT))
            with Meter() as meter:
                running.start(
                    run=run,
                    by=None,
                    now=timezone.now(),
                    each=lambda done: meter("cases", done, total),
                )
        except Refusal:
            self._tell(run, as_json=options["json"], done=False)
            running.forget(run=run, by=None, now=timezone.now())
            raise
        self._tell(run, as_json=options["json"], done=True)
        if run.counts.get(LEFT_OUT):
            raise CommandError(f"{run.counts[LEFT_OUT]} cases stayed out; what is wrong with them is listed.")

    def _tell(self, run: CaseImport, *, as_json: bool, done: bool) -> None:
        problems = running.problems_of(run)
        if as_json:
            told = {
                "id": str(run.pk),
                "brought_in": done,
                "counts": run.counts,
                "problems": [asdict(problem) for problem in problems],
            }
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
            return
        self.stdout.write("Brought in:" if done else "This would happen:")
        for words, count in _counted(run):
            self.stdout.write(f"  {count:6}  {words}")
        for problem in problems[:SHOWN]:
            place = f"{problem.sheet} {problem.letter}{problem.row}".strip()
            self.stdout.write(f"  {place}: {problem.sentence}")
        if len(problems) > SHOWN:
            self.stdout.write(f"  and {len(problems) - SHOWN} more; --json lists them")
        if not done:
            self.stdout.write("Nothing was brought in.")


def _counted(run: CaseImport) -> list[tuple[str, int]]:
    cases = [(NEW, NEW), (ADDED_TO, ADDED_TO), (LEFT_OUT, LEFT_OUT), (THERE, f"records {THERE}")]
    below = [(kind.name, str(kind.plural)) for kind in register.KINDS.values() if kind.name != "Case"]
    return [(words, run.counts[name]) for name, words in (*cases, *below) if run.counts.get(name)]


def _organization_called(slug: str) -> Organization:
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Organization.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no organization called “{slug}”; there are: {known}.")
    return found


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(64 * 1024):
            yield block
