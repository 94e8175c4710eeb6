"""`amparo records article30|dpia|breach`: documents that the law asks for, made from what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from amparo.kit.refusal import Refusal
from amparo.supporters.management.verbs import organization_called
from amparo.supporters.records import Record, article30, breach, dpia

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Make the documents that the law asks for, from what is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        for name, text in (
            ("article30", "the record of processing activities (GDPR Art. 30)"),
            ("dpia", "the draft of a data protection impact assessment (GDPR Art. 35)"),
            ("breach", "what leaked, about how many, and what is due within 72 hours (GDPR Art. 33, 34)"),
        ):
            sub = kinds.add_parser(name, help=text, description=text)
            sub.add_argument("--organization", metavar="SLUG", required=True, help="who answers for the data")
            sub.add_argument("--json", action="store_true", help="for machines")
            if name == "breach":
                self._add_breach(sub)

    def _add_breach(self, sub: CommandParser) -> None:
        sub.add_argument("what", choices=[str(what) for what in breach.What], help="what got out")
        sub.add_argument("--table", default="", help="which one, such as supporters.Supporter")
        sub.add_argument(
            "--since", metavar="MOMENT", help="such as 2026-11-20T08:00; 30 days ago, unless you say so"
        )
        sub.add_argument("--until", metavar="MOMENT", help="now, unless you say so")
        sub.add_argument("--noticed", metavar="MOMENT", help="when somebody noticed; now, unless you say so")
        sub.add_argument("--with-key", action="store_true", help="the key file may be in the same hands")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            record = self._made(options, now=timezone.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            json.dumps(record.data, indent=2, ensure_ascii=False) if options["json"] else record.markdown
        )

    def _made(self, options: dict[str, Any], *, now: datetime) -> Record:
        organization = organization_called(options["organization"])
        if options["kind"] == "breach":
            return breach.make(organization=organization, leak=_leak(options, now=now), now=now)
        made = {"article30": article30.make, "dpia": dpia.make}
        return made[options["kind"]](organization=organization, now=now)


def _leak(options: dict[str, Any], *, now: datetime) -> breach.Leak:
    return breach.Leak(
        what=breach.What(options["what"]),
        since=_moment(options["since"], "since", otherwise=now - timedelta(days=30)),
        until=_moment(options["until"], "until", otherwise=now),
        noticed_at=_moment(options["noticed"], "noticed", otherwise=now),
        table=options["table"],
        with_key=options["with_key"],
    )


def _moment(text: str | None, name: str, *, otherwise: datetime) -> datetime:
    if not text:
        return otherwise
    try:
        day = parse_date(text)
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"--{name} is “{text}”; write a moment such as 2026-11-20T08:00.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
