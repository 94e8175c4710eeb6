"""A hand-over of 2,400 letters, and of 10,000 and 100,000 names: how long it takes, how much memory, how large it is.

    python -m bench.hand_over
    python -m bench.hand_over --letters 10000 --names ""
    python -m bench.hand_over --letters 0 --names 10000,100000

The letters are drawn as `amparo.actions.hand_over.bundling` draws them, part by part, without a database; beside the
peak of the whole run is the peak after the first tenth. Names are made as the worker makes them, from a database
(SQLite) into it, each number in a process of its own. The peaks are that process's and those of the processes that lay
parts out for it, together, and their ratio says whether memory grows. Files that are mapped are told apart: SQLite maps
up to 128 MB of its own, which the system takes back when it wants to.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.faults import harness

#: The example of the design: 310 of 2,400 letters arrive by themselves.
LETTERS = 2_400
#: A worker of a small group has a virtual machine of one gigabyte.
GOAL_MEGABYTES = 500
#: Ten times as many names may take this much more memory; what a process keeps of its own accord differs.
GOAL_RATIO = 1.1
WORDS = (
    "I am writing to you about Ilan Sarr, a printer, who has been held without trial since 3 March. Every Tuesday we"
    " ask at the gate, and every Tuesday we are told to come back. "
)


def megabytes() -> int:
    """The most memory this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def sheets(start: int, count: int) -> list[dict[str, object]]:
    from datetime import UTC, datetime

    return [
        {
            "number": number,
            "area": f"District {number % 100}",
            "written": datetime(2026, 11, 22, tzinfo=UTC),
            "language": "en",
            "direction": "ltr",
            "subject": "Ilan Sarr: when will he see a judge?",
            "writer": f"Suzie Writer{number}",
            "greeting": "Dear Minister,",
            "paragraphs": [
                WORDS * 2,
                WORDS * 3,
                f"Please tell me what you were told. This is letter {number}.",
            ],
            "closing": f"Yours sincerely,\n\nSuzie Writer{number}\n1 Long Lane\nAA1 1AA",
            "email": f"suzie{number}@supporters.example.net",
        }
        for number in range(start + 1, start + count + 1)
    ]


def measure_letters(letters: int) -> bool:
    """Draw and join so many letters; whether the goal is met."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ.setdefault("AMPARO_VAR", tempfile.mkdtemp(prefix="amparo-bench-"))
    import django

    django.setup()
    from django.template.loader import render_to_string

    from amparo.actions.hand_over.bundling import PART
    from amparo.kit import pdf
    from amparo.kit.pdf_joining import Joiner

    stylesheet = render_to_string("actions/bundle/bundle.css")
    frame = {"title": f"{letters} letters", "language": "en", "direction": "ltr", "total": letters}
    at_start, began, early, written = megabytes(), time.monotonic(), 0, 0
    out = os.environ.get("AMPARO_BENCH_OUT", os.devnull)
    with Path(out).open("wb") as file:
        joiner = Joiner(file.write)
        for start in range(0, letters, PART):
            html = render_to_string(
                "actions/bundle/letters.html", frame | {"sheets": sheets(start, min(PART, letters - start))}
            )
            drawn = pdf.render(html, stylesheet=stylesheet, first_page=joiner.pages + 1)
            written += len(drawn.pdf)
            joiner.add(drawn.pdf)
            if not early and start + PART >= letters / 10:
                early = megabytes()
        joiner.finish(title=str(frame["title"]), language="en")
    seconds = time.monotonic() - began
    print(f"{letters} letters, {joiner.pages} pages, {written / 1e6:.1f} MB in parts")
    print(f"  drawn and joined in {seconds:.0f} s ({seconds / letters * 1000:.0f} ms each)")
    print(f"  memory: {at_start} MB before, {early} MB after a tenth, {megabytes()} MB at the end")
    met = megabytes() <= GOAL_MEGABYTES
    print(f"  goal: at most {GOAL_MEGABYTES} MB for {LETTERS} letters: {'met' if met else 'MISSED'}")
    return met or letters > LETTERS


def measure_names(numbers: list[int], *, shelf: Path) -> bool:
    """Make a hand-over of each of these numbers of names; whether the largest takes hardly more than the smallest."""
    peaks = []
    for number in numbers:
        with (
            tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder,
            harness.a_site(shelf=shelf, folder=Path(folder) / "site") as site,
        ):
            harness.run_in(site.env, "-m", "bench._names", "fill", str(number))
            found = harness.run_in(site.env, "-m", "bench._names", "make")
        peaks.append(found["own"])
        print(
            f"{found['names']:,} names, {found['pages']:,} pages, {found['bytes'] / 1e6:.1f} MB, table"
            f" {found['table'] / 1e6:.1f} MB: {found['seconds']:.0f} s"
            f" ({found['seconds'] / number * 1000:.1f} ms each), at most {found['own']} MB"
            f" ({found['ours']} MB in the worker itself; {found['resident']} MB with mapped files)"
            f"  (load {os.getloadavg()[0]:.1f})",
            flush=True,
        )
    ratio = peaks[-1] / peaks[0]
    met = ratio <= GOAL_RATIO
    print(
        f"  peak at {numbers[-1]:,} / peak at {numbers[0]:,}: {ratio:.2f}; goal: at most {GOAL_RATIO}:"
        f" {'met' if met else 'MISSED'}"
    )
    return met


def main() -> int:
    """Measure and print; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.hand_over", description=__doc__.splitlines()[0])
    parser.add_argument("--letters", type=int, default=LETTERS)
    parser.add_argument("--names", default="10000,100000", help="numbers of names, the smallest first")
    parser.add_argument("--shelf", type=Path, help="a folder that keeps the empty site for the next run")
    options = parser.parse_args()
    numbers = [int(number) for number in options.names.split(",") if number]
    met = []
    with tempfile.TemporaryDirectory(prefix="amparo-bench-shelf-") as kept:
        if numbers:
            met.append(measure_names(numbers, shelf=options.shelf or Path(kept)))
    if options.letters:
        met.append(measure_letters(options.letters))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
