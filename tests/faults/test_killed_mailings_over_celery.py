"""The same over Celery and RabbitMQ: processes, workers and the mail server are killed, and the broker goes away."""

from __future__ import annotations

import os
import time

import pytest

from tests.faults import broker, harness
from tests.faults.mailing_site import MailingSite, Watch
from tests.faults.sizes import FULL, seeded, times

URL = os.environ.get("AMPARO_TEST_BROKER_URL", "")
pytestmark = [
    pytest.mark.fault,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(not URL, reason="needs RabbitMQ: point AMPARO_TEST_BROKER_URL at one"),
]

READERS = times(small=160, full=5000)
WORKER_KILLS = times(small=1, full=40)
SINK_KILLS = times(small=1, full=8)
BROKER_LOSSES = times(small=1, full=4)
WORKERS = times(small=1, full=2)
PROCESSES = 2
POLICIES = ["hold", "resend"] if FULL else ["hold"]


def start(site, queue, chance, policy):
    site.settings |= {"AMPARO_ENGINE": "celery", "BROKER_URL": queue.url}
    mailing = MailingSite(
        site, chance, readers=READERS, policy=policy, workers=WORKERS, processes=PROCESSES,
        more=("--queue", queue.name, "--processes", str(PROCESSES)),
    )  # fmt: skip
    mailing.start()
    mailing.wait_for_a_mail()
    return mailing


if FULL:  # in a small run the embedded engine stands for it

    @pytest.mark.parametrize("policy", POLICIES)
    def test_the_numbers_add_up_and_nobody_is_lost(shelf, server, tmp_path, policy):
        chance = seeded(f"mailings over Celery, {policy}")
        with (
            broker.a_queue(URL) as queue,
            harness.a_site(shelf=shelf, folder=tmp_path, server=server) as site,
        ):
            mailing = start(site, queue, chance, policy)
            watch = Watch(mailing.look)
            watch.start()
            mailing.break_everything(worker_kills=WORKER_KILLS, sink_kills=SINK_KILLS)
            mailing.wait_for_the_end()
            watch.stop()
            mailing.stop()
            figures = mailing.look_at_what_is_left()
            print(f"R3 mailings over Celery on {kind(site)}, {figures}; {watch.looks} looks")
            assert mailing.killed == {"worker": WORKER_KILLS, "sink": SINK_KILLS}


def test_a_broker_that_goes_away_loses_and_doubles_nothing(shelf, server, tmp_path):
    """Its connections are cut and refused for a while; what a process holds in hand it goes on sending."""
    chance = seeded("mailings over Celery, broker")
    with broker.a_queue(URL) as queue, harness.a_site(shelf=shelf, folder=tmp_path, server=server) as site:
        mailing = start(site, queue, chance, "hold")
        watch = Watch(mailing.look)
        watch.start()
        for _time in range(BROKER_LOSSES):
            mailing.wait_for_a_mail()
            queue.close()
            time.sleep(chance.uniform(0.5, 2.0))
            queue.open()
        # The mail server is killed too, so that something is left to do when the broker is back.
        mailing.kill_sink(then=0.0)
        mailing.wait_for_the_end()
        watch.stop()
        mailing.stop()
        figures = mailing.look_at_what_is_left()
        print(f"R3 mailings over Celery on {kind(site)}, broker away {BROKER_LOSSES} times, {figures}")
        assert queue.cut


def kind(site):
    return "SQLite" if site.is_sqlite else "PostgreSQL"
