"""How often each fault is repeated: a few times in `make test`, more in `make bench`."""

from __future__ import annotations

import os
import random
import time

#: `full` for the figures of docs/host/performance.md; anything else is small.
FULL = os.environ.get("AMPARO_TEST_FAULTS") == "full"


def times(*, small: int, full: int) -> int:
    """The number for this run."""
    return full if FULL else small


def seeded(name: str) -> random.Random:
    """Chance that can be repeated; its seed is printed."""
    seed = os.environ.get("AMPARO_TEST_SEED") or str(time.time_ns() % 1_000_000)
    print(f"{name}: seed {seed}", flush=True)
    return random.Random(f"{name} {seed}")
