"""R9: the disk is full; forms say "come back", pages are read as before, and it heals by itself."""

from __future__ import annotations

import http.client
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from tests.faults import harness
from tests.faults.harness import wait_until
from tests.faults.sizes import times
from tests.faults.writers import Ledger, Writers

pytestmark = [pytest.mark.fault, pytest.mark.sqlite_only, pytest.mark.timeout(600)]

#: Enough for the empty site and some letters.
MEGABYTES = 24


def test_a_full_disk_refuses_honestly_and_heals_by_itself(shelf, tmp_path):
    """Fill the disk under four writers, look at what they and readers are told, and make room again."""
    ledger = Ledger(tmp_path / "acknowledged")
    with (
        a_small_disk(tmp_path / "disk") as disk,
        harness.a_site(shelf=shelf, folder=disk, server="") as site,
    ):
        web = site.start_web()
        assert _read(site) == 200
        with Writers(site, count=4, ledger=ledger) as writers:
            for _time in range(times(small=2, full=5)):
                taken, refused = len(ledger.keys), writers.answers["503"]
                wait_until(
                    lambda n=taken: len(ledger.keys) > n, seconds=60, what="a letter while there is room"
                )
                _fill(disk / "filler")
                wait_until(lambda n=refused: writers.answers["503"] > n + 8, seconds=60, what="an honest no")
                full, pages = len(ledger.keys), [_read(site) for _reader in range(20)]
                (disk / "filler").unlink()
                wait_until(
                    lambda n=full: len(ledger.keys) > n, seconds=60, what="a letter after there is room"
                )
                assert pages == [200] * 20
        assert web.is_alive()
        web.stop()
        stored = {UUID(str(key)) for (key,) in site.rows("SELECT key FROM actions_action")}
        lost = set(ledger.keys) - stored
        print(f"R9: {len(ledger.keys)} acknowledged, {len(lost)} lost, answers {dict(writers.answers)}")
        assert lost == set()
        assert writers.answers.keys() <= {"taken", "503"}
        assert writers.without_retry_after == 0
        site.assert_sound()


@contextmanager
def a_small_disk(place: Path):
    """A file system in memory that is soon full."""
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("needs a small disk: only root may mount one")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def _fill(path: Path) -> None:
    """To the last byte."""
    with path.open("wb", buffering=0) as filler:
        for block in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    filler.write(os.urandom(block))
            except OSError:
                continue


def _read(site) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", site.web_port, timeout=30)
    try:
        connection.request("GET", site.page)
        response = connection.getresponse()
        return response.status if b"Ilan" in response.read() else 0
    finally:
        connection.close()
