"""Finding a representative over HTTP, beside the same question put to PostGIS by the smallest Django view there can be.

    python -m bench.targets_http

Both are served by gunicorn with the same processes and threads, and asked in turn for postcodes of Great Britain drawn
at random and typed as people type them. Amparo answers as `amparo serve` does: with all its middleware, and with the
member's name, party and addresses. The other answers with the seat's code alone (`bench/_postgis_site.py`); it is
measured with a new connection for each request, which is Django's default, and with connections that are kept.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from bench import _kingdom, _load, _postgis
from tests.faults import harness

GOAL = 15.0
#: Both servers: as many processes as two processors run, and threads for slow readers.
PROCESSES, THREADS = 2, 4


def make_requests(*, port: int, number: int = 20_000) -> list[bytes]:
    """Forms with one postcode each, every one valid."""
    codes = [code for code, seat in _kingdom.read_rows() if seat]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return [
        _load.post(
            "/targets/find/uk/", urlencode({"postal-code": typed}).encode(), port=port, headers=headers
        )
        for typed in _kingdom.type_postcodes(codes, number=number)
    ]


def measure(*, port: int, expect: bytes, seconds: float, connections: int) -> _load.Outcome:
    """Good answers a second from whoever listens there."""
    return _load.load(
        port=port,
        requests=make_requests(port=port),
        connections=connections,
        seconds=seconds,
        expect=expect,
    )


def measure_amparo(*, shelf: Path, folder: Path, seconds: float, connections: int) -> _load.Outcome:
    """The whole site with the real United Kingdom in it."""
    data = _kingdom.real_folder()
    assert data is not None
    with harness.a_site(shelf=shelf, folder=folder) as site:
        subprocess.run(
            [sys.executable, "-m", "amparo.config.cli", "targets", "load", "uk", str(data), "--yes"],
            cwd=harness.ROOT,
            env=site.env,
            check=True,
            capture_output=True,
        )
        site.start_web("--processes", str(PROCESSES), "--threads", str(THREADS))
        return measure(
            port=site.web_port, expect=b'"evidence": "exact"', seconds=seconds, connections=connections
        )


@contextmanager
def postgis_site(dsn: str, *, folder: Path, keep_connections: bool) -> Iterator[int]:
    """The other design, listening at the port that is given back."""
    port = harness.free_port()
    env = {
        **os.environ,
        "BENCH_DSN": dsn,
        "BENCH_CONN_MAX_AGE": "600" if keep_connections else "0",
    }
    server = harness.Running(
        sys.executable, "-m", "gunicorn", "bench._postgis_site:application",
        "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(PROCESSES), "--threads", str(THREADS),
        env=env, log=folder / "postgis.log",
    )  # fmt: skip
    try:
        harness.wait_until(lambda: harness.listens(port), seconds=60, what="the PostGIS site")
        yield port
    finally:
        server.stop()


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.targets_http", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--shelf", type=Path, help="a folder that keeps the empty site for the next run")
    options = parser.parse_args(arguments)
    if _kingdom.real_folder() is None:
        print("Over HTTP: not measured. The United Kingdom's published data are not here.")
        return 0
    how = {"seconds": options.seconds, "connections": options.connections}
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as name:
        folder = Path(name)
        ours = measure_amparo(shelf=options.shelf or folder / "shelf", folder=folder / "site", **how)
        print(f"{PROCESSES} processes of {THREADS} threads, {options.connections} connections")
        print(f"{'Amparo':>34}: {ours}  (load {os.getloadavg()[0]:.1f})", flush=True)
        ratios = {}
        try:
            with _postgis.loaded_database() as dsn:
                for words, keep in (("a new connection each time", False), ("connections kept", True)):
                    with postgis_site(dsn, folder=folder, keep_connections=keep) as port:
                        theirs = measure(port=port, expect=b'"code"', **how)
                    if not theirs.good:
                        raise SystemExit(f"The PostGIS site does not answer: {theirs.failures}")
                    ratios[words] = ours.per_second / theirs.per_second
                    said = f"PostGIS, {words}"
                    print(
                        f"{said:>34}: {theirs}; Amparo answers {ratios[words]:.1f} times as many", flush=True
                    )
        except _postgis.Unavailable as reason:
            print(f"PostGIS: not measured. {reason}")
            return 0
    judged = ratios["a new connection each time"]
    print(
        f"\n{'holds ' if judged >= GOAL else 'MISSED'}  at least {GOAL:.0f} times a PostGIS design"
        f" with Django's default connections: {judged:.1f}; with connections kept"
        f" {ratios['connections kept']:.1f} (not judged)"
    )
    return 0 if judged >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
