"""A mailing that is stopped says of nobody who may have it that it was stopped before their turn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.mailings import outcomes, recovering, steering
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import AudienceChunk, DeliveryFailure
from amparo.mailings.wire import send_log
from amparo.supporters.models import Supporter
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=10)


@pytest.fixture
def doors():
    return an_organization()


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path, monkeypatch):
    settings.AMPARO_VAR = str(tmp_path)
    monkeypatch.setattr(recovering, "_silent", {})


@pytest.fixture
def killed(doors, now):
    """Suzie has the mail, Amina's was in flight when the worker was killed, Bruno's turn had not come."""
    people = {name: a_reader(doors, name) for name in ("Suzie", "Amina", "Bruno")}
    mailing = frozen(a_mailing(doors, unknown_policy="resend"))
    chunk = mailing.chunks.get()
    place = {name: chunk.people.index(person.pk) for name, person in people.items()}
    session = delivering_mailings.Session(now_source=lambda: now)
    AudienceChunk.objects.update(claimed_by=session._token, claimed_until=now + recovering.LEASE)
    session._log.began(chunk.pk, place["Suzie"], at_once=False)
    session._log.done(chunk.pk, place["Suzie"], outcomes.SENT)
    session._log.began(chunk.pk, place["Amina"], at_once=False)
    session._log.close(remove=False)
    return mailing


def became() -> dict[str, str]:
    chunk = AudienceChunk.objects.get()
    names = {person.pk: person.given_name for person in Supporter.objects.all()}
    return {
        names[pk]: outcomes.NAMES[byte] for pk, byte in zip(chunk.people, bytes(chunk.outcomes), strict=True)
    }


def stop(mailing, now):
    steering.stop(mailing=mailing, by=None, now=now)


def take_back(now):
    recovering.reclaim(now=now)
    steering.settle_stopped()


def lose_the_log_and_take_back(now):
    """Another machine takes back what the dead one held, and knows nothing of its log."""
    (path,) = send_log.folder().glob("*.log")
    away = path.rename(path.with_suffix(".away"))
    take_back(now)
    return away.rename(path)


def said() -> list[tuple[str, str]]:
    return list(DeliveryFailure.objects.values_list("outcome", "reason"))


HONEST = {"Suzie": "sent", "Amina": "unknown", "Bruno": "stopped"}
ONCE = [("u", recovering.HELD)]


def test_a_worker_that_is_killed_over_a_stopped_mailing_leaves_no_mail_in_flight_as_stopped(killed, now):
    stop(killed, now)
    assert AudienceChunk.objects.get().claimed_by is not None, "whoever holds it says what became of whom"
    take_back(now + LATER)
    assert (became(), said()) == (HONEST, ONCE)
    take_back(now + 2 * LATER)
    assert (became(), said()) == (HONEST, ONCE)


def test_a_mailing_that_is_stopped_long_after_the_kill_waits_for_the_log(killed, now):
    """Every worker was down when Bruno pressed Stop: what the log knows is asked first."""
    stop(killed, now + LATER)
    assert "stopped" not in became().values()
    take_back(now + LATER)
    assert (became(), said()) == (HONEST, ONCE)


def test_a_mailing_that_is_stopped_before_it_could_be_sent_again_says_that_they_may_have_it(killed, now):
    recovering.reclaim(now=now + LATER)
    assert became() == {"Suzie": "sent", "Amina": "temporary", "Bruno": "queued"}
    assert said() == [("t", recovering.SENT_AGAIN)]
    stop(killed, now + LATER)
    assert (became(), said()) == (HONEST, ONCE)


def test_a_log_that_comes_back_after_the_stop_is_heard(killed, now):
    stop(killed, now)
    lose_the_log_and_take_back(now + LATER)
    assert became() == dict.fromkeys(HONEST, "stopped")
    take_back(now + 2 * LATER)
    assert (became(), said()) == (HONEST, ONCE)


def test_who_was_to_have_it_again_and_has_not_may_have_the_first(doors, now):
    """Staff said "send it to them again", and stopped it: nobody took back that the first may have arrived."""
    a_reader(doors, "Amina")
    mailing = frozen(a_mailing(doors, unknown_policy="hold"))
    chunk = AudienceChunk.objects.get()
    AudienceChunk.objects.update(outcomes=b"u", is_open=False)
    recovering.note_unknown(chunk=chunk.pk, mailing=mailing, positions=[0], outcomes_now=b"u", now=now)
    assert steering.send_to_unknown_again(mailing=mailing, by=None, now=now) == 1
    stop(mailing, now)
    assert (became(), said()) == ({"Amina": "unknown"}, ONCE)


def test_what_a_living_worker_holds_waits_until_it_lets_go(doors, now):
    a_reader(doors, "Suzie")
    mailing = frozen(a_mailing(doors))
    session = delivering_mailings.Session(now_source=lambda: now)
    AudienceChunk.objects.update(claimed_by=session._token, claimed_until=now + recovering.LEASE)
    stop(mailing, now)
    assert became() == {"Suzie": "queued"}
    AudienceChunk.objects.update(claimed_by=None, claimed_until=None)
    assert steering.settle_stopped() == 1
    assert steering.settle_stopped() == 0
    assert became() == {"Suzie": "stopped"}
    session._log.close(remove=True)


def test_more_chunks_than_one_transaction_takes_are_all_settled(doors, now, monkeypatch):
    a_reader(doors, "Suzie")
    for name in ("First", "Second", "Third"):
        mailing = frozen(a_mailing(doors, name=name))
        mailing.chunks.update(claimed_by=mailing.pk, claimed_until=now)
        stop(mailing, now)
    AudienceChunk.objects.update(claimed_by=None, claimed_until=None)
    monkeypatch.setattr(steering, "AT_ONCE", 1)
    assert steering.settle_stopped() == 3
    assert not AudienceChunk.objects.filter(is_open=True).exists()
