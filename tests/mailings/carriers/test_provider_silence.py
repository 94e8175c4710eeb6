"""When a provider does not answer, or a worker is killed: who may have got the mailing is known one by one."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest

from amparo.kit.smtp.failures import Uncertain
from amparo.mailings import recovering, steering
from amparo.mailings.carriers import batch_loop, known_providers
from amparo.mailings.carriers.provider import ProviderDelivery
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import DeliveryFailure, Notice
from amparo.mailings.progress import progress
from tests.factories.mailings import a_mailing, frozen
from tests.factories.people import a_member_of_staff
from tests.mailings.carriers.sessions import EVERY, bytes_of, readers, send

pytestmark = pytest.mark.django_db


# --- When no answer comes -------------------------------------------------------------------------


@EVERY
def test_nobody_there_is_later(doors, provider, now, name, settings):
    provider.use(name)
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors))
    at = "http://127.0.0.1:9/"
    settings.ANYMAIL = {**settings.ANYMAIL, f"{name.upper()}_API_URL": at}
    send(now)
    assert bytes_of(mailing) == {"Suzie": "temporary"}
    assert DeliveryFailure.objects.count() == 0


@EVERY
@pytest.mark.parametrize("mood", ["drop", "silent"])
@pytest.mark.parametrize(("policy", "outcome", "took"), [("hold", "unknown", 1), ("resend", "temporary", 2)])
def test_an_answer_that_never_comes_is_named_and_follows_the_policy(
    doors, provider, now, name, mood, policy, outcome, took
):
    provider.use(name)
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors, unknown_policy=policy))
    provider.mood = mood
    send(now)
    assert bytes_of(mailing) == {"Suzie": outcome}
    assert DeliveryFailure.objects.get().outcome == ("u" if policy == "hold" else "t")
    provider.mood = ""
    send(now + timedelta(minutes=10))
    assert provider.took.count("suzie") == took
    mailing.refresh_from_db()
    assert mailing.state == "finished"


@pytest.mark.parametrize("answer", [(500, {}, {}), (502, {}, {}), (504, {}, {}), (200, {}, {"strange": 1})])
def test_an_answer_that_says_nothing_is_none(doors, provider, now, answer):
    provider.use("mailgun")
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors, unknown_policy="hold"))
    provider.answers = [answer]
    send(now)
    assert bytes_of(mailing) == {"Suzie": "unknown"}


def test_no_redirect_is_followed_with_our_readers(doors, provider, now):
    provider.use("postmark")
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors))
    provider.always = (307, {"Location": f"http://127.0.0.1:{provider.port}/elsewhere"}, {})
    send(now)
    assert len(provider.credentials) == 1
    assert bytes_of(mailing) == {"Suzie": "temporary"}


def test_a_pause_holds_for_what_has_not_left(doors, provider, now):
    provider.use("postmark")
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors))
    steering.pause(mailing=mailing, by=None, now=now)
    assert send(now).done == 0
    assert provider.credentials == []
    steering.resume(mailing=mailing, by=None, now=now)
    assert send(now).done == 1


@pytest.fixture
def small_requests(provider, monkeypatch):
    """Mailgun with twenty readers a request, and two requests beside each other."""
    monkeypatch.setattr(batch_loop, "FIRST_BACK_OFF", 0.01)
    small = dataclasses.replace(known_providers.PROVIDERS["mailgun"], at_once=20, requests=2)
    monkeypatch.setitem(known_providers.PROVIDERS, "mailgun", small)
    provider.use("mailgun")


@pytest.mark.parametrize(
    ("policy", "in_doubt", "copies"),
    [("resend", 2 * 20 + 2 * 10, {1: 40, 2: 60}), ("hold", 2 * 10 + 2 * 10, {1: 100})],
)
def test_a_provider_that_takes_and_falls_silent_repeats_no_more_than_was_under_way(
    doors, provider, now, small_requests, policy, in_doubt, copies
):
    """It takes every request and cuts the line: two in full, then one of ten, and one more, and people have to look."""
    readers(doors, *[f"reader{number}" for number in range(100)])
    a_member_of_staff(doors, "administrator")
    mailing = frozen(a_mailing(doors, unknown_policy=policy))
    provider.drops_after = 1
    send(now)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.trouble) == (
        "paused",
        "the provider's answer never came, 3 times in a row",
    )
    assert Notice.objects.filter(kind="mailing_paused").count() == 1
    assert len(provider.took) == 10 + in_doubt
    assert DeliveryFailure.objects.count() == in_doubt
    assert progress(mailing).unknown == (in_doubt if policy == "hold" else 0)

    provider.drops_after = None
    steering.resume(mailing=mailing, by=None, now=now)
    send(now + timedelta(minutes=10))
    assert Counter(Counter(provider.took).values()) == copies
    mailing.refresh_from_db()
    assert mailing.state == "finished"


def test_nobody_gets_copy_after_copy_from_a_provider_that_never_answers(doors, provider, now, small_requests):
    readers(doors, "suzie", "amina")
    mailing = frozen(a_mailing(doors, unknown_policy="resend"))
    provider.mood = "drop"
    for hour in range(8):
        send(now + timedelta(hours=hour))
    assert Counter(provider.took) == {"suzie": 3, "amina": 3}
    mailing.refresh_from_db()
    assert mailing.state == "paused"
    # Whoever lets it go on without looking has asked one more time.
    steering.resume(mailing=mailing, by=None, now=now)
    for hour in range(8, 12):
        send(now + timedelta(hours=hour))
    assert Counter(provider.took) == {"suzie": 4, "amina": 4}


# --- After a crash --------------------------------------------------------------------------------


class KilledHere(BaseException):
    pass


def replayed(now) -> int:
    """How many chunks were settled; a log is locked for as long as the disk takes its last words."""
    for _try in range(100):
        settled = recovering.replay_logs(now=now)
        if settled:
            return settled
        time.sleep(0.05)
    return 0


@pytest.mark.parametrize(
    ("policy", "expected"), [("hold", {"unknown": 10, "queued": 15}), ("resend", {"temporary": 25})]
)
def test_a_killed_worker_leaves_no_more_than_its_requests(
    doors, provider, now, monkeypatch, policy, expected
):
    """The process dies while a request is under way: its log names who was in it, and nobody else is in doubt."""
    provider.use("mailgun")
    batch_loop.hearing_of("mailgun").answered(begun=0.0)
    one_request = dataclasses.replace(known_providers.PROVIDERS["mailgun"], requests=1)
    monkeypatch.setitem(known_providers.PROVIDERS, "mailgun", one_request)
    readers(doors, *[f"reader{number}" for number in range(25)])
    mailing = frozen(a_mailing(doors, unknown_policy=policy))
    begun, may_end = threading.Event(), threading.Event()

    def never_answers(delivery, batch):
        begun.set()
        may_end.wait(20)
        raise Uncertain(stage="body", reason="the process is gone")

    monkeypatch.setattr(ProviderDelivery, "__call__", never_answers)
    session = delivering_mailings.Session(now_source=lambda: now)
    turn = session._turn

    def turn_and_die():
        turn()
        if begun.wait(0.1):
            raise KilledHere

    monkeypatch.setattr(session, "_turn", turn_and_die)
    monkeypatch.setattr(session, "_end", lambda is_whole: None)
    with pytest.raises(KilledHere):
        session.run()
    session._log.close(remove=False)
    assert replayed(now) == 1
    may_end.set()
    assert progress(mailing).by_outcome == expected
    session._loop.stop(seconds=5)
    assert not session._loop.is_alive
