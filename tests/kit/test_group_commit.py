"""Many people sign at once, one commit holds them all, and nobody is thanked before it is on disk."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import IntegrityError, OperationalError, connections, transaction
from django.utils import timezone, translation

from amparo.kit import group_commit
from amparo.kit.group_commit import Busy, commit_together, stop_writers
from amparo.kit.refusal import Refusal
from tests.skips import ROOT
from tests.workshop.databases import ALIAS, at_once, file_database, workshop_database
from tests.workshop.models import Chore

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def var(tmp_path, settings, django_db_blocker):
    """A directory with an SQLite file whose writer is this test's own."""
    settings.AMPARO_GROUP_COMMIT = True
    with django_db_blocker.unblock(), file_database(tmp_path / "workshop.sqlite3", timeout=5):
        yield tmp_path
        stop_writers()


@pytest.fixture
def batches(monkeypatch):
    """The sizes of the commits made."""
    sizes = []
    commit = group_commit._commit

    def spy(batch, *, using):
        sizes.append(len(batch))
        commit(batch, using=using)

    monkeypatch.setattr(group_commit, "_commit", spy)
    return sizes


def sign(mark=None, *, then=lambda: None):
    """Store a chore; `then` may raise."""

    def deed():
        chore = Chore.objects.using(ALIAS).create(due_at=NOW, mark=mark)
        then()
        return chore.pk

    return commit_together(deed, using=ALIAS)


def stored():
    return set(Chore.objects.using(ALIAS).values_list("mark", flat=True))


def outcome_of(deed):
    try:
        return deed()
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return error


class Jam:
    """Keeps the writer busy with one job, so that what arrives meanwhile goes into the next commit together."""

    def __init__(self):
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __enter__(self):
        self._thread = threading.Thread(
            target=outcome_of, args=(partial(commit_together, self._wait, using=ALIAS),)
        )
        self._thread.start()
        assert self.begun.wait(timeout=20)
        return self

    def __exit__(self, *_exc):
        self.go_on.set()
        self._thread.join(timeout=20)

    def _wait(self):
        self.begun.set()
        assert self.go_on.wait(timeout=20)

    def end_when(self, waiting):
        """Let the writer go on once `waiting` jobs are in its queue."""
        queue = group_commit._writers[ALIAS]._waiting

        def watch():
            while queue.qsize() < waiting:
                threading.Event().wait(0.01)
            self.go_on.set()

        threading.Thread(target=watch, daemon=True).start()


def together(*deeds):
    """What becomes of deeds that share one commit."""
    with Jam() as jam:
        jam.end_when(len(deeds))
        return at_once(*[partial(outcome_of, deed) for deed in deeds])


def test_what_is_signed_is_stored_and_its_result_comes_back(var):
    pk = sign(1)
    assert Chore.objects.using(ALIAS).get().pk == pk


def test_those_who_come_together_share_one_commit(var, batches):
    together(*[partial(sign, mark) for mark in range(20)])
    assert batches == [1, 20]
    assert stored() == set(range(20))


def test_no_commit_holds_more_than_its_fill(var, batches, monkeypatch):
    monkeypatch.setattr(group_commit, "MOST_TOGETHER", 8)
    together(*[partial(sign, mark) for mark in range(20)])
    assert batches == [1, 8, 8, 4]


def test_one_who_is_refused_spoils_nothing_for_the_others(var, batches):
    def refuse():
        raise Refusal

    sign(7)
    outcomes = together(partial(sign, 1), partial(sign, 7), partial(sign, 2, then=refuse), partial(sign, 3))
    assert [type(outcome) for outcome in outcomes] == [int, IntegrityError, Refusal, int]
    assert batches[-1] == 4
    assert stored() == {7, 1, 3}


def test_a_program_that_exits_in_a_job_ends_neither_the_writer_nor_the_others(var):
    def leave():
        raise SystemExit

    with pytest.raises(SystemExit):
        sign(1, then=leave)
    assert sign(2)
    assert stored() == {2}


def test_when_the_commit_fails_everyone_is_told_and_nothing_is_stored(var, monkeypatch):
    def fail(connection):
        raise OperationalError("database or disk is full")

    wrapper = type(connections[ALIAS])
    with Jam() as jam:
        monkeypatch.setattr(wrapper, "_commit", fail)
        jam.end_when(3)
        outcomes = at_once(*[partial(outcome_of, partial(sign, mark)) for mark in range(3)])
    monkeypatch.undo()
    assert [str(outcome) for outcome in outcomes] == ["database or disk is full"] * 3
    assert len({id(outcome) for outcome in outcomes}) == 3
    assert stored() == set()
    assert sign(9)


def test_a_full_disk_is_no_thank_you_and_passes_when_there_is_room_again(var):
    def most_pages(number):
        commit_together(lambda: query(f"PRAGMA max_page_count = {number}"), using=ALIAS)

    def write_much():
        Chore.objects.using(ALIAS).bulk_create(Chore(due_at=NOW) for _ in range(2000))

    before = query("PRAGMA page_count")
    most_pages(before)
    outcomes = together(partial(sign, 1), partial(sign, 2, then=write_much), partial(sign, 3))
    told = {mark for mark, outcome in zip((1, 2, 3), outcomes, strict=True) if isinstance(outcome, int)}
    assert isinstance(outcomes[1], OperationalError)
    assert stored() == told
    most_pages(1_000_000)
    assert sign(4)
    assert 4 in stored()


def query(sql):
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_a_transaction_that_sqlite_ended_by_itself_is_not_taken_for_a_commit(var):
    def as_sqlite_does_when_the_disk_is_full():
        connections[ALIAS].connection.execute("ROLLBACK")

    outcomes = together(
        partial(sign, 1), partial(sign, 2, then=as_sqlite_does_when_the_disk_is_full), partial(sign, 3)
    )
    assert [type(outcome) for outcome in outcomes] == [OperationalError] * 3
    assert stored() == set()
    assert sign(4)


def test_a_database_locked_for_too_long_is_said_and_works_again_after(var):
    connections.databases[ALIAS]["OPTIONS"]["timeout"] = 0.05
    with transaction.atomic(using=ALIAS):
        [outcome] = at_once(partial(outcome_of, partial(sign, 1)))
    assert isinstance(outcome, OperationalError)
    assert sign(2)
    assert stored() == {2}


# --- hooks ------------------------------------------------------------------------------------------------------


def test_hooks_run_after_the_commit_and_in_the_thread_of_whoever_signed(var):
    seen = []

    def hook():
        # A second connection, in the caller's thread, sees only what is committed.
        seen.append((threading.current_thread(), stored()))

    sign(1, then=lambda: transaction.on_commit(hook, using=ALIAS))
    assert seen == [(threading.current_thread(), {1})]


def test_a_hook_that_fails_fails_only_its_own(var):
    def broken():
        raise ConnectionError

    def with_hook(mark, hook, *, robust=False):
        sign(mark, then=lambda: transaction.on_commit(hook, using=ALIAS, robust=robust))
        return "thanked"

    rung = []
    outcomes = together(
        partial(with_hook, 1, broken),
        partial(with_hook, 2, lambda: rung.append(2)),
        partial(with_hook, 3, broken, robust=True),
    )
    assert [type(outcome) for outcome in outcomes] == [ConnectionError, str, str]
    assert rung == [2]
    assert stored() == {1, 2, 3}


def test_hooks_of_one_who_was_refused_do_not_run(var):
    rung = []

    def hook_and_refuse():
        transaction.on_commit(lambda: rung.append(1), using=ALIAS)
        raise Refusal

    with pytest.raises(Refusal):
        sign(1, then=hook_and_refuse)
    sign(2)
    assert rung == []


# --- the caller's surroundings ----------------------------------------------------------------------------------


def test_language_and_time_zone_are_those_of_whoever_signed(var):
    def surroundings():
        return threading.current_thread(), translation.get_language(), timezone.get_current_timezone_name()

    with translation.override("fr"), timezone.override("Asia/Kathmandu"):
        thread, *rest = commit_together(surroundings, using=ALIAS)
    assert rest == ["fr", "Asia/Kathmandu"]
    assert thread is not threading.current_thread()


def test_inside_a_transaction_it_belongs_to_that_transaction(var):
    with transaction.atomic(using=ALIAS):
        assert commit_together(threading.current_thread, using=ALIAS) is threading.current_thread()
        sign(1)
        transaction.set_rollback(True, using=ALIAS)
    assert stored() == set()


def test_a_job_that_commits_together_itself_does_not_wait_for_itself(var):
    commit_together(lambda: sign(1), using=ALIAS)
    assert stored() == {1}


def test_the_setting_turns_it_off(var, settings):
    settings.AMPARO_GROUP_COMMIT = False
    assert commit_together(threading.current_thread, using=ALIAS) is threading.current_thread()
    with pytest.raises(IntegrityError):
        commit_together(lambda: (sign(1), sign(2), sign(1)), using=ALIAS)
    assert stored() == set()


@pytest.mark.django_db
def test_without_a_file_of_its_own_each_has_a_transaction_of_its_own(settings, request, tmp_path):
    settings.AMPARO_GROUP_COMMIT = True
    with workshop_database(request, tmp_path) as alias:
        in_writer = commit_together(threading.current_thread, using=alias) is not threading.current_thread()
        assert in_writer is (connections[alias].vendor == "sqlite")
        stop_writers()


def test_a_database_in_memory_which_another_thread_could_not_see_has_no_writer(settings, django_db_blocker):
    settings.AMPARO_GROUP_COMMIT = True
    with django_db_blocker.unblock(), file_database(":memory:"):
        sign(1)
        assert stored() == {1}


# --- too many, and the end --------------------------------------------------------------------------------------


def test_whoever_comes_when_too_many_wait_is_asked_to_come_back(var, monkeypatch):
    monkeypatch.setattr(group_commit, "MOST_WAITING", 2)
    with Jam() as jam:
        waiting = [threading.Thread(target=sign, args=(mark,)) for mark in range(2)]
        for thread in waiting:
            thread.start()
        while group_commit._writers[ALIAS]._waiting.qsize() < 2:
            threading.Event().wait(0.01)
        with pytest.raises(Busy, match="Please try again soon"):
            sign(3)
        jam.go_on.set()
        for thread in waiting:
            thread.join(timeout=20)
    assert stored() == {0, 1}


def test_another_process_gets_its_turn(var, monkeypatch):
    monkeypatch.setattr(group_commit, "KEEP_AT_MOST", 0.0)
    slept = []
    monkeypatch.setattr(group_commit.time, "sleep", slept.append)
    together(*[partial(sign, mark) for mark in range(3)])
    assert slept
    assert set(slept) == {group_commit.GAP}


def test_a_writer_told_to_end_finishes_what_it_has_and_the_next_job_finds_another(var):
    ending = threading.Event()

    def keep_ending():
        while not ending.is_set():
            stop_writers()

    sign()
    ended = group_commit._writer_for(ALIAS)
    stop_writers()
    assert ended.take(group_commit._Job(fn=sign)) is False
    nuisance = threading.Thread(target=keep_ending)
    nuisance.start()
    try:
        at_once(
            *[lambda first=first: [sign(first + mark) for mark in range(25)] for first in range(0, 200, 25)]
        )
    finally:
        ending.set()
        nuisance.join(timeout=20)
    assert stored() == {None, *range(200)}


PROGRAM = """
import os, sys, threading, time
from django.conf import settings
settings.configure(
    USE_TZ=True, INSTALLED_APPS=["tests.workshop"], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1], "CONN_MAX_AGE": None,
        "OPTIONS": {
        "transaction_mode": "IMMEDIATE", "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}}})
import django; django.setup()
from django.utils import timezone
from amparo.kit.group_commit import commit_together
from tests.workshop.models import Chore

def sign(mark):
    commit_together(lambda: Chore.objects.create(due_at=timezone.now(), mark=mark))
    os.write(1, b"%d\\n" % mark)
"""

FORKS = """
sign(1)
child = os.fork()
sign(2 if child else 3)
if child:
    assert os.waitpid(child, 0)[1] == 0
else:
    os._exit(0)
"""

ENDS_IN_THE_MIDST = """
for mark in range(30):
    threading.Thread(target=sign, args=(mark,)).start()
"""

NEVER_ENDS = """
def people(first):
    for mark in range(first, first + 100_000):
        sign(mark)
for number in range(8):
    threading.Thread(target=people, args=(number * 100_000,)).start()
"""


def program(text, var):
    return [sys.executable, "-c", PROGRAM + text, str(var / "workshop.sqlite3")]


def test_a_forked_child_has_a_writer_of_its_own(var):
    subprocess.run(program(FORKS, var), check=True, timeout=60, cwd=ROOT, stdout=subprocess.DEVNULL)
    assert stored() == {1, 2, 3}


def test_a_process_that_ends_in_the_midst_waits_for_those_who_wait_and_then_ends(var):
    ended = subprocess.run(
        program(ENDS_IN_THE_MIDST, var), check=True, timeout=60, cwd=ROOT, stdout=subprocess.PIPE
    )
    assert {int(mark) for mark in ended.stdout.split()} == stored() == set(range(30))


@pytest.mark.fault
def test_whoever_was_thanked_is_stored_though_the_process_was_killed(var):
    thanked = set()
    for _ in range(3):
        with subprocess.Popen(program(NEVER_ENDS, var), stdout=subprocess.PIPE, cwd=ROOT) as process:
            thanked |= {int(process.stdout.readline()) for _ in range(100)}
            process.kill()
            *whole, _cut = process.stdout.read().split(b"\n")
            thanked |= {int(mark) for mark in whole}
        assert thanked <= stored()
        assert query("PRAGMA integrity_check") == "ok"
        Chore.objects.using(ALIAS).all().delete()
        thanked.clear()
