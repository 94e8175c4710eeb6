"""`amparo mailing status|pause|resume|stop|replay`: look at mailings that leave, and hold them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils import timezone

from amparo.kit.refusal import Refusal
from amparo.mailings import recovering, steering
from amparo.mailings.models import Mailing
from amparo.mailings.progress import progress

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

_COLUMNS = "{:<36}  {:<10} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8}  {}"


class Command(BaseCommand):
    help = "Show mailings that leave, pause, resume and stop them, and settle what a killed worker left."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        status = verbs.add_parser("status", help="show how far mailings have come")
        status.add_argument("--all", action="store_true", help="those that are over too")
        for verb, what in (
            ("pause", "let nothing more leave for now"),
            ("resume", "go on where it was paused"),
            ("stop", "let nothing more leave, for good"),
        ):
            sub = verbs.add_parser(verb, help=what)
            sub.add_argument("mailing", type=UUID, help="its number, as `amparo mailing status` shows it")
        verbs.add_parser("replay", help="settle what workers that were killed had begun, without waiting")
        for sub in verbs.choices.values():
            sub.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _status(self, options: dict[str, Any]) -> None:
        shown = Mailing.objects.select_related("organization")
        if not options["all"]:
            shown = shown.filter(Q(state=Mailing.State.SCHEDULED) | Q(pk__in=Mailing.objects.under_way()))
        rows = [(mailing, progress(mailing)) for mailing in shown]
        if options["json"]:
            found = [
                {
                    "id": mailing.pk,
                    "organization": mailing.organization.slug,
                    "name": mailing.name,
                    "state": mailing.state,
                    "trouble": mailing.trouble,
                    "scheduled_at": mailing.scheduled_at,
                    "audience": counts.audience,
                    "outcomes": counts.by_outcome,
                }
                for mailing, counts in rows
            ]
            self.stdout.write(json.dumps(found, indent=2, cls=DjangoJSONEncoder))
            return
        if not rows:
            self.stdout.write("No mailing leaves.")
            return
        names = ("mailing", "state", "audience", "sent", "queued", "unknown", "failed", "skipped", "name")
        self.stdout.write(_COLUMNS.format(*names))
        for mailing, counts in rows:
            trouble = f" ({mailing.trouble})" if mailing.trouble else ""
            self.stdout.write(
                _COLUMNS.format(
                    str(mailing.pk),
                    mailing.state,
                    counts.audience,
                    counts.sent,
                    counts.queued,
                    counts.unknown,
                    counts.failed,
                    counts.skipped,
                    mailing.name + trouble,
                )
            )

    def _pause(self, options: dict[str, Any]) -> None:
        mailing = _find(options["mailing"])
        steering.pause(mailing=mailing, by=None, now=timezone.now(), because="paused at the command line")
        self._tell(options, mailing, "Paused. What was handed to the mail server by now is on its way.")

    def _resume(self, options: dict[str, Any]) -> None:
        mailing = _find(options["mailing"])
        steering.resume(mailing=mailing, by=None, now=timezone.now())
        self._tell(options, mailing, "It goes on where it was.")

    def _stop(self, options: dict[str, Any]) -> None:
        mailing = _find(options["mailing"])
        steering.stop(mailing=mailing, by=None, now=timezone.now(), because="stopped at the command line")
        self._tell(options, mailing, "Stopped. Whoever has not got it will not.")

    def _replay(self, options: dict[str, Any]) -> None:
        chunks = recovering.reclaim(now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps({"chunks": chunks}))
        else:
            self.stdout.write(f"{chunks} chunks were settled that killed workers had held.")

    def _tell(self, options: dict[str, Any], mailing: Mailing, sentence: str) -> None:
        said = {"id": mailing.pk, "state": mailing.state}
        self.stdout.write(json.dumps(said, cls=DjangoJSONEncoder) if options["json"] else sentence)


def _find(pk: UUID) -> Mailing:
    mailing = Mailing.objects.select_related("organization").filter(pk=pk).first()
    if mailing is None:
        raise CommandError("There is no mailing of this number.")
    return mailing
