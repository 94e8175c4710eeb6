"""R1: what we said is stored is stored, whole, after any number of kill -9."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from tests.faults.sizes import seeded, times
from tests.faults.writers import Ledger, Writers, form_of

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]

CLIENTS = 16
#: A letter that was taken is an action, its one letter, and the confirmation mail waiting to leave.
WHOLE = """
SELECT a.key, COUNT(DISTINCT m.id), COUNT(DISTINCT n.id), MIN(CAST(a.consent_answers AS TEXT))
  FROM actions_action a
  LEFT JOIN actions_message m ON m.action_id = a.id
  LEFT JOIN mailings_notice n ON n.subject_id = a.confirmation_id
 GROUP BY a.id, a.key
"""


def test_nothing_that_was_accepted_is_lost_when_the_web_server_is_killed(site, tmp_path):
    """Sixteen supporters write without pause while the whole tree of the web server is killed again and again."""
    chance = seeded("R1")
    kills = times(small=3, full=20)
    ledger = Ledger(tmp_path / "acknowledged")
    web = site.start_web()
    with Writers(site, count=CLIENTS, ledger=ledger) as writers:
        for _kill in range(kills):
            taken = len(ledger.keys)
            _wait_for(lambda before=taken: len(ledger.keys) > before, seconds=60)
            time.sleep(chance.uniform(0.2, 2.0))
            web.kill()
            web = site.start_web()
        _wait_for(lambda: len(ledger.keys) > taken, seconds=60)
    web.stop()

    stored = Counter(UUID(str(key)) for key, *_rest in site.rows(WHOLE))
    lost = [key for key in ledger.keys if key not in stored]
    duplicates = [key for key, count in stored.items() if count > 1]
    broken = [row for row in site.rows(WHOLE) if row[1] != 1 or row[2] != 1 or "true" not in row[3]]
    print(
        f"R1 on {'SQLite' if site.is_sqlite else 'PostgreSQL'}: {kills} kills, {len(ledger.keys)} acknowledged, "
        f"{len(stored)} stored, {len(lost)} lost, {len(duplicates)} twice, {len(broken)} incomplete; "
        f"answers {dict(writers.answers)}"
    )
    assert lost == []
    assert duplicates == []
    assert broken == []
    assert stored.keys() <= writers.started
    site.assert_sound()
    # Anything but an answer, or an honest "not now", would be a letter lost without a word.
    assert {word for word in writers.answers if word.isdigit()} <= {"503"}


def test_fifty_double_clicks_make_one_letter(site):
    """One form, fifty times at once: everybody is told the same, one letter is stored."""
    web = site.start_web()
    ledger, key = [], uuid4()
    writers = Writers(site, count=0, ledger=ledger)
    body = form_of(site, key=key, number=7)
    gate = threading.Barrier(50)

    def click(number):
        gate.wait(timeout=30)
        return writers._post(body, 900_000 + number)

    with ThreadPoolExecutor(max_workers=50) as hands:
        answers = list(hands.map(click, range(50)))
    web.stop()

    rows = [row for row in site.rows(WHOLE) if UUID(str(row[0])) == key]
    print(f"R3: 50 double clicks, answers {dict(writers.answers)}, {len(rows)} action, letters {rows[0][1]}")
    assert all(answers)
    assert [(letters, notices) for _key, letters, notices, _consents in rows] == [(1, 1)]


def _wait_for(holds, *, seconds):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "nobody's letter was taken any more"
        time.sleep(0.05)
