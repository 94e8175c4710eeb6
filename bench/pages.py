"""The action's page: how much faster when it is kept, and what it weighs on the wire.

    python -m bench.pages

The site runs as `amparo serve` runs it. The page is asked for over connections that stay open, first with the cache
switched off by its setting (AMPARO_PAGE_CACHE_SECONDS=0), then with it. Its weight is everything a browser fetches to
show it: the page, its styles, scripts, fonts and pictures, as sent to a browser that takes Brotli and gzip.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import sys
import tempfile
from pathlib import Path

from bench import _load
from tests.faults import harness

GOAL_RATIO = 10.0
GOAL_BYTES = 50 * 1024
#: What a page asks a browser to fetch by itself. Links are for people to follow.
_FETCHED = re.compile(
    r"""<link\b[^>]*\brel="?(?:stylesheet|preload|icon|modulepreload)"?[^>]*>|<(?:script|img|source)\b[^>]*>"""
)
_ADDRESS = re.compile(r"""\b(?:href|src)="([^"]+)\"""")
_URL = re.compile(r"""url\(["']?([^"')]+)""")
_IMPORT = re.compile(r"""(?:from|import)\s*\(?["'](\.{1,2}/[^"']+)["']""")


def measure_speed(site: harness.Site, *, seconds: float, connections: int) -> _load.Outcome:
    """Requests a second for the page."""
    web = site.start_web()
    request = _load.get(site.page, port=site.web_port, headers={"Accept-Encoding": "gzip, br"})
    outcome = _load.load(
        port=site.web_port, requests=[request], connections=connections, seconds=seconds, expect=b"Ilan"
    )
    web.stop()
    return outcome


def weigh(site: harness.Site) -> dict[str, int]:
    """Bytes of each thing a browser fetches, with its headers' bodies as they travel."""
    web = site.start_web()
    weights: dict[str, int] = {}
    waiting = [site.page]
    try:
        while waiting:
            path = waiting.pop()
            if path in weights or not path.startswith("/"):
                continue
            sent, plain = _fetch(site.web_port, path)
            weights[path] = sent
            waiting += [_absolute(path, other) for other in _what_it_fetches(path, plain)]
    finally:
        web.stop()
    return weights


def _fetch(port: int, path: str) -> tuple[int, str]:
    """Bytes on the wire, and the text without compression."""
    sizes = []
    text = ""
    for encoding in ("br, gzip", "identity"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path, headers={"Accept-Encoding": encoding})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status != 200:
            raise SystemExit(f"{path} answered {response.status}.")
        sizes.append(len(body))
        text = body.decode("utf-8", "replace")
    return sizes[0], text


def _what_it_fetches(path: str, text: str) -> list[str]:
    if path.endswith(".css"):
        # A font is fetched when a letter of its range is on the page: the page preloads the one for its script.
        return [
            found for found in _URL.findall(text) if not found.startswith("data:") and "woff2" not in found
        ]
    if path.endswith(".js"):
        return _IMPORT.findall(text)
    if path.endswith("/"):
        return [address for tag in _FETCHED.findall(text) for address in _ADDRESS.findall(tag)]
    return []


def _absolute(base: str, other: str) -> str:
    from urllib.parse import urljoin

    return urljoin(base, other)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--shelf", type=Path, help="a folder that keeps the empty site for the next run")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        shelf = options.shelf or Path(folder) / "shelf"
        with harness.a_site(shelf=shelf, folder=Path(folder) / "site") as site:
            weights = weigh(site)
            measured = {}
            for name, kept_for in (("uncached", "0"), ("cached", "10")):
                site.settings["AMPARO_PAGE_CACHE_SECONDS"] = kept_for
                measured[name] = measure_speed(site, seconds=options.seconds, connections=options.connections)
                print(f"{name:>9}: {measured[name]}  (load {os.getloadavg()[0]:.1f})", flush=True)
    ratio = measured["cached"].per_second / measured["uncached"].per_second
    print("\nOn the wire, for a first visit:")
    for path, size in weights.items():
        print(f"  {size:>7,}  {path}")
    print(f"  {sum(weights.values()):>7,}  together\n")
    goals = (
        (f"cached at least {GOAL_RATIO:.0f} times the uncached", ratio >= GOAL_RATIO, f"{ratio:.1f}"),
        ("at most 50 KB", sum(weights.values()) <= GOAL_BYTES, f"{sum(weights.values()) / 1024:.1f} KB"),
    )
    for goal, holds, figure in goals:
        print(f"{'holds ' if holds else 'MISSED'}  {goal}: {figure}")
    return 0 if all(holds for _goal, holds, _figure in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
