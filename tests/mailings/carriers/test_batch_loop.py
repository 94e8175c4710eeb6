"""Batches leave beside each other, of one text each; whatever becomes of a request, nobody in it is lost."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from amparo.kit.smtp.failures import TemporaryFailure, Uncertain
from amparo.mailings import outcomes
from amparo.mailings.carriers import batch_loop
from amparo.mailings.carriers.batch_loop import BatchLoop, Hearing
from amparo.mailings.models import Mailing
from amparo.mailings.wire.feed import Allowance, ChunkFeed, Held
from amparo.mailings.wire.smtp_replies import Verdict

SENT = Verdict(outcomes.SENT, None, "", "")
GONE = Verdict(outcomes.FAILED, None, "5.1.1", "no such reader", is_permanent=True)


class Log:
    """What the log was told; it may break."""

    def __init__(self):
        self.began_ones, self.done_ones, self.breaks = [], [], None

    def began(self, chunk, position, *, at_once):
        if self.breaks == "begin":
            raise OSError("the disk is full")
        self.began_ones.append((position, at_once))

    def done(self, chunk, position, outcome):
        self.done_ones.append((position, outcome))

    def sync(self):
        if self.breaks == "sync":
            raise OSError("the disk is gone")


class Text:
    """A compiled text; a letter is its reader's address."""

    def __init__(self):
        self.pk = uuid4()


class Opener:
    def mails(self, turn, *, chunk):
        return {position: (f"r{position}@example.org", f"letter {position}") for position, _r, _t in turn}


class Bench:
    """A feed with some readers, a log, and what was delivered."""

    def __init__(
        self, deliver=None, *, people=10, texts=1, policy="resend", left=None, heard=True, **options
    ):
        self.log, self.batches, self.woken = Log(), [], threading.Event()
        self.feed = ChunkFeed(self.log, wake=self.woken.set)
        self._deliver = deliver or (lambda batch: [SENT] * len(batch))
        self.held = Held(
            pk=1,
            mailing=Mailing(unknown_policy=policy),
            people={position: f"{position:032x}" for position in range(people)},
            there=bytes([outcomes.QUEUED]) * people,
            allowance=Allowance(),
            opener=Opener(),
            checked_at=0.0,
            lease_ends=time.monotonic() + 60,
            attempts=0,
        )
        if left is not None:
            self.held.allowance.left["all"] = left
        kinds = [Text() for _one in range(texts)]
        for position in range(people):
            self.held.readers[position] = (None, kinds[position % texts])
            self.held.todo.append(position)
        self.hearing = Hearing()
        if heard:
            self.hearing.answered(begun=0.0)
        settings = {"at_once": 4, "requests": 2, "hearing": self.hearing} | options
        self.loop = BatchLoop(self.deliver, self.feed, self.log, wake=self.woken.set, **settings)

    def deliver(self, batch):
        self.batches.append([mail.position for mail in batch])
        return self._deliver(batch)

    def run(self, until=None, *, seconds=20, started=False):
        """Start, hand over, wait until everything is settled (or so), and stop."""
        if not started:
            self.loop.start()
            self.loop.call(self.feed.add, self.held)
        ends = time.monotonic() + seconds
        settled = until or (lambda: not any(byte in outcomes.OPEN for byte in self.held.outcomes))
        while not settled() and self.loop.is_alive and time.monotonic() < ends:
            time.sleep(0.005)
        assert settled() or not self.loop.is_alive, self.held.outcomes
        self.loop.stop(seconds=5)
        assert not self.loop.is_alive
        return self

    @property
    def came(self):
        return self.held.outcomes.decode()


def test_everybody_gets_it_once_in_batches():
    bench = Bench(people=10).run()
    assert bench.came == "s" * 10
    assert sorted(position for batch in bench.batches for position in batch) == list(range(10))
    assert sorted(map(len, bench.batches)) == [2, 4, 4]
    assert [position for position, _at_once in bench.log.began_ones] == list(range(10))
    assert (bench.feed.taken, bench.held.active, bench.loop.error) == (10, 0, None)


def test_requests_are_beside_each_other_and_no_more_than_allowed():
    lock, now, most = threading.Lock(), [0], [0]

    def slowly(batch):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return [SENT] * len(batch)

    Bench(slowly, people=12, at_once=1, requests=3).run()
    assert most[0] == 3


def test_a_batch_is_of_one_text_though_readers_of_two_stand_in_turns():
    bench = Bench(people=16, texts=2).run()
    assert all(len({position % 2 for position in batch}) == 1 for batch in bench.batches)
    assert [len(batch) for batch in bench.batches] == [4, 4, 4, 4]
    assert bench.came == "s" * 16


def test_who_is_laid_aside_costs_nothing_of_the_pace():
    bench = Bench(people=8, texts=2, left=8).run()
    assert bench.came == "s" * 8
    assert bench.held.allowance.left == {"all": 0}


def test_the_pace_holds():
    bench = Bench(people=8, left=3)
    bench.run(until=lambda: bench.feed.taken == 3)
    assert sorted(bench.came) == sorted("sssqqqqq")


def test_refusals_are_told_apart_within_a_batch():
    bench = Bench(lambda batch: [GONE if mail.position % 2 else SENT for mail in batch], people=4).run()
    assert bench.came == "sfsf"
    assert [failure.address for failure in bench.feed.failures] == ["r1@example.org", "r3@example.org"]


def test_nobody_of_a_batch_that_was_not_taken_is_lost():
    def full(batch):
        raise TemporaryFailure(stage="connect", reason="too many", retry_after=timedelta(seconds=30))

    bench = Bench(full, people=4)
    bench.run(until=lambda: bench.came == "tttt")
    assert bench.held.refused == 4
    assert "too many" in bench.loop.trouble
    assert not bench.loop.trouble_is_ours


def test_a_refused_login_is_ours():
    def shut(batch):
        raise TemporaryFailure(stage="auth", reason="who are you?")

    bench = Bench(shut, people=1)
    bench.run(until=lambda: bench.came == "t")
    assert bench.loop.trouble_is_ours


def test_after_a_failure_it_waits_and_requests_beside_it_are_no_further_failure(monkeypatch):
    monkeypatch.setattr(batch_loop, "FIRST_BACK_OFF", 0.2)
    together = threading.Barrier(4, timeout=5)

    def full(batch):
        together.wait()
        raise TemporaryFailure(stage="connect", reason="too many")

    bench = Bench(full, people=4, at_once=1, requests=4)
    bench.run(until=lambda: bench.came == "tttt")
    assert bench.loop._back_off == 0.4


def test_it_goes_on_after_the_wait_that_was_named():
    moments = []

    def once_full(batch):
        moments.append(time.monotonic())
        if len(moments) == 1:
            raise TemporaryFailure(stage="connect", reason="later", retry_after=timedelta(seconds=0.8))
        return [SENT] * len(batch)

    bench = Bench(once_full, people=2, at_once=1, requests=1)
    bench.run(until=lambda: bench.came == "ts")
    assert moments[1] - moments[0] >= 0.75
    assert bench.loop.trouble == ""


@pytest.mark.parametrize(("policy", "came"), [("hold", "uu"), ("resend", "tt")])
def test_who_was_in_a_request_whose_answer_never_came_is_named(policy, came):
    def lost(batch):
        raise Uncertain(stage="body", reason="no answer")

    bench = Bench(lost, people=2, policy=policy)
    bench.run(until=lambda: bench.came == came)
    assert len(bench.feed.unknown_ones) == 2
    assert bench.log.done_ones == [(0, outcomes.UNKNOWN), (1, outcomes.UNKNOWN)]


@pytest.mark.parametrize(
    "broken", [lambda batch: 1 / 0, lambda batch: [SENT] * (len(batch) + 1), lambda batch: []]
)
def test_our_own_mistake_leaves_nobody_in_the_air(broken):
    bench = Bench(broken, people=3, policy="hold")
    bench.run()
    assert bench.came == "uuu"
    assert "our own program" in bench.loop.trouble
    assert (bench.held.active, bench.loop.error) == (0, None)


def test_few_are_in_a_request_where_nobody_may_get_it_twice():
    bench = Bench(people=6, policy="hold", at_once=6, held_at_once=2).run()
    assert [len(batch) for batch in bench.batches] == [2, 2, 2]
    assert all(at_once for _position, at_once in bench.log.began_ones)


# --- When nobody answers --------------------------------------------------------------------------


@pytest.fixture
def at_once_again(monkeypatch):
    monkeypatch.setattr(batch_loop, "FIRST_BACK_OFF", 0.01)


def cut(batch):
    raise Uncertain(stage="body", reason="no answer came")


def test_whoever_was_never_heard_is_asked_for_little_first():
    gate, inside = threading.Event(), threading.Event()

    def waits(batch):
        inside.set()
        gate.wait(5)
        return [SENT] * len(batch)

    bench = Bench(waits, people=60, at_once=25, requests=3, heard=False)
    bench.loop.start()
    bench.loop.call(bench.feed.add, bench.held)
    assert inside.wait(5)
    time.sleep(0.25)
    assert [len(batch) for batch in bench.batches] == [10]
    gate.set()
    bench.run(started=True)
    assert sorted(len(batch) for batch in bench.batches) == [10, 25, 25]
    assert bench.came == "s" * 60


def test_after_a_cut_little_is_asked_until_somebody_answers(at_once_again):
    """What was under way is in doubt, and then ten at a time; nobody else."""

    def cut_twice(batch):
        return cut(batch) if len(bench.batches) <= 2 else [SENT] * len(batch)

    bench = Bench(cut_twice, people=70, at_once=20, requests=1, policy="hold")
    bench.run()
    assert [len(batch) for batch in bench.batches] == [20, 10, 10, 20, 10]
    assert bench.came == "u" * 30 + "s" * 40
    assert (bench.loop.trouble, bench.loop.trouble_is_ours, bench.hearing.silences) == ("", False, 0)


def test_a_provider_that_falls_silent_again_and_again_pauses_the_mailing(at_once_again):
    bench = Bench(cut, people=100, at_once=20, requests=1, policy="hold")
    # Nobody is asked any more, however long it takes until the mailing is paused.
    bench.run(until=lambda: bench.loop.trouble_is_ours and not time.sleep(0.3))
    assert bench.loop.trouble == "no answer came, 3 times in a row"
    assert bench.came == "u" * 40 + "q" * 60


def test_requests_that_are_cut_together_are_one_silence():
    together = threading.Barrier(4, timeout=5)

    def cut_together(batch):
        together.wait()
        cut(batch)

    bench = Bench(cut_together, people=4, at_once=1, requests=4, policy="hold").run()
    assert (bench.hearing.silences, bench.loop.trouble_is_ours) == (1, False)


def test_our_own_mistake_is_not_made_with_everybody(at_once_again):
    bench = Bench(lambda batch: 1 / 0, people=100, at_once=20, requests=1, policy="hold")
    bench.run(until=lambda: bench.loop.trouble_is_ours)
    assert "our own program" in bench.loop.trouble


def test_readers_of_whom_an_answer_says_nothing_are_a_silence_too(at_once_again):
    bench = Bench(
        lambda batch: [Verdict(outcomes.UNKNOWN, None, "", "")] * len(batch), people=3, policy="hold"
    )
    bench.run()
    assert (bench.came, bench.hearing.is_heard) == ("uuu", False)


def test_who_takes_nothing_of_much_is_asked_for_little(at_once_again):
    """A new account at Mailgun takes some mails an hour, and of a request with more of them nothing."""

    def takes_little(batch):
        if len(batch) > 10:
            raise TemporaryFailure(stage="data", reason="recipient limit exceeded")
        return [SENT] * len(batch)

    bench = Bench(takes_little, people=35, at_once=25, requests=1)
    bench.run(until=lambda: bench.feed.taken == 10)
    assert [len(batch) for batch in bench.batches] == [25, 10]


def test_what_was_begun_before_a_silence_does_not_end_it():
    hearing, begun = Hearing(), time.monotonic()
    assert hearing.fell_silent(begun=begun)
    hearing.answered(begun=begun)
    assert not hearing.fell_silent(begun=begun)
    assert (hearing.is_heard, hearing.silences) == (False, 1)
    hearing.answered(begun=time.monotonic())
    assert (hearing.is_heard, hearing.silences) == (True, 0)


def test_asked_to_stop_it_hears_the_answers_to_what_is_under_way():
    gate, inside = threading.Event(), threading.Event()

    def waits(batch):
        inside.set()
        gate.wait(5)
        return [SENT] * len(batch)

    bench = Bench(waits, people=5, at_once=1, requests=1)
    bench.loop.start()
    bench.loop.call(bench.feed.add, bench.held)
    assert inside.wait(5)
    threading.Timer(0.2, gate.set).start()
    bench.loop.stop(seconds=5)
    assert bench.came == "sqqqq"
    assert not bench.loop.is_alive


def test_a_paused_mailing_begins_nothing_more():
    bench = Bench(people=3, at_once=1, requests=1)
    bench.held.may_go = False
    bench.loop.start()
    bench.loop.call(bench.feed.add, bench.held)
    time.sleep(0.3)
    bench.loop.stop(seconds=5)
    assert (bench.came, bench.batches) == ("qqq", [])


@pytest.mark.parametrize("breaks", ["begin", "sync"])
def test_a_log_that_cannot_be_written_ends_it_and_says_why(breaks):
    bench = Bench(people=3)
    bench.log.breaks = breaks
    bench.run(until=lambda: False)
    assert isinstance(bench.loop.error, OSError)
    assert breaks == "sync" or bench.batches == []
    # What is said to it afterwards is heard by nobody, and breaks nothing.
    bench.loop.call(bench.feed.drop, bench.held)
    bench.loop.stop(seconds=1)


def test_what_is_under_way_when_the_log_breaks_is_left_begun():
    gate, inside = threading.Event(), threading.Event()

    def waits(batch):
        inside.set()
        gate.wait(5)
        return [SENT] * len(batch)

    bench = Bench(waits, people=1, at_once=1, requests=1)
    bench.loop.start()
    bench.loop.call(bench.feed.add, bench.held)
    assert inside.wait(5)
    bench.log.breaks = "sync"
    bench.loop._thread.join(5)
    gate.set()
    assert isinstance(bench.loop.error, OSError)
    assert bench.came == "i"
