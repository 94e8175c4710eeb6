"""Lines of work over Celery: a ring is a message, and whatever is due is done."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from uuid import uuid4

import kombu.pools
import pytest
from celery.contrib.testing.worker import start_worker

from amparo.config import celery, engines
from amparo.kit import bell, work
from amparo.kit.heartbeat import read_heartbeat
from amparo.kit.registry import Registry
from amparo.kit.work import LineOfWork, Result
from tests.factories.moments import NOW

BROKER = os.environ.get("AMPARO_TEST_BROKER_URL", "")


class Counting(LineOfWork[int]):
    """Hands out the numbers it has, and remembers what was done."""

    name = "counting"
    batch_size = 2

    def __init__(self, *numbers):
        self.waiting = list(numbers)
        self.done = []
        self.reclaimed = 0
        self.finished = threading.Event()

    def due(self, *, now):
        return len(self.waiting)

    def claim(self, *, limit, now):
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def perform(self, batch, *, now):
        self.done += batch
        if not self.waiting:
            self.finished.set()
        return Result(done=len(batch))

    def reclaim(self, *, now):
        self.reclaimed += 1
        return 0

    def oldest_waiting(self, *, now):
        return NOW if self.waiting else None


@pytest.fixture
def line(monkeypatch):
    """A registry with one line, that nobody has reclaimed yet."""
    fresh = Registry("line of work")
    found = Counting(1, 2, 3, 4, 5)
    fresh.register("counting")(found)
    monkeypatch.setattr(work, "lines", fresh)
    monkeypatch.setattr(celery, "_reclaimed_at", {})
    return found


@pytest.fixture
def rung():
    """The lines that were rung for, in order."""
    found = []
    bell.use_sender(found.append)
    yield found
    bell.use_sender(None)


def test_one_ring_does_all_that_is_due_and_frees_what_a_dead_worker_left_first(line, rung):
    celery.run_line("counting")
    assert line.done == [1, 2, 3, 4, 5]
    assert line.reclaimed == 1
    assert rung == []


def test_freeing_is_not_done_for_every_ring(line, rung):
    celery.run_line("counting")
    celery.run_line("counting")
    assert line.reclaimed == 1


def test_a_task_that_took_long_stops_and_rings_again(line, rung, monkeypatch):
    monkeypatch.setattr(celery, "LONGEST_RUN", 0)
    line.perform = lambda batch, now: threading.Event().wait(0.2) or Result(done=len(batch))
    celery.run_line("counting")
    assert line.waiting != []
    assert rung == ["counting"]


def test_nothing_is_rung_over_a_broker_unless_the_engine_says_so(settings):
    settings.AMPARO_ENGINE = "embedded"
    before = bell._sending.sender
    engines.wire_the_bell()
    assert bell._sending.sender is before


def test_with_celery_a_ring_is_handed_to_the_broker_from_another_thread(settings, monkeypatch):
    sent, arrived = [], threading.Event()

    def send(name):
        sent.append((name, threading.current_thread() is threading.main_thread()))
        arrived.set()

    monkeypatch.setattr(celery, "send_ring", send)
    settings.AMPARO_ENGINE = "celery"
    engines.wire_the_bell()
    try:
        bell.ring("letters")
        assert arrived.wait(10)
    finally:
        bell.use_sender(None)
    assert sent == [("letters", False)]


def test_nothing_is_declared_for_tasks_that_wait():
    steps = [str(step) for step in celery.Consumer.Blueprint.default_steps]
    assert any(step.endswith(":Tasks") for step in steps)
    assert not any("DelayedDelivery" in step for step in steps)


def test_a_worker_shows_that_it_lives_but_not_all_the_time(tmp_path, settings, monkeypatch):
    settings.AMPARO_VAR = tmp_path
    monkeypatch.setattr(celery._SignOfLife, "said", -celery.BEAT_EVERY)
    celery.show_life()
    first = read_heartbeat()
    assert first is not None
    assert first.pid == os.getpid()
    celery.show_life()
    assert read_heartbeat() == first


@contextmanager
def over(broker: str, queue: str):
    """Celery's app on another broker and a queue of its own, which goes when this ends."""
    app = celery.app
    before = {name: app.conf[name] for name in ("broker_url", "task_default_queue")}

    def turn_to(**values):
        app.conf.update(values)
        kombu.pools.reset()
        app.__dict__.pop("amqp", None)
        app._pool = None

    turn_to(broker_url=broker, task_default_queue=queue)
    try:
        yield app
    finally:
        with app.connection_for_write() as connection:
            connection.default_channel.queue_delete(queue)
        turn_to(**before)


@pytest.mark.skipif(not BROKER, reason="needs RabbitMQ: point AMPARO_TEST_BROKER_URL at one")
@pytest.mark.django_db(transaction=True)
def test_a_ring_goes_through_rabbitmq_and_the_line_is_run(line):
    with (
        over(BROKER, f"amparo-test-{uuid4().hex[:8]}") as app,
        start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30),
    ):
        bell.use_sender(bell.OffThread(celery.send_ring))
        try:
            bell.ring("counting")
            assert line.finished.wait(30)
        finally:
            bell.use_sender(None)
    assert line.done == [1, 2, 3, 4, 5]
