"""How the house is doing at a glance: what waits, what is paused, what has grown old."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from amparo.actions.models import ActionPage
from amparo.content.models import Campaign
from amparo.kit import work
from amparo.kit.heartbeat import Heartbeat, read_heartbeat
from amparo.organizations.models import Installation, Organization
from amparo.targets.models import ActiveDataset

#: An engine shows that it lives every five seconds; after this long it is taken to be gone.
SILENT_FOR = timedelta(seconds=60)

# What the states of the lines' own rows come to. A line without rows is counted by its engine.
_CLAIMED = ("claimed", "in_flight", "sending")
_DONE = ("sent", "uncertain", "by_form_done")
_FAILED = ("failed", "bounced")


@dataclass(frozen=True, slots=True)
class LineState:
    """One line of work; `states` are its rows by their own names, `last_error` the class of what it last met."""

    name: str
    due: int
    claimed: int
    done: int
    failed: int
    oldest_waiting: datetime | None
    last_error: str | None = None
    states: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EngineState:
    """The engine that last showed that it lives. `lives` is False when it has been silent for a minute."""

    kind: str
    lives: bool
    seen_at: datetime | None = None
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """One switch that is on: of the installation, an organization, a campaign or a page."""

    of: str
    name: str
    since: datetime
    because: str = ""


@dataclass(frozen=True, slots=True)
class TargetsAge:
    """One set of targets in use, and how many days ago its source published it."""

    slug: str
    title: str
    version: int
    days: int
    errors: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that `amparo status` shows."""

    engine: EngineState
    lines: list[LineState]
    pauses: list[Pause]
    targets: list[TargetsAge]

    def as_json(self) -> dict[str, Any]:
        """As plain values; moments are left to the encoder."""
        return asdict(self)


def look(*, now: datetime) -> Overview:
    """Ask the database and the engine's sign of life; never the engine itself."""
    beat = read_heartbeat()
    return Overview(
        engine=_engine(beat, now=now),
        lines=[_line(name, beat, now=now) for name in work.lines],
        pauses=pauses(),
        targets=targets_in_use(now=now),
    )


def engine_state(*, now: datetime) -> EngineState:
    """Whether a worker showed itself in the last minute."""
    return _engine(read_heartbeat(), now=now)


def _engine(beat: Heartbeat | None, *, now: datetime) -> EngineState:
    if beat is None:
        return EngineState(settings.AMPARO_ENGINE, lives=False)
    lives = beat.age(now=now) < SILENT_FOR
    return EngineState(settings.AMPARO_ENGINE, lives=lives, seen_at=beat.at, started_at=beat.started_at)


def _line(name: str, beat: Heartbeat | None, *, now: datetime) -> LineState:
    line = work.line_called(name)
    states = line.counts(now=now)
    counted = beat.lines.get(name) if beat else None
    return LineState(
        name=name,
        due=line.due(now=now),
        claimed=_sum(states, _CLAIMED),
        done=_sum(states, _DONE) if states else counted.done if counted else 0,
        failed=_sum(states, _FAILED) if states else counted.failed if counted else 0,
        oldest_waiting=line.oldest_waiting(now=now),
        last_error=counted.last_error if counted else None,
        states=states,
    )


def _sum(states: dict[str, int], names: tuple[str, ...]) -> int:
    return sum(states.get(name, 0) for name in names)


def pauses() -> list[Pause]:
    """Every pause switch that is on, the widest first."""
    found = [
        Pause("installation", "everything", switch.sending_paused_at, switch.paused_because)
        for switch in Installation.objects.all()
        if switch.sending_paused_at is not None
    ]
    for kind, rows in (
        ("organization", Organization.objects.values_list("name", "sending_paused_at")),
        ("campaign", Campaign.objects.values_list("title", "sending_paused_at")),
        (
            "page",
            ActionPage.objects.values_list("title", "sending_paused_at").filter(
                sending_paused_at__isnull=False
            ),
        ),
    ):
        found += [Pause(kind, name, since) for name, since in rows if since is not None]
    return found


def targets_in_use(*, now: datetime) -> list[TargetsAge]:
    """The sets of targets that answer now, the oldest first."""
    in_use = [active.dataset for active in ActiveDataset.objects.select_related("dataset")]
    found = [
        TargetsAge(
            slug=dataset.slug,
            title=dataset.title,
            version=dataset.version,
            days=(now.date() - (dataset.published_on or dataset.staged_at.date())).days,
            errors=dataset.error_count,
        )
        for dataset in in_use
        if not dataset.by_hand
    ]
    return sorted(found, key=lambda targets: -targets.days)
