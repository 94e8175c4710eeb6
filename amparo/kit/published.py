"""When something that readers see was last changed: one file's time stamp, which all processes look at."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.conf import settings


def published_stamp() -> int:
    """Another number each time something was published; what was kept under an earlier one is out of date."""
    try:
        return _file().stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def note_publication() -> None:
    """From now on, whatever any process keeps ready is out of date."""
    path = _file()
    path.touch()
    os.utime(path, ns=(time.time_ns(), max(time.time_ns(), published_stamp() + 1)))


def _file() -> Path:
    return Path(settings.AMPARO_VAR) / "published"
