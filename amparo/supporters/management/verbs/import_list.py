"""`amparo supporters import FILE`: bring a list in from the command line, by the same steps as the screens."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from django.utils import timezone

from amparo.kit.meter import Meter
from amparo.supporters import import_words
from amparo.supporters.importing import preparing
from amparo.supporters.importing.answers import NO_BASIS, ConsentAnswer
from amparo.supporters.importing.claiming import claim
from amparo.supporters.importing.columns import choices
from amparo.supporters.importing.line import Imports
from amparo.supporters.importing.registry import load_sources
from amparo.supporters.management.verbs import Verb, organization_called
from amparo.supporters.models import Channel, ImportRun, LegalBasis, Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.management.base import BaseCommand, CommandParser

UNKNOWN = "unknown"
#: What is said of rows that are gone through; of a dry run nobody knows yet how many they are.
STEPS: dict[str, str] = {ImportRun.State.CHECKING: "Rows checked", ImportRun.State.RUNNING: "Rows brought in"}
#: Seconds between two looks while a worker elsewhere has the list.
LOOK_AGAIN = 0.5


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("file", type=Path, help="CSV, TSV, XLSX, or a ZIP as it was exported")
    parser.add_argument("--organization", metavar="SLUG", required=True, help="whose supporters they become")
    parser.add_argument(
        "--source", help="one of: " + ", ".join(load_sources()) + "; found out unless you say so"
    )
    parser.add_argument("--encoding", default="", help="such as cp1256; found out unless you say so")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="HEADING=FIELD",
        help="what a column is, such as Courriel=email",
    )
    parser.add_argument(
        "--consent",
        action="append",
        required=True,
        metavar="PURPOSE:CHANNEL",
        help="what they agreed to, such as news:email; or unknown",
    )
    parser.add_argument(
        "--basis", default=LegalBasis.IMPORTED.value, help="imported, soft-opt-in or legitimate"
    )
    parser.add_argument("--where", default="", help="where they agreed")
    parser.add_argument("--given-on", type=date.fromisoformat, metavar="DATE", help="when, as in 2024-03-05")
    parser.add_argument("--proof", default="", help="what shows it")
    parser.add_argument(
        "--update",
        action="store_true",
        help="replace what differs about people you know; else fill what is empty",
    )
    parser.add_argument("--tag", action="append", default=[], help="a tag for everybody on the list")
    parser.add_argument("--country", default="", help="two letters, where a row says none")
    parser.add_argument("--language", default="", help="its code, where a row says none")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, and forget the file")
    parser.add_argument(
        "--yes", action="store_true", help="bring it in; without this you are told what would happen"
    )
    parser.add_argument("--json", action="store_true", help="for machines")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Hand over, say what it is, check, and bring in if asked to."""
    organization = organization_called(options["organization"])
    answer = _answer(options)
    now = timezone.now()
    found = preparing.receive(
        _blocks(options["file"]), organization=organization, file_name=options["file"].name, by=None, now=now
    )
    try:
        _say(found, options, answer)
        preparing.ask_for_check(run=found, now=timezone.now())
        _work(found, stream=command.stderr._out)
        if found.state != ImportRun.State.CHECKED:
            raise CommandError(found.trouble)
        if options["yes"] and not options["dry_run"]:
            preparing.start(run=found, by=None, now=timezone.now())
            _work(found, stream=command.stderr._out)
    except BaseException:
        if not found.counts:
            preparing.forget_file(run=found, by=None, now=timezone.now())
        raise
    if options["dry_run"] or not options["yes"]:
        preparing.forget_file(run=found, by=None, now=timezone.now())
    _tell(command, found, as_json=options["json"])


def _answer(options: dict[str, Any]) -> ConsentAnswer:
    if options["consent"] == [UNKNOWN]:
        return ConsentAnswer(NO_BASIS)
    questions = []
    for text in options["consent"]:
        purpose, _colon, channel = text.partition(":")
        if purpose not in Purpose.values or channel not in Channel.values:
            raise CommandError(
                f"“{text}” is no purpose and channel. Write one of {', '.join(Purpose.values)}, a colon, and one of"
                f" {', '.join(Channel.values)}; or unknown."
            )
        questions.append((purpose, channel))
    if options["basis"] not in LegalBasis.values:
        raise CommandError(
            f"There is no basis “{options['basis']}”; there are: {', '.join(LegalBasis.values)}."
        )
    return ConsentAnswer(
        options["basis"], tuple(questions), options["where"], options["given_on"], options["proof"]
    )


def _say(found: ImportRun, options: dict[str, Any], answer: ConsentAnswer) -> None:
    now = timezone.now()
    if options["source"] or options["encoding"]:
        source = options["source"] or found.source
        preparing.say_source(run=found, source=source, encoding=options["encoding"], now=now)
    fields = {column["header"]: column["field"] for column in found.columns}
    offered = {value for value, _label in choices(found.organization)}
    for text in options["map"]:
        header, _equals, field = text.rpartition("=")
        if header not in fields or field not in offered:
            raise CommandError(
                f"“{text}” names no column, or nothing that a column can be. Columns: {', '.join(fields)}."
                f" Fields: {', '.join(sorted(filter(None, offered)))}."
            )
        fields[header] = field
    preparing.say_columns(run=found, fields=fields, now=now)
    preparing.say_consent(run=found, answer=answer, by=None, now=now)
    existing = ImportRun.Existing.UPDATE if options["update"] else ImportRun.Existing.FILL
    preparing.say_rest(
        run=found,
        existing=existing,
        tags=options["tag"],
        country=options["country"].upper(),
        language=options["language"],
        now=now,
    )


def _work(found: ImportRun, *, stream: Any) -> None:
    """Do it here, unless a worker was faster; then wait for it. Either way `stream` sees how many rows are done."""
    step = STEPS.get(found.state, "")
    with Meter(stream=stream) as meter:
        while found.is_working:
            taken = claim(limit=1, now=timezone.now(), only=found.pk)
            for pk, token in taken:
                Imports().work_on(pk, token, heard=lambda run: meter(step, run.rows_done, run.rows_total))
            if not taken:
                time.sleep(LOOK_AGAIN)
            found.refresh_from_db()
            if found.is_working:
                meter(step, found.rows_done, found.rows_total)


def _tell(command: BaseCommand, found: ImportRun, *, as_json: bool) -> None:
    if as_json:
        told = {
            "id": str(found.pk),
            "state": found.state,
            "source": found.source,
            "forecast": found.forecast,
            "counts": found.counts,
        }
        command.stdout.write(json.dumps(told, indent=2))
        return
    done = bool(found.counts)
    counted = import_words.result(found.counts) if done else import_words.forecast(found.forecast)
    command.stdout.write("Brought in:" if done else "This would happen:")
    for label, number, meaning in counted:
        command.stdout.write(f"  {number:8}  {label}. {meaning}".rstrip())
    if found.state == ImportRun.State.FAILED:
        raise CommandError(found.trouble)
    if not done:
        command.stdout.write("Nothing was changed. To bring the list in, say --yes.")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(64 * 1024):
            yield block


VERB = Verb("import", "bring in a list of people, with what they agreed to", add_arguments, run)
