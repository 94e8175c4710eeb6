"""A mailing under way on a site of its own: workers and a mail server that are killed, and numbers that are watched.

Whatever happens, at every look: each recipient is counted once; whoever is called sent was taken by the mail server;
a finished mailing has nobody open in it, and the database refuses to be told otherwise.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from amparo.mailings import outcomes
from tests.faults import harness
from tests.faults.harness import Running, Site

LINES = "audiences,mailings"
MOODS = "421,451,552,drop,lose"
#: The mail server's share of bad moods, and how long its answers take while others are killed.
SHARE, SLOW = 0.1, 0.08
EVERYTHING = (
    "SELECT state, chunk.id, ids, outcomes FROM mailings_mailing mailing"
    " JOIN mailings_audiencechunk chunk ON chunk.mailing_id = mailing.id"
)
SAY_FINISHED = "UPDATE mailings_mailing SET state = 'finished', finished_at = created_at"


@dataclass
class MailingSite:
    """One mailing on `site`, sent by `workers` of `processes` each over `connections` each."""

    site: Site
    chance: random.Random
    readers: int
    policy: str
    workers: int = 1
    processes: int = 1
    connections: int = 4
    more: tuple[str, ...] = ()
    running: list[Running] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    #: Connections that were open at most when something at one of their ends was killed.
    broken: int = 0

    def __post_init__(self) -> None:
        site = self.site
        site.settings["AMPARO_MAILING_CONNECTIONS"] = str(self.connections)
        # Patient, so that on a busy machine nothing but a kill ever breaks a line.
        site.settings["SMTP_URL"] = f"smtp://127.0.0.1:{site.mail_port}?tls=none&timeout=60"
        self.took, self.dropped = site.folder / "took.txt", site.folder / "dropped.txt"
        self.took.touch()
        self.dropped.touch()
        self.address_of = harness.run_in(
            site.env, "-m", "tests.faults.mailings", str(self.readers), self.policy
        )
        self._sink = self._a_sink(SLOW)

    # --- What runs ---

    def start(self) -> None:
        """All the workers."""
        self.running = [self._a_worker() for _number in range(self.workers)]

    def _a_worker(self) -> Running:
        return self.site.start_worker("--lines", LINES, *self.more)

    def _a_sink(self, delay: float) -> Running:
        words = [
            "--took",
            str(self.took),
            "--dropped",
            str(self.dropped),
            "--seed",
            str(self.chance.random()),
        ]
        words += ["--delay", str(delay), "--moods", MOODS, "--share", str(SHARE)]
        sink = self.site._start("-m", "bench._smtp_sink", str(self.site.mail_port), *words)
        harness.wait_until(
            lambda: harness.listens(self.site.mail_port), seconds=harness.START_SECONDS, what="the sink"
        )
        return sink

    def stop(self) -> None:
        """End everything."""
        for process in [*self.running, self._sink]:
            process.stop()

    # --- Breaking it ---

    def kill_sink(self, *, then: float = SLOW) -> None:
        """kill -9 of the mail server, and a new one that answers after `then` seconds."""
        self.killed["sink"] += 1
        self.broken += self.connections * self.processes * self.workers
        self._sink.kill()
        self._sink = self._a_sink(then)

    def kill_worker(self) -> None:
        """kill -9 of a worker; or, of one that has several processes, sometimes of one that is just sending."""
        place = self.chance.randrange(self.workers)
        sending = sorted(sending_processes(self.running[place])) if self.processes > 1 else []
        self.killed["worker"] += 1
        if sending and self.chance.random() < 0.5:
            self.broken += self.connections
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(sending), signal.SIGKILL)
            return
        self.broken += self.connections * self.processes
        self.running[place].kill()
        self.running[place] = self._a_worker()

    def break_everything(self, *, worker_kills: int, sink_kills: int) -> None:
        """Kill at moments of chance, each time after a mail has left, until the plan is done or the mailing over."""
        plan = ["worker"] * worker_kills + ["sink"] * (sink_kills - 1)
        self.chance.shuffle(plan)
        for victim in plan:
            self.wait_for_a_mail()
            if self.is_over():
                return
            time.sleep(self.chance.uniform(0.0, 0.2))
            if victim == "sink":
                self.kill_sink()
            else:
                self.kill_worker()
        self.wait_for_a_mail()
        # The last of its kills brings one that answers at once, for there is nothing more to wait for.
        self.kill_sink(then=0.0)

    # --- Looking at it ---

    def is_over(self) -> bool:
        return bool(self.site.rows("SELECT state FROM mailings_mailing")[0][0] == "finished")

    def mails(self) -> Counter[str]:
        """How often the mail server took one for each address."""
        return Counter(self.took.read_text().split())

    def wait_for_a_mail(self) -> None:
        before = self.took.stat().st_size
        harness.wait_until(
            lambda: self.took.stat().st_size > before or self.is_over(),
            seconds=240,
            what="a mail on its way",
            every=0.01,
        )

    def wait_for_the_end(self) -> None:
        harness.wait_until(self.is_over, seconds=300, what="the end of the mailing", every=0.2)

    def look(self) -> dict[str, str]:
        """Each reader's outcome by address; asserts what holds at every moment."""
        rows = self.site.rows(EVERYTHING)
        # Afterwards: what is called sent was taken before.
        took = self.mails()
        found = {}
        for state, _chunk, ids, bytes_ in rows:
            for at, byte in enumerate(bytes(bytes_)):
                name = outcomes.NAMES[byte]
                address = self.address_of[bytes(ids)[16 * at : 16 * at + 16].hex()]
                assert address not in found, "one reader was frozen twice"
                assert state != "finished" or byte not in outcomes.OPEN, "finished, and somebody is open"
                assert name != "sent" or took[address], "called sent, and never arrived"
                found[address] = name
        assert len(found) in {0, self.readers}, f"{len(found)} of {self.readers} are counted"
        return found

    def look_at_what_is_left(self) -> str:
        """The invariants once it is over, and the figures in words."""
        left, took = self.look(), self.mails()
        counted = Counter(left.values())
        dropped = len(self.dropped.read_text().split())
        copies = sum(took.values()) - len(took)
        named = self.count_named()
        assert counted.keys() <= {"sent", "unknown", "failed"}
        assert sum(counted.values()) == self.readers, "somebody is lost"
        assert set(took) <= {address for address, name in left.items() if name != "queued"}
        lost = [address for address, name in left.items() if name == "sent" and not took[address]]
        assert not lost
        if self.policy == "hold":
            assert copies == 0
            assert not [address for address, name in left.items() if name == "failed" and took[address]]
            assert counted["unknown"] == named
        else:
            assert counted["unknown"] == 0
            assert copies <= self.broken + dropped, "more than one for each connection that was broken"
            assert copies <= named, "somebody may have it twice and is not named"
        self.site.assert_sound()
        return (
            f"{self.policy}: {self.readers} readers, {self.killed['worker']} kills of workers, {self.killed['sink']}"
            f" of the mail server, {dropped} mails taken without a word; {dict(sorted(counted.items()))}, 0 lost,"
            f" {copies} copies ({self.broken} connections broken), {named} named unknown"
        )

    def count_named(self) -> int:
        return self.site.count(
            "SELECT COUNT(*) FROM mailings_deliveryfailure WHERE reason LIKE 'the line broke%'"
        )

    def refuses_to_be_finished(self) -> bool:
        """Whether the database refuses the words while somebody is open; True also when nobody is."""
        if not any(name in {"queued", "in_flight", "temporary"} for name in self.look().values()):
            return True
        try:
            if self.site.is_sqlite:
                with sqlite3.connect(self.site.sqlite_file, timeout=30) as connection:
                    connection.execute(SAY_FINISHED)
            else:
                with psycopg.connect(self.site.database_url) as postgres:
                    postgres.execute(SAY_FINISHED)
        except (sqlite3.IntegrityError, psycopg.errors.IntegrityError):
            return True
        # It may have ended by itself in between.
        return not any(name in {"queued", "in_flight", "temporary"} for name in self.look().values())


def sending_processes(worker: Running) -> set[int]:
    """Those of a worker's processes that have a log of what they send open."""
    return {pid for pid in worker.children() if any("/mailings/" in name for name in _open_files(pid))}


def _open_files(pid: int) -> list[str]:
    with suppress(OSError):
        return [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    return []


class Watch(threading.Thread):
    """Looks again and again until `stop`, which raises what a look found wrong; `looks` says how often it was."""

    def __init__(self, look: Callable[[], object], *, every: float = 0.1) -> None:
        super().__init__(daemon=True)
        self._look, self._every = look, every
        self._over = threading.Event()
        self._wrong: BaseException | None = None
        self.looks = 0

    def run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._look()
            except BaseException as wrong:  # noqa: BLE001 - raised again where it is waited for
                self._wrong = wrong
                return
            self.looks += 1

    def stop(self) -> None:
        self._over.set()
        self.join(60)
        if self._wrong is not None:
            raise self._wrong
