"""A worker for tests: the engine with the house's patience shortened to what a test can wait for.

Only constants are changed, in this process and those that it forks; what runs is what `amparo worker` runs. With
--queue that is Celery's engine, on a queue of the test's own.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from datetime import timedelta


def main() -> int:
    """Run the lines named until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.worker")
    parser.add_argument("--lines", default="")
    parser.add_argument(
        "--lease", type=float, default=2.0, help="seconds after which a worker is taken to be dead"
    )
    parser.add_argument(
        "--reclaim", type=float, default=0.5, help="seconds between two looks for dead workers"
    )
    parser.add_argument(
        "--first-wait", type=float, default=0.3, help="seconds before a refused letter is tried again"
    )
    parser.add_argument("--rows-at-once", type=int, default=2000, help="rows of a list in one transaction")
    parser.add_argument("--queue", default="", help="over Celery, by a queue of this name")
    parser.add_argument("--processes", type=int, default=1, help="over Celery, so many")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.config.settings")

    import django

    django.setup()

    from amparo.actions import delivering
    from amparo.kit import engine, retry, work
    from amparo.mailings import sending
    from amparo.supporters.importing import claiming, listing

    delivering.LEASE = sending.LEASE = claiming.LEASE = timedelta(seconds=options.lease)
    listing.CHUNK = options.rows_at_once
    engine.RECLAIM_EVERY = options.reclaim
    retry.FIRST_WAIT = retry.LONGEST_WAIT = timedelta(seconds=options.first_wait)
    names = [name for name in options.lines.split(",") if name] or list(work.lines)
    print("working", flush=True)
    if options.queue:
        _over_celery(names, queue=options.queue, processes=options.processes, reclaim=options.reclaim)
        return 0
    engine.Engine(names, poll=0.25).run(threading.Event())
    return 0


def _over_celery(names: list[str], *, queue: str, processes: int, reclaim: float) -> None:
    from django.db import connections

    from amparo.config import celery

    celery.app.conf.task_default_queue = queue
    vars(celery).update(SAFETY_NET=0.5, RECLAIM_EVERY=reclaim)
    # What is open here must not be used by the processes that are forked.
    connections.close_all()
    celery.start_worker(lines=names, processes=processes)


if __name__ == "__main__":
    sys.exit(main())
