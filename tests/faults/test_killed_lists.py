"""A list whose worker is killed again and again comes in whole, each row once; and goes again in the same way."""

from __future__ import annotations

import pytest

from tests.faults import harness, sizes

pytestmark = pytest.mark.fault

ROWS = sizes.times(small=600, full=20_000)
KILLS = sizes.times(small=2, full=12)
#: Small, so that a kill falls between chunks and within them.
AT_ONCE = "25"


def run_with_kills(site, *, progress, state, seed):
    """Kill the worker at a moment of chance, some times over, then let one finish; how often one was killed."""
    killed = 0
    for _number in range(KILLS):
        worker = site.start_worker("--lines", "imports", "--rows-at-once", AT_ONCE)
        before = site.count(progress)
        goal = before + seed.randrange(1, max(ROWS // (KILLS + 2) // int(AT_ONCE), 2))
        harness.wait_until(
            lambda goal=goal: site.count(progress) >= goal or not waits(site),
            seconds=60,
            what="the next chunk",
            every=0.002,
        )
        killed += waits(site)
        worker.kill()
    worker = site.start_worker("--lines", "imports", "--rows-at-once", AT_ONCE)
    harness.wait_until(lambda: now_is(site, state), seconds=90, what=f"the state {state}")
    worker.stop()
    return killed


def now_is(site, state):
    return site.rows("SELECT state FROM supporters_importrun")[0][0] == state


def waits(site):
    return now_is(site, "running") or now_is(site, "undoing")


@pytest.mark.timeout(400)
def test_no_row_comes_twice_and_none_is_lost(site):
    seed = sizes.seeded("killed lists")
    assert harness.run_in(site.env, "-m", "tests.faults.lists", "start", str(ROWS)) == {"rows": ROWS}
    chunks = "SELECT COUNT(*) FROM supporters_importchunk"
    killed = run_with_kills(site, progress=chunks, state="done", seed=seed)

    assert site.count("SELECT COUNT(*) FROM supporters_supporter WHERE agreed_to <> 0") == ROWS
    assert site.count("SELECT COUNT(*) FROM supporters_supporter") == ROWS
    assert site.count("SELECT COUNT(*) FROM supporters_consentrecord WHERE origin = 'import'") == ROWS
    assert site.count("SELECT COUNT(DISTINCT supporter_id) FROM supporters_consentrecord") == ROWS
    assert site.count("SELECT COUNT(*) FROM supporters_tagging") == ROWS
    covered = site.rows("SELECT number, first_row, last_row FROM supporters_importchunk ORDER BY number")
    assert [number for number, _first, _last in covered] == list(range(len(covered)))
    assert [first for _number, first, _last in covered] == [
        1,
        *(last + 1 for _n, _first, last in covered[:-1]),
    ]
    assert covered[-1][2] == ROWS

    harness.run_in(site.env, "-m", "tests.faults.lists", "undo")
    undone = f"{chunks} WHERE undone_at IS NOT NULL"
    killed += run_with_kills(site, progress=undone, state="undone", seed=seed)

    assert site.count("SELECT COUNT(*) FROM supporters_supporter WHERE anonymized_at IS NULL") == 0
    assert site.count("SELECT COUNT(*) FROM supporters_supporter WHERE agreed_to <> 0") == 0
    assert site.count("SELECT COUNT(*) FROM supporters_consentrecord WHERE origin = 'undone'") == ROWS
    assert site.count("SELECT COUNT(*) FROM supporters_tagging") == 0
    assert killed > 0
    site.assert_sound()
    print(f"Lists: {ROWS} rows, {killed} kills, none twice, none lost")
