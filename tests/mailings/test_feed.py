"""Mails are made while servers are at work on others, in their order, and none for whom nothing may leave."""

from __future__ import annotations

import time
from collections import deque
from types import SimpleNamespace

import pytest

from amparo.mailings import outcomes
from amparo.mailings.models import Mailing
from amparo.mailings.wire import feed


class Opener:
    """Makes a mail of each reader, but of those whose address does not work; notes how many at once."""

    def __init__(self, *, gone=()):
        self.gone, self.turns = set(gone), []

    def mails(self, turn, *, chunk):
        self.turns.append(len(turn))
        found = {position for position, _reader, _text in turn} - self.gone
        return {position: (f"r{position}@example.org", f"mail {position}") for position in found}


class Bench:
    """A feed with one chunk, what it asked to be done soon, and how often it woke whoever writes down."""

    def __init__(self, people, **options):
        self.soon, self.woken = deque(), 0
        log = SimpleNamespace(began=lambda *_at, **_how: None, done=lambda *_at: None)
        self.feed = feed.ChunkFeed(log, wake=self.wake)
        self.feed.soon = lambda deed, *words: self.soon.append((deed, words))
        self.opener = Opener(**options)
        self.held = feed.Held(
            pk=1,
            mailing=Mailing(unknown_policy="resend"),
            people={position: f"{position:032x}" for position in range(people)},
            there=bytes([outcomes.QUEUED]) * people,
            allowance=feed.Allowance(),
            opener=self.opener,
            checked_at=0.0,
            lease_ends=time.monotonic() + 60,
            attempts=0,
        )
        for position in range(people):
            self.held.readers[position] = (None, None)
            self.held.todo.append(position)
        self.feed.add(self.held)

    def wake(self):
        self.woken += 1

    def do_soon(self):
        deed, words = self.soon.popleft()
        deed(*words)


@pytest.fixture
def bench():
    return Bench(2 * feed.AT_ONCE + 5)


def test_mails_are_made_ahead_and_each_leaves_once_in_its_order(bench):
    left = []
    while (mail := bench.feed.next()) is not None:
        left.append(mail.position)
        if bench.soon:
            bench.do_soon()
    assert left == list(range(2 * feed.AT_ONCE + 5))
    assert bench.opener.turns == [feed.AT_ONCE, feed.AT_ONCE, 5]


def test_whoever_is_served_waits_for_no_mail_once_some_were_made_ahead(bench):
    for _one in range(feed.AT_ONCE - 1):
        bench.feed.next()
    assert len(bench.soon) == 1, "asked once, until it is done"
    bench.do_soon()
    assert len(bench.held.ready) == feed.AT_ONCE + 1
    bench.feed.next()
    assert bench.opener.turns == [feed.AT_ONCE, feed.AT_ONCE]


def test_nothing_is_made_ahead_for_a_mailing_that_was_paused_in_between(bench):
    for _one in range(feed.AT_ONCE - 1):
        bench.feed.next()
    bench.held.may_go = False
    bench.do_soon()
    assert bench.opener.turns == [feed.AT_ONCE]
    assert bench.feed.next() is None


def test_a_chunk_whose_last_readers_cannot_be_written_to_is_said_to_be_over():
    bench = Bench(feed.AT_ONCE + 2, gone=[feed.AT_ONCE, feed.AT_ONCE + 1])
    for _one in range(feed.AT_ONCE):
        bench.feed.sent(bench.feed.next())
    assert not bench.held.is_over
    before = bench.woken
    bench.do_soon()
    assert bench.held.is_over
    assert bench.woken == before + 1
