"""How sending grows with processes: one mailing over Celery on RabbitMQ and PostgreSQL, by 1, 2 and 4 of them.

    python -m bench.mailing_workers
    python -m bench.mailing_workers --number 50000 --processes 1,2,4,8

Each run is one worker, started as `amparo worker --processes N` starts it; time runs from the first mail that the mail
server took until the mailing is finished. Worker, mail server, database and broker share this machine's processors, so
beyond their number nothing is to be won; what is shown is that processes share a mailing, and what it costs them.
AMPARO_TEST_BROKER_URL and AMPARO_TEST_DATABASE_URL say where RabbitMQ and PostgreSQL are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench._postfix import start_sink
from bench.segments import _postgresql
from scripts.environment import without_settings

ROOT = Path(__file__).resolve().parent.parent
BROKER = "amqp://guest:guest@127.0.0.1:5672//"


def main() -> int:
    """Fill a database in a process of its own, and measure there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--number", type=int, default=100_000)
    parser.add_argument("--processes", default="1,2,4")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return measure(options)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="amparo-bench-")))
        url = _postgresql(stack)
        if not url:
            return 0
        env = {
            **without_settings(),
            "DATABASE_URL": url,
            "AMPARO_VAR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONWARNINGS": "ignore",
            "AMPARO_ENGINE": "celery",
            "BROKER_URL": os.environ.get("AMPARO_TEST_BROKER_URL", BROKER),
        }
        command = [sys.executable, "-m", "bench.mailing_workers", "--inside", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def measure(options: argparse.Namespace) -> int:
    """Send the same mailing with each number of processes."""
    warnings.simplefilter("ignore")
    import django

    django.setup()
    from django.core.management import call_command

    from bench import mailing as single

    call_command("migrate", verbosity=0)
    mailing = single.populate(options.number)
    single.freeze(mailing)
    print(
        f"{options.number:,} readers, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}:", flush=True
    )
    with ExitStack() as stack:
        port = start_sink(stack).port
        for processes in map(int, options.processes.split(",")):
            single.reset()
            seconds, shares = send(mailing, processes, port)
            print(
                f"  {processes} processes {options.number / seconds:9,.0f} /s  (load {os.getloadavg()[0]:.1f};"
                f" chunks held at one moment by {shares} at most)",
                flush=True,
            )
    return 0


def send(mailing: Any, processes: int, port: int) -> tuple[float, int]:
    """Seconds from the first outcome to the end, and how many processes held chunks at once."""
    from amparo.mailings.models import AudienceChunk, Mailing
    from tests.faults.broker import a_queue

    untouched = AudienceChunk.objects.filter(mailing=mailing, claimed_by=None, is_open=True)
    all_of_them = untouched.count()
    most = 0

    def holders() -> int:
        nonlocal most
        held = AudienceChunk.objects.filter(claimed_by__isnull=False).order_by()
        most = max(most, held.values("claimed_by").distinct().count())
        return most

    with a_queue(os.environ["BROKER_URL"]) as queue:
        env = {**os.environ, "SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none", "BROKER_URL": queue.url}
        words = ["--lines", "mailings,audiences", "--queue", queue.name, "--processes", str(processes)]
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker", *words],
            cwd=ROOT,
            env=env,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait(lambda: untouched.count() < all_of_them)
            began = time.perf_counter()
            wait(lambda: holders() >= 0 and Mailing.objects.get(pk=mailing.pk).state == "finished")
            return time.perf_counter() - began, most
        finally:
            worker.terminate()
            worker.wait(60)


def wait(until: Callable[[], bool]) -> None:
    """Look ten times a second."""
    while not until():
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
