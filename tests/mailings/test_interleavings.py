"""Whatever comes between what: freezing, loading, sending, withdrawing, pausing, killing and recovering.

The connections are played by the test, step by step, and so is the clock; everything else is what a worker runs.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from amparo.mailings import freezing, outcomes, recovering, steering
from amparo.mailings.carriers import smtp
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import AudienceChunk, DeliveryFailure, Mailing
from amparo.mailings.wire import feed, send_log
from amparo.supporters.models import Supporter
from tests.factories.mailings import a_mailing, a_reader
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db

READERS = 4
#: Seconds within which a withdrawal holds (security.md, P9), and a pause.
WITHDRAWN_WITHIN, PAUSED_WITHIN = 5.0, 0.5
#: The longest a session's thread takes between two looks at withdrawals.
STEP = delivering_mailings.CHECK_EVERY + delivering_mailings.FLUSH_EVERY


class PlayedLoop:
    """In the place of the thread with the connections: what is called is done at once."""

    def __init__(self, _server, _feed, _log, **_words):
        self.is_alive, self.trouble, self.trouble_is_ours, self.error = True, "", False, None

    def start(self):
        """There is no thread."""

    def call(self, deed, *words):
        deed(*words)

    def stop(self, *, seconds):
        self.is_alive = False


class Stage:
    """A mailing, at most two sessions that send it, and what the mail server has."""

    def __init__(self, mailing: Mailing, people: list[Supporter], *, clock: list[float]) -> None:
        self.mailing, self.people, self.clock = mailing, people, clock
        self.address_of = {reader.pk: reader.email for reader in people}
        self.frozen = 0
        self.sessions: list[delivering_mailings.Session] = []
        #: Mails whose envelope lies with the server, by session.
        self.enveloped: dict[int, feed.Mail] = {}
        #: Mails of which the answer came, and is not in the log yet: it goes there with the next begin, or tick.
        self.unsaid: dict[int, str] = {}
        self.took: Counter[str] = Counter()
        self.may_be_twice: Counter[str] = Counter()
        self.withdrawn: dict[str, float] = {}
        self.paused_at: float | None = None

    @property
    def now(self):
        return NOW + timedelta(seconds=self.clock[0])

    # --- What may happen ---

    def freeze(self) -> None:
        for mailing in freezing.claim(limit=1, now=self.now):
            freezing.freeze(mailing=mailing, now=self.now)
            chunk = AudienceChunk.objects.get()
            self.frozen = len(chunk.people)
            _in_two(chunk)

    def begin(self) -> None:
        recovering.replay_logs(now=self.now)
        if len(self.sessions) < 2 and delivering_mailings.claimable(now=self.now):
            session = delivering_mailings.Session(now_source=lambda: self.now)
            self.sessions.append(session)
            session._turn()

    def turn(self) -> None:
        for session in self.sessions:
            session._turn()

    def tick(self) -> None:
        """What was answered stands in the logs."""
        self.unsaid.clear()

    def wait(self) -> None:
        """As long as a session's thread may take to look again."""
        self.clock[0] += STEP
        self.turn()

    def later(self) -> None:
        """Long enough for every lease that nobody renews."""
        for _step in range(16):
            self.wait()
        recovering.reclaim(now=self.now)

    def withdraw(self, number: int) -> None:
        reader = self.people[number]
        Supporter.objects.filter(pk=reader.pk).update(agreed_to=0)
        self.withdrawn.setdefault(reader.email, self.clock[0])

    def pause(self) -> None:
        if Mailing.objects.get().state == "sending":
            steering.pause(mailing=self.mailing, by=None, now=self.now)
            self.paused_at = self.clock[0]
            self.clock[0] += delivering_mailings.FLUSH_EVERY
            self.turn()

    def resume(self) -> None:
        if Mailing.objects.get().state == "paused":
            steering.resume(mailing=self.mailing, by=None, now=self.now)
            self.paused_at = None

    def envelope(self, which: int) -> None:
        """The next mail's envelope goes to the server, which takes its time."""
        session = self._session(which)
        if session is None or id(session) in self.enveloped:
            return
        mail = session._feed.next()
        if mail is not None:
            self.enveloped[id(session)] = mail

    def content(self, which: int, fate: str) -> None:
        """The server says 354: the content is written, and comes to this end."""
        session = self._session(which)
        mail = self.enveloped.pop(id(session), None)
        if session is None or mail is None:
            return
        if not session._feed.started(mail):
            session._feed.returned(mail)
            return
        self._holds(mail.address)
        self.unsaid.pop(id(session), None)
        if fate != "lost":
            self.took[mail.address] += fate in {"sent", "cut", "killed"}
        if fate == "sent":
            session._feed.sent(mail)
        elif fate == "later":
            session._feed.refused(mail, "body", 451, "4.3.0 busy")
        elif fate == "refused":
            session._feed.refused(mail, "body", 552, "5.3.4 too big")
        if fate in {"sent", "later", "refused"}:
            self.unsaid[id(session)] = mail.address
        else:
            self.may_be_twice[mail.address] += 1
            if fate == "killed":
                self.kill(which)
            else:
                session._feed.unknown(mail)

    def kill(self, which: int) -> None:
        """Its memory is gone, and the lock on its log with it."""
        session = self._session(which)
        if session is not None:
            self.enveloped.pop(id(session), None)
            if (address := self.unsaid.pop(id(session), None)) is not None:
                self.may_be_twice[address] += 1
            self.sessions.remove(session)
            os.close(session._log._file)

    def recover(self) -> None:
        recovering.reclaim(now=self.now)

    def end(self, which: int) -> None:
        """It is asked to stop, and has the answers to all it began."""
        session = self._session(which)
        if session is None:
            return
        mail = self.enveloped.pop(id(session), None)
        if mail is not None:
            session._feed.returned(mail)
        self.sessions.remove(session)
        session._end(is_whole=True)

    def _session(self, which: int) -> delivering_mailings.Session | None:
        return self.sessions[which % len(self.sessions)] if self.sessions else None

    # --- What always holds ---

    def _holds(self, address: str) -> None:
        """A mail begins to leave now."""
        since = self.withdrawn.get(address)
        assert since is None or self.clock[0] - since < WITHDRAWN_WITHIN, "withdrawn, and written to"
        assert self.paused_at is None or self.clock[0] - self.paused_at < PAUSED_WITHIN, "sent while paused"

    def look(self) -> dict[str, str]:
        """Each reader's outcome by address."""
        found = {}
        state = Mailing.objects.get().state
        for chunk in AudienceChunk.objects.order_by("number"):
            for person, byte in zip(chunk.people, bytes(chunk.outcomes), strict=True):
                assert state != "finished" or byte not in outcomes.OPEN
                found[self.address_of[person]] = outcomes.NAMES[byte]
        assert len(found) == self.frozen
        return found

    def come_to_an_end(self) -> dict[str, str]:
        """Everything is let go its way until nothing is left to do."""
        self.resume()
        self.freeze()
        while self.sessions:
            self.end(0)
        for _round in range(6):
            self.clock[0] += 7200
            recovering.reclaim(now=self.now)
            self.begin()
            while self.sessions and self.sessions[0]._feed.waiting():
                self.envelope(0)
                self.content(0, "sent")
            self.end(0)
        return self.look()


def _in_two(chunk: AudienceChunk) -> None:
    """So that two sessions have something to share."""
    half = len(chunk.people) // 2
    if not half:
        return
    ids, there = bytes(chunk.ids), bytes(chunk.outcomes)
    AudienceChunk.objects.filter(pk=chunk.pk).update(ids=ids[: 16 * half], outcomes=there[:half])
    chunk.pk, chunk.number, chunk.ids, chunk.outcomes = None, 1, ids[16 * half :], there[half:]
    chunk._state.adding = True
    chunk.save()


@pytest.fixture
def clock(monkeypatch):
    passed = [0.0]
    played = SimpleNamespace(monotonic=lambda: passed[0])
    for module in (delivering_mailings, feed, recovering):
        monkeypatch.setattr(module, "time", played)
    monkeypatch.setattr(smtp, "SendingLoop", PlayedLoop)
    # What is proved here does not need the disk, and takes no account of the length of a session.
    monkeypatch.setattr(send_log.os, "fdatasync", lambda _file: None)
    monkeypatch.setattr(delivering_mailings, "LONGEST_SESSION", 1e9)
    monkeypatch.setattr(recovering, "_silent", {})
    return passed


@pytest.fixture
def mailing(settings, tmp_path):
    settings.AMPARO_VAR = str(tmp_path)
    settings.SMTP_URL = "smtp://127.0.0.1:9?tls=none"
    doors = an_organization()
    people = [
        a_reader(doors, f"Reader{number}", email=f"reader{number}@readers.example.net")
        for number in range(READERS)
    ]
    return a_mailing(doors, hours_to_try=500), people


WHICH = st.integers(0, 1)
STEPS = st.one_of(
    st.sampled_from(
        [("begin",), ("turn",), ("tick",), ("wait",), ("pause",), ("resume",), ("recover",), ("later",)]
    ),
    st.tuples(st.just("withdraw"), st.integers(0, READERS - 1)),
    st.tuples(st.just("envelope"), WHICH),
    st.tuples(
        st.just("content"), WHICH, st.sampled_from(["sent", "cut", "lost", "killed", "later", "refused"])
    ),
    st.tuples(st.sampled_from(["kill", "end"]), WHICH),
)
#: Most of what goes wrong needs a session with an envelope under way.
UNDER_WAY = (("freeze",), ("begin",), ("envelope", 0))


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    policy=st.sampled_from(["hold", "resend"]),
    first=st.sampled_from([(), UNDER_WAY, (*UNDER_WAY, ("begin",), ("envelope", 1))]),
    steps=st.lists(STEPS, max_size=12),
)
@example(
    policy="hold",
    first=UNDER_WAY,
    steps=[
        *[("withdraw", number) for number in range(READERS)],
        ("wait",),
        ("wait",),
        ("content", 0, "sent"),
    ],
)
@example(
    policy="resend", first=UNDER_WAY, steps=[("content", 0, "cut"), ("tick",), ("kill", 0), ("recover",)]
)
@example(
    policy="hold",
    first=UNDER_WAY,
    steps=[("content", 0, "killed"), ("begin",), ("envelope", 0), ("pause",), ("content", 0, "sent")],
)
@example(
    policy="resend",
    first=UNDER_WAY,
    steps=[("later",), ("begin",), ("envelope", 1), ("content", 0, "sent"), ("content", 1, "sent")],
)
def test_nobody_is_lost_nobody_gets_it_twice_and_a_withdrawal_holds(mailing, clock, policy, first, steps):
    try:
        with transaction.atomic():
            play(*mailing, clock, policy=policy, steps=[*first, *steps])
            transaction.set_rollback(True)
    finally:
        clock[0] = 0.0
        for path in send_log.folder().glob("*"):
            path.unlink()


def play(mailing, people, clock, *, policy, steps):
    Mailing.objects.update(unknown_policy=policy)
    mailing.refresh_from_db()
    stage = Stage(mailing, people, clock=clock)
    for name, *words in steps:
        getattr(stage, name)(*words)
        stage.look()
    left = stage.come_to_an_end()
    assert Mailing.objects.get().state == "finished"
    named = Counter(
        DeliveryFailure.objects.filter(reason__startswith="the line broke").values_list("position")
    )
    for address, name in left.items():
        copies, most = stage.took[address], 1 + stage.may_be_twice[address]
        assert name in {"sent", "unknown", "failed", "withdrawn"}
        if policy == "hold":
            assert copies <= 1
            assert name != "failed" or not copies
        else:
            assert copies <= most
            assert name != "unknown"
        assert name != "sent" or copies
        assert name != "withdrawn" or address in stage.withdrawn
        assert name != "unknown" or stage.may_be_twice[address]
    assert sum(named.values()) >= sum(stage.took.values()) - len(stage.took)
