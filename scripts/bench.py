"""Runs the measurements of bench/, one after another, each in a process of its own.

`make bench` runs all of them, `make bench ARGS="targets pages"` those two.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run them and list what failed."""
    every = {path.stem: path for path in sorted((ROOT / "bench").glob("[!_]*.py"))}
    chosen = sys.argv[1:] or list(every)
    unknown = [name for name in chosen if name not in every]
    if unknown:
        names = ", ".join(every) or "none yet"
        print(f"There is no bench/{unknown[0]}.py; the measurements are: {names}.", file=sys.stderr)
        return 2
    failed = []
    for name in chosen:
        print(f"=== bench/{name}.py ===", flush=True)
        started = time.monotonic()
        code = subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=ROOT, check=False).returncode
        print(f"({time.monotonic() - started:.0f} s)\n", flush=True)
        if code != 0:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
