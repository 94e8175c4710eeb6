"""A line of work, run once: what is due is done, and one poisoned chore spoils nothing else."""

from __future__ import annotations

import pickle
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from amparo.kit import work
from amparo.kit.refusal import Refusal
from amparo.kit.registry import Registry
from amparo.kit.work import (
    LineFailed,
    LineOfWork,
    Result,
    line_called,
    one_by_one,
    reclaim_line,
    run_line,
    stopping,
)
from tests.workshop.chores_line import ChoresLine
from tests.workshop.models import Chore

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "amina@example.org"


@pytest.fixture
def registry(monkeypatch):
    """An empty registry of lines, and nobody careful yet."""
    fresh = Registry("line of work")
    monkeypatch.setattr(work, "lines", fresh)
    monkeypatch.setattr(work, "_careful", {})
    return fresh


class Pile(LineOfWork[int]):
    """A line whose chores are numbers in a list."""

    name = "pile"
    batch_size = 4

    def __init__(self, numbers, *, perform=None):
        self.numbers = list(numbers)
        self.batches = []
        self.moments = []
        self._perform = perform

    def due(self, *, now):
        return len(self.numbers)

    def claim(self, *, limit, now):
        self.moments.append(now)
        taken, self.numbers = self.numbers[:limit], self.numbers[limit:]
        return taken

    def perform(self, batch, *, now):
        self.batches.append(list(batch))
        return self._perform(batch) if self._perform else Result(done=len(batch))

    def reclaim(self, *, now):
        return 0

    def oldest_waiting(self, *, now):
        return None


def run(registry, line, **options):
    if line.name not in registry:
        registry.register(line.name)(line)
    return run_line(line.name, now_source=lambda: NOW, **options)


def test_a_line_runs_until_nothing_is_due(registry):
    pile = Pile(range(10))
    assert run(registry, pile) == Result(done=10, failed=0)
    assert pile.batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert set(pile.moments) == {NOW}


def test_a_limit_is_kept_to_the_item(registry):
    pile = Pile(range(10))
    assert run(registry, pile, limit=6).done == 6
    assert pile.batches == [[0, 1, 2, 3], [4, 5]]
    assert pile.numbers == [6, 7, 8, 9]


def test_a_line_that_hands_everything_back_does_not_spin(registry):
    pile = Pile([1])
    pile._perform = lambda batch: pile.numbers.extend(batch) or Result()
    assert run(registry, pile) == Result()
    assert len(pile.batches) == 1


def test_a_line_may_be_registered_as_a_class(registry):
    class Idle(Pile):
        name = "idle"

        def __init__(self):
            super().__init__([])

    registry.register("idle")(Idle)
    assert isinstance(line_called("idle"), Idle)
    assert line_called("idle").counts(now=NOW) == {}


def test_an_unknown_line_is_refused_by_name(registry):
    with pytest.raises(Refusal, match="There is no line of work called “naps”"):
        run_line("naps")


def test_a_line_that_raises_says_where_and_what_but_repeats_no_personal_data(registry):
    def perform(_batch):
        raise ValueError(SECRET)

    with pytest.raises(
        LineFailed, match=r"“pile” failed with ValueError at test_work\.py:\d+ in perform"
    ) as caught:
        run(registry, Pile(range(4), perform=perform))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert SECRET not in repr(caught.getrepr())
    assert not caught.value.database_away


def test_a_failure_survives_the_way_from_a_worker_process_to_its_parent():
    failure = LineFailed(line="pile", cause=OperationalError, place="here", result=Result(done=2))
    again = pickle.loads(pickle.dumps(failure))
    assert str(again) == str(failure)
    assert (again.database_away, again.result) == (True, Result(done=2))


def test_what_was_done_before_a_line_raised_is_still_counted(registry):
    def perform(batch):
        if 5 in batch:
            raise ValueError
        return Result(done=len(batch))

    with pytest.raises(LineFailed) as caught:
        run(registry, Pile(range(8), perform=perform))
    assert caught.value.result == Result(done=4)


def test_after_a_batch_raised_its_line_goes_one_by_one_so_that_the_poison_is_held_alone(registry):
    def perform(batch):
        if 2 in batch:
            raise ValueError
        return Result(done=len(batch))

    pile = Pile([0, 1, 2, 3], perform=perform)
    with pytest.raises(LineFailed):
        run(registry, pile)
    pile.numbers, pile.batches = [0, 1, 2, 3], []
    with pytest.raises(LineFailed):
        run(registry, pile)
    assert pile.batches == [[0], [1], [2]]
    assert run(registry, pile).done == 1
    assert pile.batches[3:] == [[3]]


def test_a_careful_line_trusts_itself_again_after_two_batches_worth(registry):
    def perform(batch):
        if -1 in batch:
            raise ValueError
        return Result(done=len(batch))

    pile = Pile([-1, *range(20)], perform=perform)
    with pytest.raises(LineFailed):
        run(registry, pile)
    run(registry, pile)
    assert [len(batch) for batch in pile.batches] == [4, *[1] * 8, 4, 4, 1]


def test_a_database_that_is_away_is_told_apart_and_makes_nobody_careful(registry):
    def perform(_batch):
        raise OperationalError("server closed the connection")

    with pytest.raises(LineFailed) as caught:
        run(registry, Pile(range(4), perform=perform))
    assert caught.value.database_away
    assert work._careful == {}


def test_a_worker_asked_to_stop_begins_no_other_batch(registry):
    stop = threading.Event()
    pile = Pile(range(12), perform=lambda batch: stop.set() or Result(done=len(batch)))
    assert run(registry, pile, stop=stop) == Result(done=4)
    assert not stopping()


# --- one by one -------------------------------------------------------------------------------------------------


def test_one_poisoned_chore_of_many_stops_no_other(caplog):
    def deed(number):
        if number == 3:
            raise ValueError(SECRET)

    assert one_by_one(range(1000), deed, line="pile") == Result(done=999, failed=1)
    assert "One item of pile failed with ValueError at test_work.py:" in caplog.text
    assert SECRET not in caplog.text


def test_a_deed_that_says_no_counts_as_failed_and_is_not_logged(caplog):
    assert one_by_one([True, False, None], lambda answer: answer, line="pile") == Result(done=2, failed=1)
    assert not caplog.records


def test_a_database_that_is_away_fails_no_item():
    def deed(_number):
        raise OperationalError

    with pytest.raises(OperationalError):
        one_by_one([1, 2], deed, line="pile")


def test_a_worker_asked_to_stop_finishes_the_item_in_hand_and_gives_the_rest_back(registry):
    stop, done, returned = threading.Event(), [], []

    def deed(number):
        done.append(number)
        if number == 1:
            stop.set()

    pile = Pile(
        range(4), perform=lambda batch: one_by_one(batch, deed, line="pile", give_back=returned.extend)
    )
    assert run(registry, pile, stop=stop) == Result(done=2)
    assert (done, returned) == ([0, 1], [2, 3])


# --- with rows --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_line_over_rows_does_what_is_due_drops_what_fails_and_leaves_tomorrow_alone(registry):
    for hours in (-3, -2, -1, +24):
        Chore.objects.create(due_at=NOW + timedelta(hours=hours))
    line = ChoresLine(deed=lambda chore: chore.due_at != NOW - timedelta(hours=2))
    assert (line.due(now=NOW), line.oldest_waiting(now=NOW)) == (3, NOW - timedelta(hours=3))
    assert run(registry, line) == Result(done=2, failed=1)
    assert sorted(Chore.objects.values_list("state", flat=True)) == ["done", "done", "dropped", "waiting"]


@pytest.mark.django_db
def test_what_a_dead_worker_left_is_due_again_after_reclaiming(registry):
    Chore.objects.create(due_at=NOW)
    line = ChoresLine()
    line.claim(limit=5, now=NOW)
    assert (line.due(now=NOW), line.counts(now=NOW)) == (0, {"claimed": 1})
    registry.register("chores")(line)
    assert reclaim_line("chores", now_source=lambda: NOW) == 1
    assert run(registry, line) == Result(done=1)
