"""Two workers, one pile of chores, and no chore done twice."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from amparo.kit.claims import SeveralRows, claim_rows, transition
from tests.workshop.databases import at_once, workshop_database
from tests.workshop.models import Bench, Chore

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def workshop(request, tmp_path):
    with workshop_database(request, tmp_path) as alias:
        yield alias


def chores(alias, count, **fields):
    rows = [
        Chore(due_at=NOW - timedelta(minutes=position), urgency=position, **fields)
        for position in range(count)
    ]
    return Chore.objects.using(alias).bulk_create(rows)


def claim(alias, limit, *, rows=None, order_by=("due_at", "pk")):
    waiting = Chore.objects.using(alias).filter(state="waiting") if rows is None else rows
    return claim_rows(
        waiting, limit=limit, order_by=order_by, claimed_by=uuid.uuid4(), values={"state": "claimed"}
    )


def test_the_oldest_chores_are_taken_first_and_handed_back_in_that_order(workshop):
    made = chores(workshop, 5)
    assert claim(workshop, 2) == [made[4].pk, made[3].pk]
    assert claim(workshop, 10) == [made[2].pk, made[1].pk, made[0].pk]
    assert claim(workshop, 10) == []


def test_a_chore_that_is_not_waiting_is_never_taken(workshop):
    chores(workshop, 2, state="done")
    assert claim(workshop, 10) == []
    assert Chore.objects.using(workshop).filter(state="done", claimed_by=None).count() == 2


def test_no_limit_takes_nothing_and_asks_nothing(workshop):
    chores(workshop, 1)
    with CaptureQueriesContext(connections[workshop]) as asked:
        assert claim(workshop, 0) == []
    assert len(asked) == 0


def test_a_claim_is_one_update_and_one_look_at_what_it_took(workshop):
    chores(workshop, 3)
    with CaptureQueriesContext(connections[workshop]) as asked:
        claim(workshop, 2)
    verbs = [query["sql"].split()[0] for query in asked if query["sql"].split()[0] in {"SELECT", "UPDATE"}]
    assert verbs == ["UPDATE", "SELECT"]


def test_chores_of_a_closed_bench_wait_and_the_bench_itself_is_not_locked(workshop):
    open_bench, closed_bench = (
        Bench.objects.using(workshop).create(),
        Bench.objects.using(workshop).create(open=False),
    )
    mine = chores(workshop, 2, bench=open_bench)
    chores(workshop, 2, bench=closed_bench)
    rows = Chore.objects.using(workshop).filter(state="waiting", bench__open=True)
    assert set(claim(workshop, 10, rows=rows)) == {chore.pk for chore in mine}


def test_a_chore_without_a_bench_can_be_taken_through_an_outer_join(workshop):
    [alone] = chores(workshop, 1)
    rows = Chore.objects.using(workshop).filter(state="waiting").exclude(bench__open=False)
    assert claim(workshop, 10, rows=rows, order_by=("bench__open", "pk")) == [alone.pk]


@pytest.mark.parametrize("joined", [False, True], ids=["plain", "joined"])
@pytest.mark.parametrize("workers", [2, 8])
def test_workers_at_once_share_the_pile_and_take_nothing_twice(workshop, workers, joined):
    made = chores(workshop, 120, bench=Bench.objects.using(workshop).create())
    rows = Chore.objects.using(workshop).filter(state="waiting", **({"bench__open": True} if joined else {}))

    def work():
        taken = []
        while batch := claim(workshop, 7, rows=rows.all()):
            taken += batch
        return taken

    taken = [pk for worker in at_once(*[work] * workers) for pk in worker]
    assert sorted(taken) == sorted(chore.pk for chore in made)


@pytest.mark.postgres
def test_a_claim_takes_no_more_than_its_limit_when_the_planner_thinks_that_little_waits(workshop):
    chores(workshop, 50, state="done")
    with transaction.atomic(using=workshop), connections[workshop].cursor() as cursor:
        # Believing that next to nothing waits, the planner goes through the table and asks for the first three anew
        # for each row, unless that question can only be asked once.
        cursor.execute("ANALYZE workshop_chore")
        cursor.execute("UPDATE workshop_chore SET state = 'waiting'")
        for plan in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"):
            cursor.execute(f"SET LOCAL enable_{plan} = off")
        assert len(claim(workshop, 3, order_by=("pk",))) == 3
        assert Chore.objects.using(workshop).filter(state="claimed").count() == 3


@pytest.mark.postgres
def test_a_worker_steps_over_rows_that_another_is_just_taking(workshop):
    chores(workshop, 4)
    with transaction.atomic(using=workshop):
        first = claim(workshop, 2)
        # The first claim is not committed yet: a claim that queued behind it would wait here for ever.
        [second] = at_once(partial(claim, workshop, 2))
    assert len(first) == len(second) == 2
    assert set(first).isdisjoint(second)


def test_of_two_who_move_one_chore_one_is_told_that_it_moved_already(workshop):
    [chore] = chores(workshop, 1)

    def move(target):
        rows = Chore.objects.using(workshop).filter(pk=chore.pk, state="waiting")
        return transition(rows, values={"state": target})

    assert sorted(at_once(partial(move, "done"), partial(move, "dropped"))) == [False, True]
    assert move("done") is False


@pytest.mark.postgres
@pytest.mark.parametrize("joined", [False, True], ids=["plain", "joined"])
def test_whoever_waited_for_the_row_of_another_looks_again_before_moving_it(workshop, joined):
    [chore] = chores(workshop, 1, bench=Bench.objects.using(workshop).create())
    rows = Chore.objects.using(workshop).filter(pk=chore.pk, state="waiting")
    if joined:
        rows = rows.filter(bench__open=True)
    second = []
    waiting = threading.Thread(
        target=lambda: second.extend(at_once(lambda: transition(rows, values={"urgency": 2})))
    )
    with transaction.atomic(using=workshop):
        assert transition(rows, values={"state": "done"}) is True
        waiting.start()
        wait_until_blocked(workshop)
    waiting.join(timeout=20)
    assert second == [False]


def wait_until_blocked(alias):
    with connections[alias].cursor() as cursor:
        for _ in range(2000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    pytest.fail("Nobody waited for the row.")


def test_a_transition_that_was_not_narrowed_to_one_row_changes_nothing(workshop):
    chores(workshop, 2)
    with pytest.raises(SeveralRows, match=r"2 rows of workshop\.Chore"):
        transition(Chore.objects.using(workshop).filter(state="waiting"), values={"state": "done"})
    assert Chore.objects.using(workshop).filter(state="waiting").count() == 2


def test_an_ordered_queryset_can_be_moved(workshop):
    [chore] = chores(workshop, 1)
    rows = Chore.objects.using(workshop).filter(pk=chore.pk, state="waiting").order_by("-due_at")
    assert transition(rows, values={"state": "done"}) is True
