"""R3 and R4 for mailings: whatever is killed and whatever the mail server says, the numbers add up and nobody is lost.

Under the hold policy nobody gets it twice; under the other, whoever may have is named.
"""

from __future__ import annotations

import time
from collections import Counter

import pytest

from amparo.mailings import outcomes
from tests.faults import harness
from tests.faults.sizes import FULL, seeded, times

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1500)]

READERS = times(small=200, full=5000)
WORKER_KILLS = times(small=2, full=40)
SINK_KILLS = times(small=1, full=8)
WORKERS = times(small=1, full=2)
CONNECTIONS = 4
POLICIES = ["hold", "resend"] if FULL else ["hold"]


def start_sink(site, took, seed):
    sink = site._start(
        "-m", "bench._smtp_sink", str(site.mail_port), "--took", str(took), "--seed", str(seed), "--delay", "0.02",
        "--moods", "421,451,552,drop,lose", "--share", "0.1",
    )  # fmt: skip
    harness.wait_until(lambda: harness.listens(site.mail_port), seconds=60, what="the sink")
    return sink


def is_over(site):
    return site.rows("SELECT state FROM mailings_mailing")[0][0] == "finished"


def is_at_work(site):
    claimed = site.count("SELECT COUNT(*) FROM mailings_audiencechunk WHERE claimed_by IS NOT NULL")
    return claimed or is_over(site)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_numbers_add_up_and_nobody_is_lost(shelf, server, tmp_path, policy):
    chance = seeded(f"mailings, {policy}")
    with harness.a_site(shelf=shelf, folder=tmp_path, server=server) as site:
        site.settings["AMPARO_MAILING_CONNECTIONS"] = str(CONNECTIONS)
        harness.run_in(site.env, "-m", "tests.faults.mailings", "start", str(READERS), policy)
        took = tmp_path / "took.txt"
        took.touch()
        killed = break_everything(site, took, chance)
        look_at_what_is_left(site, Counter(took.read_text().split()), policy=policy, killed=killed)


def break_everything(site, took, chance):
    """Kill workers and the mail server at moments of chance until the plan is done; then let it come to rest."""

    def a_worker():
        return site.start_worker("--lines", "audiences,mailings")

    sink = start_sink(site, took, chance.random())
    workers = [a_worker() for _number in range(WORKERS)]
    plan = ["worker"] * WORKER_KILLS + ["sink"] * SINK_KILLS
    chance.shuffle(plan)
    killed = Counter()
    for victim in plan:
        before = len(took.read_text().split())
        harness.wait_until(
            lambda before=before: (
                is_over(site) or (is_at_work(site) and len(took.read_text().split()) > before)
            ),
            seconds=60,
            what="a mail on its way",
            every=0.01,
        )
        if is_over(site):
            break
        time.sleep(chance.uniform(0.0, 0.2))
        killed[victim] += 1
        if victim == "sink":
            sink.kill()
            sink = start_sink(site, took, chance.random())
        else:
            place = chance.randrange(WORKERS)
            workers[place].kill()
            workers[place] = a_worker()
    harness.wait_until(lambda: is_over(site), seconds=300, what="the end of the mailing", every=0.2)
    for process in [*workers, sink]:
        process.stop()
    return killed


def look_at_what_is_left(site, took, *, policy, killed):
    counted, by_reader = Counter(), {}
    addresses = readers_of(site)
    for ids, bytes_ in site.rows("SELECT ids, outcomes FROM mailings_audiencechunk"):
        for at, byte in enumerate(bytes(bytes_)):
            name = outcomes.NAMES[byte]
            counted[name] += 1
            by_reader[addresses[bytes(ids)[16 * at : 16 * at + 16].hex()]] = name
    twice = sum(number > 1 for number in took.values())
    named = site.count("SELECT COUNT(*) FROM mailings_deliveryfailure WHERE reason LIKE 'the line broke%'")
    print(
        f"R3 mailings on {'SQLite' if site.is_sqlite else 'PostgreSQL'}, {policy}: {READERS} readers, "
        f"{killed['worker']} kills of workers, {killed['sink']} of the mail server; {dict(counted)}, {twice} twice, "
        f"{named} named unknown"
    )
    assert killed["worker"]
    assert sum(counted.values()) == READERS
    assert counted.keys() <= {"sent", "unknown", "failed"}
    for reader, name in by_reader.items():
        if name == "sent":
            assert took[reader], "called sent, and never arrived"
        if name == "failed":
            assert not took[reader] or policy == "resend"
    assert set(took) <= {
        reader for reader, name in by_reader.items() if name in {"sent", "unknown", "failed"}
    }
    if policy == "hold":
        assert twice == 0
        assert counted["unknown"] == named
    else:
        assert counted["unknown"] == 0
        assert sum(took.values()) - len(took) <= named
    site.assert_sound()


def readers_of(site):
    """Each reader's address by their id, from the site's own keys."""
    return harness.run_in(site.env, "-m", "tests.faults.mailings", "addresses")
