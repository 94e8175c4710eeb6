"""Lines of work over RabbitMQ, for groups that outgrow one machine.

A task is nothing but a ring of the bell: it carries a line's name, and whatever it finds due is in the database. Losing
one costs at most five seconds, for beat rings every line that often.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from datetime import UTC, datetime
from typing import Any

from celery import Celery, signals
from celery.worker.consumer import Consumer as CeleryConsumer
from django.conf import settings
from django.utils import timezone

from amparo.kit import bell, work
from amparo.kit.engine import RECLAIM_EVERY
from amparo.kit.heartbeat import Heartbeat, heartbeat_path, write_heartbeat

log = logging.getLogger(__name__)

QUEUE = "amparo"
#: Seconds between two rings of each line without any cause: what a lost ring costs at most.
SAFETY_NET = 5.0
#: Seconds after which a task finishes the item in hand and rings again, so that a worker can stop and RabbitMQ never
#: takes a long delivery for a dead consumer.
LONGEST_RUN = 20.0
#: Seconds between two signs of life.
BEAT_EVERY = 5.0


class Consumer(CeleryConsumer):
    """Celery's consumer without its queues for delayed tasks: it would declare 28, and we delay by rows."""

    class Blueprint(CeleryConsumer.Blueprint):
        default_steps = [
            step
            for step in CeleryConsumer.Blueprint.default_steps
            if not str(step).endswith(":DelayedDelivery")
        ]


app = Celery("amparo")
app.conf.update(
    broker_url=settings.BROKER_URL or "memory://",
    broker_connection_retry_on_startup=True,
    # RabbitMQ says that it has the message, or we hear that it has not.
    broker_transport_options={"confirm_publish": True},
    task_default_queue=QUEUE,
    # Replicated and on disk; a message that brings a worker down comes back.
    task_default_queue_type="quorum",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_consumer="amparo.config.celery:Consumer",
    worker_enable_remote_control=False,
    accept_content=["json"],
    task_serializer="json",
    beat_scheduler="celery.beat:Scheduler",
    timezone="UTC",
)
app.set_default()


@app.task(name="amparo.run_line")
def run_line(name: str) -> None:
    """Do what is due of one line, for a while. What a dead worker left is freed first, now and then."""
    _reclaim_when_time(name)
    stop = threading.Event()
    clock = threading.Timer(LONGEST_RUN, stop.set)
    clock.daemon = True
    clock.start()
    try:
        work.run_line(name, stop=stop)
    finally:
        clock.cancel()
    if stop.is_set():
        bell.ring(name)


def send_ring(line: str) -> None:
    """Put one ring into the queue; raises when RabbitMQ is away."""
    run_line.apply_async(args=[line], expires=SAFETY_NET * 12, retry=False)


def start_worker(*, lines: list[str], processes: int) -> None:
    """Run a worker with its beat until it is told to stop."""
    app.conf.beat_schedule = {
        f"look at {name}": {
            "task": run_line.name,
            "schedule": SAFETY_NET,
            "args": (name,),
            "options": {"expires": SAFETY_NET * 2},
        }
        for name in lines
    }
    app.worker_main(
        ["--quiet", "worker", "--beat", f"--concurrency={processes}", "--without-gossip", "--without-mingle"]
    )


_reclaimed_at: dict[str, float] = {}


def _reclaim_when_time(name: str) -> None:
    now = time.monotonic()
    if now - _reclaimed_at.get(name, -RECLAIM_EVERY) >= RECLAIM_EVERY:
        _reclaimed_at[name] = now
        if freed := work.reclaim_line(name):
            log.warning("Line %s: %d items of a worker that died are due again.", name, freed)


@signals.setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Django has set up the log; Celery's two lines for every ring stay out of it."""
    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _SignOfLife:
    """When this worker started and last said that it lives."""

    started: datetime | None = None
    said: float = -BEAT_EVERY


@signals.heartbeat_sent.connect
def show_life(**_kwargs: Any) -> None:
    """The same sign of life as the embedded engine's; it stops when RabbitMQ cannot be reached."""
    path = heartbeat_path()
    if path is None or time.monotonic() - _SignOfLife.said < BEAT_EVERY:
        return
    _SignOfLife.said = time.monotonic()
    _SignOfLife.started = _SignOfLife.started or datetime.now(UTC)
    beat = Heartbeat(pid=os.getpid(), started_at=_SignOfLife.started, at=timezone.now())
    try:
        write_heartbeat(beat, path=path)
    except OSError as error:
        log.error("The worker cannot write its heartbeat: %s.", error.strerror)
