"""What dead and silent processes leave: each named once, a living one left alone, and a log that is never half read."""

from __future__ import annotations

import errno
import os
from datetime import timedelta

import pytest

from amparo.mailings import outcomes, recovering
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import AudienceChunk, DeliveryFailure
from amparo.mailings.wire import feed, send_log
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors():
    return an_organization()


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path, monkeypatch):
    settings.AMPARO_VAR = str(tmp_path)
    monkeypatch.setattr(recovering, "_silent", {})


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass for recovering alone."""
    passed = [1000.0]
    monkeypatch.setattr(recovering.time, "monotonic", lambda: passed[0])
    return passed


def a_session_with_a_chunk(doors, now, *, policy="resend", begun=True):
    """A session that holds Suzie's chunk and has begun her mail."""
    a_reader(doors, "Suzie")
    chunk = frozen(a_mailing(doors, unknown_policy=policy)).chunks.get()
    session = delivering_mailings.Session(now_source=lambda: now)
    AudienceChunk.objects.update(claimed_by=session._token, claimed_until=now + recovering.LEASE)
    if begun:
        session._log.began(chunk.pk, 0, at_once=False)
    return session


def byte() -> str:
    return outcomes.NAMES[bytes(AudienceChunk.objects.get().outcomes)[0]]


def test_a_living_process_is_not_taken_for_dead_because_a_clock_was_set(doors, now, clock):
    """Or because the machine slept: it goes on sending, and whoever took its chunk would send to the same people."""
    session = a_session_with_a_chunk(doors, now)
    tomorrow = now + timedelta(days=1)
    assert recovering.reclaim(now=tomorrow) == 0
    clock[0] += 30
    AudienceChunk.objects.update(claimed_until=now + timedelta(seconds=90))
    assert recovering.reclaim(now=tomorrow) == 0, "its lease was renewed by its own clock"
    clock[0] += 59
    assert recovering.reclaim(now=tomorrow) == 0
    assert AudienceChunk.objects.get().claimed_by == session._token
    session._log.close(remove=True)


def test_a_process_that_is_stuck_is_taken_for_dead_in_the_end(doors, now, clock):
    session = a_session_with_a_chunk(doors, now)
    later = now + timedelta(minutes=2)
    assert recovering.reclaim(now=later) == 0
    clock[0] += 60
    assert recovering.reclaim(now=later) == 1
    assert (byte(), AudienceChunk.objects.get().claimed_by) == ("temporary", None)
    assert recovering._silent != {}
    recovering.reclaim(now=later)
    assert recovering._silent == {}
    session._log.close(remove=True)


def test_two_who_come_for_one_that_is_late_name_its_unknown_once(doors, now, monkeypatch):
    session = a_session_with_a_chunk(doors, now)
    session._log.close(remove=False)
    later = now + timedelta(minutes=2)
    path = send_log.log_of(session._token)
    facts = send_log.read(path)
    locked = recovering._locked

    def other_is_first(number):
        monkeypatch.setattr(recovering, "_locked", locked)
        recovering.settle_session(token=session._token, facts=facts, now=later, late_since=later)
        return locked(number)

    monkeypatch.setattr(recovering, "_locked", other_is_first)
    recovering.settle_session(token=session._token, facts=facts, now=later, late_since=later)
    assert DeliveryFailure.objects.count() == 1


@pytest.mark.parametrize("is_named", [False, True])
def test_who_is_sent_to_again_is_named_though_the_process_died_before_it_said_so(doors, now, is_named):
    """The line broke, and a moment later the process was killed: from its log she is named, and not twice."""
    session = a_session_with_a_chunk(doors, now)
    chunk = AudienceChunk.objects.get()
    held = feed.Held(
        pk=chunk.pk, mailing=chunk.mailing, people={0: chunk.people[0].hex}, there=b"q", opener=None,
        allowance=feed.Allowance(), checked_at=0.0, lease_ends=0.0, attempts=0,
    )  # fmt: skip
    mail = feed.Mail(held, 0, "suzie@readers.example.net", None)
    session._feed.unknown(mail)
    if is_named:
        session._feed.named(held, [0])
    session._log.close(remove=False)
    assert recovering.replay_logs(now=now) == 1
    assert byte() == "temporary"
    assert DeliveryFailure.objects.filter(reason=recovering.SENT_AGAIN).count() == (not is_named)


def test_a_disk_that_is_full_refuses_a_mail_that_begins_and_no_answer(doors, now, monkeypatch):
    session = a_session_with_a_chunk(doors, now)
    log = session._log
    log._at = send_log._WINDOW - send_log._RECORD.size

    def full(*_where):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(send_log.os, "posix_fallocate", full)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        log.began(7, 1, at_once=False)
    log.done(7, 0, outcomes.SENT)
    monkeypatch.undo()
    log.began(7, 2, at_once=False)
    log.close(remove=False)
    facts = send_log.read(log._path)
    chunk = AudienceChunk.objects.get().pk
    assert facts == {chunk: {0: outcomes.UNKNOWN}, 7: {0: outcomes.SENT, 2: outcomes.UNKNOWN}}


def test_a_record_that_was_cut_off_is_none(doors, now):
    session = a_session_with_a_chunk(doors, now)
    log = session._log
    send_log._REST.pack_into(log._window, log._at + 1, 7, 3, 0)
    log.close(remove=False)
    assert 7 not in send_log.read(log._path)
