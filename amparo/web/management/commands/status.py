"""`amparo status`: what waits, what is paused, how old the targets are. Exit code 1 when no worker is heard."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from amparo.web import overview

if TYPE_CHECKING:
    from datetime import timedelta

    from django.core.management.base import CommandParser

_COLUMNS = "{:<10} {:>9} {:>9} {:>9} {:>9}  {}"


class Command(BaseCommand):
    help = "Show what waits, what is paused and how old the targets are. Exit code 1 when no worker is heard."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        found = overview.look(now=now)
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), indent=2, cls=DjangoJSONEncoder))
        else:
            self.stdout.write("\n".join(_written(found, now=now)))
        if not found.engine.lives:
            sys.exit(1)


def _written(found: overview.Overview, *, now: datetime) -> list[str]:
    lines = [_engine(found.engine, now=now), ""]
    lines.append(_COLUMNS.format("line", "due", "claimed", "done", "failed", "oldest waiting"))
    for line in found.lines:
        waiting = span(now - line.oldest_waiting) if line.oldest_waiting else "-"
        trouble = f"  last error: {line.last_error}" if line.last_error else ""
        lines.append(
            _COLUMNS.format(line.name, line.due, line.claimed, line.done, line.failed, waiting) + trouble
        )
    lines.append("")
    for pause in found.pauses:
        because = f" ({pause.because})" if pause.because else ""
        lines.append(f"PAUSED since {pause.since:%Y-%m-%d %H:%M}: {pause.of} {pause.name}{because}")
    if not found.pauses:
        lines.append("Nothing is paused.")
    for targets in found.targets:
        rows = f", {targets.errors} rows left out" if targets.errors else ""
        lines.append(f"Targets {targets.slug}/{targets.version}: published {age(targets.days)} ago{rows}")
    if not found.targets:
        lines.append("No targets are in use; load some with `amparo targets load`.")
    return lines


def _engine(engine: overview.EngineState, *, now: datetime) -> str:
    if engine.seen_at is None:
        return f"Engine ({engine.kind}): never heard; start one with `amparo worker`."
    heard = f"heard {span(now - engine.seen_at)} ago"
    if not engine.lives:
        return f"Engine ({engine.kind}): SILENT, last {heard}; start one with `amparo worker`."
    return f"Engine ({engine.kind}): running, {heard}."


def span(time: timedelta) -> str:
    """A length of time in its largest unit."""
    seconds = max(int(time.total_seconds()), 0)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} seconds"


def age(days: int) -> str:
    """Days, or weeks when they are many."""
    return f"{days // 7} weeks" if days >= 21 else "1 day" if days == 1 else f"{days} days"
