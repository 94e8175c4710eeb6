"""A database that fails while refusals are written loses none: neither that somebody was refused, nor why."""

from __future__ import annotations

from collections import deque

import pytest
from django.db import OperationalError

from amparo.kit import work
from amparo.mailings.delivery import delivering_mailings, refusals
from amparo.mailings.models import DeliveryFailure
from amparo.mailings.progress import progress
from amparo.mailings.wire import send_log
from amparo.supporters.models import Suppression
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.organizations import an_organization
from tests.fakes.pipelining_server import a_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """What this process still has to write: nothing at first."""
    waiting = deque()
    monkeypatch.setattr(refusals, "_kept", waiting)
    return waiting


@pytest.fixture
def mailing(settings, tmp_path):
    """To Suzie, who gets it, and to Gone and Full, who do not."""
    settings.AMPARO_VAR = str(tmp_path)
    doors = an_organization()
    for name in ("suzie", "gone", "full"):
        a_reader(doors, name.title(), email=f"{name}@readers.example.net")
    moods = {"gone": "550 5.1.1 no such user", "full": "552 5.2.2 full"}
    with a_server(moods=moods) as running:
        settings.SMTP_URL = f"smtp://127.0.0.1:{running.port}?tls=none&timeout=5"
        yield frozen(a_mailing(doors))


@pytest.fixture
def database(monkeypatch):
    """Fails after a refusal's row is written and before it is committed, as long as `away` says so."""
    state = {"away": 1}
    suppress = refusals.suppression.suppress

    def suppressed(**words):
        if state["away"]:
            state["away"] -= 1
            raise OperationalError("the connection was lost")
        return suppress(**words)

    monkeypatch.setattr(refusals.suppression, "suppress", suppressed)
    return state


def send(now):
    return delivering_mailings.Session(now_source=lambda: now).run()


def look_for_work(now):
    return work.run_line("mailings", now_source=lambda: now)


def rows() -> list[tuple[str, str]]:
    return sorted(DeliveryFailure.objects.values_list("enhanced_code", "outcome"))


BOTH = [("5.1.1", "f"), ("5.2.2", "f")]


def test_a_database_that_fails_in_mid_flush_loses_no_refusal(mailing, database, now, kept):
    with pytest.raises(OperationalError):
        send(now)
    assert rows() == [], "it was rolled back"
    look_for_work(now)
    assert rows() == BOTH
    assert Suppression.objects.get().reason == "bounced"
    assert progress(mailing).by_outcome == {"sent": 1, "failed": 2}
    assert (list(kept), list(send_log.folder().iterdir())) == ([], [])
    look_for_work(now)
    assert rows() == BOTH, "and each once"


def test_a_database_that_stays_away_is_waited_for(mailing, database, now):
    database["away"] = 2
    with pytest.raises(OperationalError):
        send(now)
    with pytest.raises(work.LineFailed) as failure:
        look_for_work(now)
    assert failure.value.database_away
    look_for_work(now)
    assert rows() == BOTH
    assert progress(mailing).by_outcome == {"sent": 1, "failed": 2}


def test_refusals_that_wait_behind_others_are_kept_too(mailing, database, now, monkeypatch):
    """They come faster than they are written: what was not even begun to be written is not forgotten either."""
    monkeypatch.setattr(refusals, "AT_ONCE", 1)
    with pytest.raises(OperationalError):
        # Whoever is suppressed fails; of the other the first try may have been committed before.
        send(now)
    look_for_work(now)
    assert rows() == BOTH


def test_texts_keep_theirs_as_mails_do(mailing, database, now, settings):
    """The line that looks first writes what is left of both."""
    settings.AMPARO_SMS_PROVIDER = "twilio"
    with pytest.raises(OperationalError):
        send(now)
    work.run_line("texts", now_source=lambda: now)
    assert rows() == BOTH


def test_a_refusal_that_no_database_takes_keeps_no_other_from_it(mailing, database, now, monkeypatch, caplog):
    with pytest.raises(OperationalError):
        send(now)
    note = refusals.soft_bounces.note

    def unwritable(**words):
        monkeypatch.setattr(refusals.soft_bounces, "note", note)
        raise ValueError("full@readers.example.net")

    monkeypatch.setattr(refusals.soft_bounces, "note", unwritable)
    look_for_work(now)
    assert rows() == [("5.1.1", "f")]
    assert "A refusal is not written: ValueError at " in caplog.text
    assert "readers.example.net" not in caplog.text


def test_those_that_are_not_written_wait_on_in_their_order():
    waiting = deque("abcd")

    def write():
        with refusals.next_of(waiting) as taken:
            assert taken == list("abcd")
            waiting.append("e")
            raise OperationalError

    with pytest.raises(OperationalError):
        write()
    assert list(waiting) == list("abcde")
