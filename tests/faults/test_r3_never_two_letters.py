"""R3 and R4: no letter leaves twice and none disappears, whatever is killed and whatever the mail server says."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.faults.harness import wait_until
from tests.faults.sizes import seeded, times

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1200)]

LETTERS = times(small=120, full=600)
WORKER_KILLS = times(small=6, full=40)
MAIL_KILLS = times(small=2, full=8)
WORKERS = 2
#: States from which a letter still moves by itself.
MOVING = {"pending", "queued", "claimed", "in_flight"}


@dataclass
class Aftermath:
    """What was left when everything had come to rest."""

    states: dict[str, int]
    ids: dict[UUID, str]
    took: Counter[UUID]
    cut: int
    events: dict[UUID, list[str]]
    bound: int


@pytest.fixture(scope="module")
def aftermath(site):
    """Letters on their way while workers and the mail server are killed, then time to come to rest."""
    chance = seeded("R3")
    site.prepare("letters", str(LETTERS))
    moods = ("--moods", "421,451,552,drop,lose", "--share", "0.25", "--slow", "0.3", "--seed")
    mail = site.start_mail(*moods, str(chance.random()))
    workers = [site.start_worker() for _number in range(WORKERS)]
    plan = ["worker"] * WORKER_KILLS + ["mail"] * MAIL_KILLS
    chance.shuffle(plan)
    for victim in plan:
        # Somebody has to be at work, or a kill would prove nothing.
        wait_until(lambda: _at_work(site), seconds=60, what="a letter on its way")
        time.sleep(chance.uniform(0.0, 0.6))
        if victim == "mail":
            mail.kill()
            mail = site.start_mail(*moods, str(chance.random()))
        else:
            place = chance.randrange(WORKERS)
            workers[place].kill()
            workers[place] = site.start_worker()
    wait_until(lambda: not MOVING & site.states().keys(), seconds=180, what="rest", every=0.5)
    for process in [*workers, mail]:
        process.stop()

    events: dict[UUID, list[str]] = {}
    for message, state in site.rows("SELECT message_id, state FROM actions_messageevent ORDER BY id"):
        events.setdefault(UUID(str(message)), []).append(state)
    found = Aftermath(
        states=site.states(),
        ids={UUID(str(pk)): state for pk, state in site.rows("SELECT id, state FROM actions_message")},
        took=Counter(UUID(line[2]) for line in site.mails() if line[2] != "-"),
        cut=sum(line[2] != "-" for line in site.mails("cut")),
        events=events,
        # One connection to the mail server for each line that sends is cut with each kill of it.
        bound=(WORKER_KILLS + MAIL_KILLS * WORKERS),
    )
    print(
        f"R3 on {'SQLite' if site.is_sqlite else 'PostgreSQL'}: {LETTERS} letters, {WORKER_KILLS} kills of workers, "
        f"{MAIL_KILLS} of the mail server; {len(found.took)} arrived, "
        f"{sum(count > 1 for count in found.took.values())} twice; left {found.states}; "
        f"{found.cut} answers cut by the server"
    )
    return found


def _at_work(site):
    states = site.states()
    return states.get("claimed", 0) + states.get("in_flight", 0) or not MOVING & states.keys()


def test_no_letter_arrives_twice(aftermath):
    assert [letter for letter, count in aftermath.took.items() if count > 1] == []
    assert aftermath.took.keys() <= aftermath.ids.keys()


def test_the_states_add_up_to_all_that_was_accepted(aftermath):
    """R4: at rest, every letter is somewhere, and none is on its way for ever."""
    assert sum(aftermath.states.values()) == LETTERS
    assert aftermath.states.keys() <= {"sent", "uncertain", "failed"}


def test_what_is_called_sent_has_arrived_and_what_failed_has_not(aftermath):
    by_state = {
        state: {pk for pk, one in aftermath.ids.items() if one == state} for state in aftermath.states
    }
    assert by_state["sent"] <= aftermath.took.keys()
    assert not by_state.get("failed", set()) & aftermath.took.keys()
    assert aftermath.took.keys() <= by_state["sent"] | by_state.get("uncertain", set())


def test_the_uncertain_are_no_more_than_the_kills_and_cuts_explain(aftermath):
    assert aftermath.states.get("uncertain", 0) <= aftermath.bound + aftermath.cut


def test_the_journal_shows_in_flight_before_every_end(aftermath):
    """What left, or may have left, was written down before the mail server was offered it; and only once."""
    for pk, state in aftermath.ids.items():
        if state in {"sent", "uncertain"}:
            assert aftermath.events[pk][-1] == state
            assert "in_flight" in aftermath.events[pk]


def test_staff_and_status_see_the_uncertain(site, aftermath):
    """They are listed where somebody looks, with a reason each."""
    reasons = site.rows("SELECT DISTINCT reason FROM actions_message WHERE state = 'uncertain'")
    assert all(reason for (reason,) in reasons)
