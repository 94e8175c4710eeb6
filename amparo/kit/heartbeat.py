"""The engine's sign of life: one small file that `amparo status` and `/readyz` read without asking the
engine."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

FILE_NAME = "engine.json"


@dataclass(slots=True)
class LineBeat:
    """One line since the engine started: items done and failed, and the last exception's class while it is failing."""

    done: int = 0
    failed: int = 0
    last_error: str | None = None
    last_error_at: str | None = None
    backing_off: bool = False


@dataclass(slots=True)
class Heartbeat:
    """What one engine process says about itself. Where several run, the last to write is the one that is read."""

    pid: int
    started_at: datetime
    at: datetime
    lines: dict[str, LineBeat] = field(default_factory=dict)

    def age(self, *, now: datetime) -> timedelta:
        """How long ago the engine last showed that it lives."""
        return now - self.at


def heartbeat_path() -> Path | None:
    """Where the heartbeat is kept; None when there is no state directory."""
    directory = getattr(settings, "AMPARO_VAR", None)
    return None if directory is None else Path(directory) / FILE_NAME


def write_heartbeat(beat: Heartbeat, *, path: Path) -> None:
    """Put `beat` in place of the one before, whole or not at all. Raises `OSError` (a full disk, say)."""
    text = json.dumps(
        {
            "pid": beat.pid,
            "started_at": beat.started_at.isoformat(),
            "at": beat.at.isoformat(),
            "lines": {name: asdict(line) for name, line in beat.lines.items()},
        }
    )
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def read_heartbeat(path: Path | None = None) -> Heartbeat | None:
    """The last heartbeat written, or None when there is none or it cannot be understood."""
    path = path or heartbeat_path()
    if path is None:
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Heartbeat(
            pid=int(found["pid"]),
            started_at=datetime.fromisoformat(found["started_at"]),
            at=datetime.fromisoformat(found["at"]),
            lines={name: LineBeat(**line) for name, line in found["lines"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
