"""Finding a target and writing to it asks nobody outside: no geocoder, no font, no counter, no challenge."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.faults.harness import ROOT, run_in

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]


def _environment(site):
    return {
        **site.env,
        "OFFLINE_PAGE": site.page,
        "OFFLINE_CONSENT": site.consent,
        "BASE_URL": "http://testserver",
    }


def test_the_watch_would_see_a_connection(site):
    seen = run_in(site.env, "-m", "tests.faults.offline_journey", "--check")["seen"]
    assert any(line.startswith("socket.connect") for line in seen)


def test_find_and_compose_reach_for_nothing_outside(site):
    """PostgreSQL is reached by its own library below Python, and is the only thing that is."""
    found = run_in(_environment(site), "-m", "tests.faults.offline_journey")

    print(f"Sockets: {len(found['answers'])} requests, {len(found['seen'])} attempts to reach the network")
    assert found["seen"] == []
    assert set(found["answers"].values()) == {200}


@pytest.mark.sqlite_only
def test_it_all_works_in_a_machine_without_any_network(site):
    """Cut off by the kernel itself: not even the loopback interface is up."""
    unshare = shutil.which("unshare")
    if (
        unshare is None
        or subprocess.run([unshare, "--net", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs a network namespace: only root may make one")
    done = subprocess.run(
        [unshare, "--net", sys.executable, "-m", "tests.faults.offline_journey"],
        cwd=ROOT,
        env={**os.environ, **_environment(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert set(json.loads(done.stdout.splitlines()[-1])["answers"].values()) == {200}
