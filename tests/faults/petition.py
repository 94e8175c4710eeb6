"""A petition that many sign at once, while the processes that take the signatures and count them are killed."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults import harness, signers

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Petition:
    """A site with a petition, who was told what, and what became of it."""

    site: harness.Site
    ledger: Path
    pk: int = 0
    #: How far the ledger was read for `confirmed`, and what was found so far.
    _read_to: int = 0
    _confirmed: int = 0

    def open(self) -> None:
        """Put the petition on the site."""
        found = harness.run_in(self.site.env, "-m", "tests.faults.signers", "petition")
        self.pk = found["pk"]
        self.site.settings |= {"AMPARO_TEST_PAGE": found["page"], "AMPARO_TEST_CONSENT": self.site.consent}

    def start_signers(self, *, first: int, count: int, threads: int) -> harness.Running:
        """A process in which so many people sign; killing it is killing the web server over their signatures."""
        words = ("-m", "tests.faults.signers", "sign", str(self.ledger))
        log = self.site.folder / f"signers-{first}.log"
        process = harness.Running(
            sys.executable, *words, *map(str, (first, count, threads)), env=self.site.env, log=log
        )
        self.site.running.append(process)
        return process

    def told(self) -> list[tuple[str, int, float]]:
        """Every answer that said "taken"."""
        return list(signers.read(self.ledger))

    def confirmed(self) -> int:
        """How many were told that their signature counts; asked often, so only what is new is read."""
        if self.ledger.exists():
            with self.ledger.open("rb") as ledger:
                ledger.seek(self._read_to)
                new = ledger.read().rpartition(b"\n")[0]
            self._read_to += len(new) + bool(new)
            self._confirmed += sum(line.startswith(b"confirm ") for line in new.splitlines())
        return self._confirmed

    def sign_all(
        self, *, count: int, processes: int, threads: int, kills: Sequence[float], seconds: float
    ) -> float:
        """Let everybody sign. At each of `kills`, a part of the whole, a web process and the worker die and come back.

        Seconds from the first start to the end.
        """
        share = -(-count // processes)
        parts = [(first, min(share, count - first)) for first in range(0, count, share)]
        worker = self.site.start_worker("--lines", "counting")
        began = time.monotonic()
        running = [self._start(part, threads) for part in parts]
        for number, at in enumerate(kills):
            harness.wait_until(
                lambda at=at: self.confirmed() >= at * count, seconds=seconds, what="a part of the signatures"
            )
            which = number % len(parts)
            running[which].kill()
            worker.kill()
            running[which] = self._start(parts[which], threads)
            worker = self.site.start_worker("--lines", "counting")
        harness.wait_until(
            lambda: not any(process.is_alive() for process in running), seconds=seconds, what="the last"
        )
        took = time.monotonic() - began
        for process in running:
            assert "signed" in process.said().splitlines()[-1], process.said()
        harness.wait_until(lambda: self.counter() == count, seconds=60, what="the counter")
        worker.stop()
        return took

    def _start(self, part: tuple[int, int], threads: int) -> harness.Running:
        return self.start_signers(first=part[0], count=part[1], threads=threads)

    def counter(self) -> int:
        """What the page shows."""
        rows = self.site.rows(f"SELECT confirmed FROM actions_tally WHERE page_id = {self.pk}")
        return int(rows[0][0]) if rows else 0

    def check(self, *, count: int) -> dict[str, int]:
        """Nothing that was acknowledged is lost, nobody is counted twice, and the counter is exact."""
        mine = f"page_id = {self.pk}"
        confirmed = f"FROM actions_action WHERE {mine} AND state = 'confirmed'"
        found = {
            "confirmed": self.site.count(f"SELECT COUNT(*) {confirmed}"),
            "people": self.site.count(f"SELECT COUNT(DISTINCT supporter_id) {confirmed}"),
            "signatures": self.site.count(
                f"SELECT COUNT(*) FROM actions_signature s JOIN actions_action a ON a.id = s.action_id"
                f" WHERE a.{mine} AND a.state = 'confirmed'"
            ),
            "counter": self.counter(),
            "acknowledged": len({number for what, number, _seconds in self.told() if what == "confirm"}),
        }
        assert set(found.values()) == {count}, found
        told = Counter((what, number) for what, number, _seconds in self.told())
        assert max(told.values()) == 1
        self.site.assert_sound()
        return found
