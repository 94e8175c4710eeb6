"""R1 for signatures: the counter is exact and nobody is lost or counted twice, after kill -9 of web and worker."""

from __future__ import annotations

import pytest

from tests.faults.petition import Petition
from tests.faults.sizes import times

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]


def test_no_signature_is_lost_or_counted_twice_when_web_and_worker_are_killed(site, tmp_path):
    count = times(small=40, full=2_000)
    petition = Petition(site, tmp_path / "told")
    petition.open()

    petition.sign_all(count=count, processes=1, threads=8, kills=[0.3], seconds=300)

    found = petition.check(count=count)
    print(
        f"R1 on {'SQLite' if site.is_sqlite else 'PostgreSQL'}: {count} signatures, 1 kill of each, {found}"
    )
