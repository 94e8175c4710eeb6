"""Many browsers at once, as one process: keeps connections open, sends requests, counts the answers that count.

A request is sent as soon as its connection's last answer is whole, so there are always as many waiting as there are
connections. Whatever is not an answer 2xx that holds the expected words is a failure, and is listed by its status.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


@dataclass
class Outcome:
    """What came of one run: good answers and when they came, failures by what they were, seconds it took."""

    good: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.good / self.seconds if self.seconds else 0.0

    def wait(self, share: float) -> float:
        """Seconds within which that share of the good answers came."""
        ordered = sorted(self.waits)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")

    def __str__(self) -> str:
        failures = f", failures {dict(self.failures)}" if self.failures else ""
        return (
            f"{self.per_second:,.0f}/s, p50 {self.wait(0.5) * 1000:,.0f} ms, "
            f"p99 {self.wait(0.99) * 1000:,.0f} ms{failures}"
        )


def load(
    *,
    port: int,
    requests: Sequence[bytes],
    connections: int,
    seconds: float,
    expect: bytes,
    warm: float = 1.0,
) -> Outcome:
    """Send `requests` in turn over that many connections for so long; answers of the first `warm` seconds do not count.

    Runs in a process of its own, so that the load and whoever measures do not share an interpreter. Requests are used
    again from the start when they run out.
    """
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    arguments = (theirs, port, list(requests), connections, seconds, expect, warm)
    process = context.Process(target=_be_the_load, args=arguments)
    process.start()
    theirs.close()
    try:
        outcome: Outcome = mine.recv()
    finally:
        process.join()
    return outcome


def _be_the_load(pipe: Connection, *arguments: Any) -> None:
    pipe.send(asyncio.run(_Load(*arguments).run()))


class _Load:
    def __init__(
        self, port: int, requests: list[bytes], connections: int, seconds: float, expect: bytes, warm: float
    ) -> None:
        self._port, self._connections, self._seconds = port, connections, seconds
        self._expect, self._warm = expect, warm
        self._next = self._endless(requests)
        self._outcome = Outcome()
        self._begin = self._end = 0.0

    @staticmethod
    def _endless(requests: list[bytes]) -> Iterator[bytes]:
        while True:
            yield from requests

    async def run(self) -> Outcome:
        self._begin = time.perf_counter() + self._warm
        self._end = self._begin + self._seconds
        await asyncio.gather(*(self._be_a_browser() for _number in range(self._connections)))
        self._outcome.seconds = self._seconds
        return self._outcome

    async def _be_a_browser(self) -> None:
        reader: asyncio.StreamReader | None = None
        writer: asyncio.StreamWriter | None = None
        while time.perf_counter() < self._end:
            fresh = reader is None or writer is None
            try:
                if reader is None or writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                started = time.perf_counter()
                writer.write(next(self._next))
                status, body, keep = await _read_answer(reader)
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                # A kept connection may be closed by the server in the very moment we use it; a browser tries again.
                if fresh:
                    self._note(time.perf_counter(), 0.0, type(error).__name__)
                    await asyncio.sleep(0.05)
                reader = writer = None
                continue
            ended = time.perf_counter()
            good = status.startswith(b"2") and self._expect in body
            self._note(ended, ended - started, "" if good else status.decode() or "?")
            if not keep:
                writer.close()
                reader = writer = None
        if writer is not None:
            writer.close()

    def _note(self, at: float, waited: float, failure: str) -> None:
        if not self._begin <= at < self._end:
            return
        if failure:
            self._outcome.failures[failure] += 1
        else:
            self._outcome.good += 1
            self._outcome.waits.append(waited)


async def _read_answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes, bool]:
    """Status, body, and whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"\r\ncontent-length:")[2].split(b"\r\n", 1)[0])
    body = await reader.readexactly(length)
    return head.split(b" ", 2)[1], body, b"\r\nconnection: close" not in head


def get(path: str, *, port: int, headers: dict[str, str] | None = None) -> bytes:
    """A GET as bytes."""
    return _head("GET", path, port, headers or {})


def post(path: str, body: bytes, *, port: int, headers: dict[str, str]) -> bytes:
    """A POST as bytes."""
    return _head("POST", path, port, {**headers, "Content-Length": str(len(body))}) + body


def _head(method: str, path: str, port: int, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()
