"""R3 and R4 for mailings: whatever is killed and whatever the mail server says, the numbers add up and nobody is lost.

Under the hold policy nobody gets it twice; under the other at most one for each connection that a kill broke, and
whoever may have it twice is named.
"""

from __future__ import annotations

import pytest

from tests.faults import harness
from tests.faults.mailing_site import MailingSite, Watch
from tests.faults.sizes import FULL, seeded

pytestmark = [pytest.mark.fault, pytest.mark.timeout(2400)]

READERS = 5000
WORKER_KILLS = 40
SINK_KILLS = 8
WORKERS = 2

if FULL:  # it waits minutes for leases; in a small run `test_interleavings` plays them

    @pytest.mark.parametrize("policy", ["hold", "resend"])
    def test_the_numbers_add_up_and_nobody_is_lost(shelf, server, tmp_path, policy):
        chance = seeded(f"mailings, {policy}")
        with harness.a_site(shelf=shelf, folder=tmp_path, server=server) as site:
            mailing = MailingSite(site, chance, readers=READERS, policy=policy, workers=WORKERS)
            mailing.start()
            watch = Watch(mailing.look)
            watch.start()
            mailing.wait_for_a_mail()
            assert mailing.refuses_to_be_finished()
            mailing.break_everything(worker_kills=WORKER_KILLS, sink_kills=SINK_KILLS)
            mailing.wait_for_the_end()
            watch.stop()
            mailing.stop()
            figures = mailing.look_at_what_is_left()
            print(
                f"R3 mailings on {'SQLite' if site.is_sqlite else 'PostgreSQL'}, {figures}; {watch.looks} looks"
            )
            assert mailing.killed == {"worker": WORKER_KILLS, "sink": SINK_KILLS}
