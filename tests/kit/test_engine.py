"""The embedded engine: it works, it waits, it survives, it stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import InterfaceError, OperationalError, connections

from amparo.kit import engine as engine_module
from amparo.kit import work
from amparo.kit.bell import ring
from amparo.kit.engine import Engine
from amparo.kit.heartbeat import read_heartbeat
from amparo.kit.registry import Registry
from amparo.kit.work import LineOfWork, one_by_one
from tests.skips import ROOT
from tests.workshop.chores_line import ChoresLine
from tests.workshop.databases import workshop_database
from tests.workshop.models import Chore

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def var(tmp_path, settings):
    settings.AMPARO_VAR = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    fresh = Registry("line of work")
    monkeypatch.setattr(work, "lines", fresh)
    monkeypatch.setattr(work, "_careful", {})
    return fresh


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """Back-off as in production, on a clock that runs a hundred times faster."""
    for name in ("FIRST_PAUSE", "LONGEST_PAUSE", "LONGEST_DATABASE_PAUSE", "NOTICE_SIGNALS"):
        monkeypatch.setattr(engine_module, name, getattr(engine_module, name) / 100)


class Pile(LineOfWork[int]):
    """A line whose chores are numbers in a list; `perform(number)` may raise."""

    def __init__(self, name, numbers=(), *, perform=lambda number: None):
        self.name = name
        self.numbers = list(numbers)
        self.done = []
        self.reclaimed = 0
        self.claims = 0
        self._perform = perform

    def due(self, *, now):
        return len(self.numbers)

    def claim(self, *, limit, now):
        self.claims += 1
        taken = self.numbers[:limit]
        del self.numbers[: len(taken)]
        return taken

    def perform(self, batch, *, now):
        return one_by_one(batch, self._one, line=self.name, give_back=self.numbers.extend)

    def _one(self, number):
        self._perform(number)
        self.done.append(number)

    def reclaim(self, *, now):
        self.reclaimed += 1
        return 0

    def oldest_waiting(self, *, now):
        return None


@contextmanager
def running(*lines, poll=30.0):
    """An engine over `lines`, stopped and joined at the end."""
    for line in lines:
        work.lines.register(line.name)(line)
    stop = threading.Event()
    engine = Engine(work.lines, poll=poll, now_source=lambda: NOW)
    thread = threading.Thread(target=engine.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(timeout=60)
        assert not thread.is_alive(), "The engine did not stop."


def until(happened):
    for _ in range(3000):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("It did not happen within 30 seconds.")


def test_every_line_is_worked_off_and_its_dead_workers_reclaimed_for():
    letters, receipts = Pile("letters", range(100)), Pile("receipts", range(70))
    with running(letters, receipts):
        until(lambda: len(letters.done) == 100 and len(receipts.done) == 70)
    assert letters.reclaimed == receipts.reclaimed == 1


def test_the_bell_wakes_the_line_it_names():
    letters, receipts = Pile("letters"), Pile("receipts")
    with running(letters, receipts, poll=600):
        until(lambda: letters.claims and receipts.claims)
        before = receipts.claims
        letters.numbers.append(1)
        until(lambda: ring("letters") or letters.done)
        assert receipts.claims == before


def test_without_a_bell_work_is_found_at_the_next_look():
    letters = Pile("letters")
    with running(letters, poll=0.05):
        until(lambda: letters.claims)
        letters.numbers.append(1)
        until(lambda: letters.done == [1])


def test_a_line_that_raises_stops_no_other_and_is_tried_again(var, caplog):
    def broken(*, limit, now):
        raise ValueError("amina@example.org")

    letters, receipts = Pile("letters"), Pile("receipts", range(20))
    letters.claim = broken
    with running(letters, receipts):
        until(lambda: len(receipts.done) == 20 and caplog.text.count("“letters” failed") >= 3)
        del letters.claim
        letters.numbers.append(1)
        until(lambda: letters.done == [1])
    assert "failed with ValueError at test_engine.py:" in caplog.text
    assert "amina" not in caplog.text
    beat = read_heartbeat().lines["letters"]
    assert (beat.done, beat.last_error, beat.backing_off) == (1, "ValueError", False)


def test_a_failing_line_waits_twice_as_long_each_time_up_to_a_minute(monkeypatch, caplog):
    hand = a_hand(Pile("letters"))
    monkeypatch.setattr(engine_module, "FIRST_PAUSE", 0.5)
    monkeypatch.setattr(engine_module, "LONGEST_PAUSE", 60.0)
    assert [hand._failed(ValueError()) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert [record.getMessage()[-20:] for record in caplog.records] == [
        f" Failure {n} in a row."[-20:] for n in (1, 2, 4, 8)
    ]


def test_a_database_that_is_away_is_asked_again_every_few_seconds(monkeypatch):
    hand = a_hand(Pile("letters"))
    monkeypatch.setattr(engine_module, "FIRST_PAUSE", 0.5)
    monkeypatch.setattr(engine_module, "LONGEST_DATABASE_PAUSE", 4.0)
    assert [hand._failed(OperationalError()) for _ in range(6)] == [0.5, 1, 2, 4, 4, 4]
    assert [hand._failed(InterfaceError()) for _ in range(40)][-1] == 4


def a_hand(line):
    return engine_module._Hand(line.name, bell=None, stop=threading.Event(), poll=5, now_source=lambda: NOW)


@pytest.mark.django_db
def test_failures_alone_are_no_reason_to_look_again_at_once():
    def poison(number):
        raise ValueError

    letters = Pile("letters", [1, 2], perform=poison)
    work.lines.register("letters")(letters)
    hand = a_hand(letters)
    assert hand._turn() == 5
    assert (hand.beat.done, hand.beat.failed) == (0, 2)
    letters.numbers, letters._perform = [3], lambda number: None
    assert hand._turn() == 0


def test_a_stop_finishes_the_item_in_hand_and_gives_the_others_back():
    begun, go_on = threading.Event(), threading.Event()

    def slow(number):
        begun.set()
        assert go_on.wait(timeout=30)

    letters = Pile("letters", range(5), perform=slow)
    with running(letters) as stop:
        assert begun.wait(timeout=30)
        stop.set()
        go_on.set()
    assert letters.done == [0]
    assert letters.numbers == [1, 2, 3, 4]


def test_the_heartbeat_shows_who_runs_what_and_since_when(var):
    letters = Pile("letters", range(3))
    with running(letters):
        until(lambda: len(letters.done) == 3)
        until(read_heartbeat)
        assert read_heartbeat().pid == os.getpid()
    beat = read_heartbeat()
    assert (beat.at, beat.started_at) == (NOW, NOW)
    assert beat.lines["letters"].done == 3
    assert list(var.iterdir()) == [var / "engine.json"]


def test_a_heartbeat_that_cannot_be_written_stops_no_work(settings, var, caplog):
    (var / "engine.json").mkdir()
    letters = Pile("letters", range(3))
    with running(letters, poll=0.02):
        until(lambda: len(letters.done) == 3)
        until(lambda: letters.claims > 5)
    assert caplog.text.count("cannot write its heartbeat") == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_replaced():
    def exit_thread(number):
        if number == 0:
            raise SystemExit

    letters = Pile("letters", [0], perform=exit_thread)
    with running(letters, poll=0.05):
        until(lambda: not letters.numbers)
        letters.numbers.append(1)
        until(lambda: letters.done == [1])


@pytest.mark.django_db
def test_the_engine_survives_a_database_that_goes_away(request, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "RECLAIM_EVERY", 0.1)
    with workshop_database(request, tmp_path) as alias:
        Chore.objects.using(alias).bulk_create(Chore(due_at=NOW - timedelta(hours=1)) for _ in range(30))

        def pull_the_plug(chore):
            if chore.mark is None and chore.pk % 10 == 5:
                Chore.objects.using(alias).filter(pk=chore.pk).update(mark=chore.pk)
                cut(connections[alias])

        line = ChoresLine(using=alias, deed=pull_the_plug)
        with running(line, poll=0.05):
            until(lambda: Chore.objects.using(alias).filter(state="done").count() == 30)
        assert Chore.objects.using(alias).exclude(mark=None).count() == 3


def cut(connection):
    """End this connection from the server's side, as a restart does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.connection.close()
    raise OperationalError("disk I/O error")


PROGRAM = """
import sys, threading, time
from django.conf import settings
settings.configure(AMPARO_VAR=sys.argv[1], USE_TZ=True, DATABASES={})
import django; django.setup()
from amparo.kit import work
from amparo.kit.engine import Engine

class Endless(work.LineOfWork):
    name, batch_size = "endless", 3
    def due(self, *, now): return 1
    def claim(self, *, limit, now): return list(range(limit))
    def perform(self, batch, *, now):
        return work.one_by_one(batch, self.one, line="endless", give_back=lambda rest: print("back", flush=True))
    def one(self, number):
        print("begun", flush=True); time.sleep(0.3); print("done", flush=True)
    def reclaim(self, *, now): return 0
    def oldest_waiting(self, *, now): return None

work.lines.register("endless")(Endless())
Engine(work.lines).run(threading.Event())
print("stopped", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_item_in_hand_finish_and_nothing_else_begin(var, number):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(var)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as worker:
        assert worker.stdout.readline() == "begun\n"
        worker.send_signal(number)
        said = worker.stdout.read().split("\n")
    assert worker.returncode == 0
    assert said.count("begun") + 1 == said.count("done")
    assert said[-2] == "stopped"
    assert sum(line.startswith("back") for line in said) <= 1
