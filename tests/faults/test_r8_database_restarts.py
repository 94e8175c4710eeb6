"""R8: the database is restarted under load; nobody loses a letter, and who waits is told when to come back."""

from __future__ import annotations

import os
import time
from uuid import UUID

import pytest

from tests.faults import harness
from tests.faults.harness import wait_until
from tests.faults.private_postgres import private_postgres
from tests.faults.sizes import seeded, times
from tests.faults.writers import Ledger, Writers

pytestmark = [pytest.mark.fault, pytest.mark.postgres, pytest.mark.timeout(600)]

#: Seconds within which letters are taken again once the database answers (guarantee R8).
BACK_WITHIN = 5.0


def test_a_restarted_database_costs_nobody_a_letter(tmp_path):
    """`pg_ctl restart -m immediate` again and again, while sixteen supporters write."""
    chance = seeded("R8")
    restarts = times(small=2, full=6)
    ledger = Ledger(tmp_path / "acknowledged")
    waits = []
    with (
        private_postgres() as server,
        harness.a_site(shelf=tmp_path / "shelf", folder=tmp_path / "site", server=server.url) as site,
    ):
        web = site.start_web()
        processes = 2 * (os.cpu_count() or 1)
        wait_until(lambda: len(web.children()) == processes, seconds=60, what="every web process")
        workers = web.children()
        # A worker of ours is there too, and has to outlive every restart.
        engine = site.start_worker()
        with Writers(site, count=16, ledger=ledger) as writers:
            wait_until(lambda: ledger.keys, seconds=60, what="the first letter")
            for _restart in range(restarts):
                time.sleep(chance.uniform(0.5, 2.5))
                server.restart()
                back, known = time.monotonic(), len(writers.taken_at)
                wait_until(lambda n=known: len(writers.taken_at) > n, seconds=60, what="the next letter")
                waits.append(writers.taken_at[known] - back)
        assert web.is_alive()
        assert web.children() == workers
        assert engine.is_alive()
        stored = [UUID(str(key)) for (key,) in site.rows("SELECT key FROM actions_action")]
        lost = set(ledger.keys) - set(stored)
        print(
            f"R8: {restarts} restarts, {len(ledger.keys)} acknowledged, {len(lost)} lost, "
            f"answers {dict(writers.answers)}, first letter after {[f'{wait:.1f} s' for wait in waits]}"
        )
        assert lost == set()
        assert len(stored) == len(set(stored))
        assert writers.answers.keys() <= {"taken", "503"}
        assert writers.without_retry_after == 0
        assert max(waits) <= BACK_WITHIN
