"""Whether the time an answer takes tells who is known: medians of pairs, one address known and one new.

    python -m bench.enumeration
    python -m bench.enumeration --pairs 1000

The site runs as `amparo serve` runs it. Each pair posts the same form twice, once with an address that means something
(signed up and confirmed, gone, or on a list never to be written to) and once with one nobody has seen, in an order that
is thrown, each from a network of its own. The goal is guarantee S9: medians less than 5 ms apart, and answers of the
same status and the same length.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from tests.faults import country, harness
from tests.faults.writers import LETTER, TAKEN, headers_of

GOAL_MILLISECONDS = 5.0
#: What somebody who is known may be; one after the other.
KNOWN_AS = ("confirmed", "unsubscribed", "complained")


def prepare(site: harness.Site, *, pairs: int) -> tuple[str, str]:
    """A sign-up page beside the letter, and the people who are known: the page's path, and how its box is called."""
    os.environ.update(site.env)
    import django

    django.setup()
    from django.utils import timezone

    from amparo.actions import confirming, taking
    from amparo.actions.models import Action
    from amparo.organizations.models import Organization
    from amparo.supporters import suppression, wordings
    from amparo.supporters.models import Suppression
    from tests.factories.deeds import a_deed
    from tests.factories.pages import a_sign_up_page

    organization, now = Organization.objects.get(), timezone.now()
    page = a_sign_up_page(organization)
    question = wordings.questions(organization=organization, language="en")[0]
    for number in range(pairs):
        email, known_as = known(number), KNOWN_AS[number % len(KNOWN_AS)]
        deed = a_deed(letters=[], email=email, consents={question.pk: True})
        taking.take(page=page, deed=deed, now=now)
        link = confirming.link_for(Action.objects.get(key=deed.key).confirmation_id)
        confirming.confirm(token=link, now=now)
        if known_as != "confirmed":
            suppression.suppress(
                organization=organization,
                email=email,
                reason=Suppression.Reason(known_as),
                source="",
                now=now,
            )
    return page.relative_url(None), f"consent-{question.pk.hex}"


def known(number: int) -> str:
    return f"known-{number:06}@supporters.example.net"


def new(number: int) -> str:
    return f"fresh-{number:06}@supporters.example.net"


def sign_up(box: str, email: str, number: int) -> bytes:
    """The form of the sign-up page."""
    return urlencode({"step": "sign_up", "given-name": f"A{number}", "email": email, box: "on"}).encode()


def letter(site: harness.Site, email: str, number: int) -> bytes:
    """The last step of a letter."""
    fields = {
        "step": "send",
        "key": str(uuid4()),
        "given-name": "Amina",
        "family-name": "Rahal",
        "email": email,
        "postal-code": country.postcode_of(number % 100),
        "subject": "Ilan Sarr: when will he see a judge?",
        "body": LETTER,
        site.consent: "yes",
    }
    return urlencode(fields).encode()


class Asker:
    """Posts one form after another over one connection, and takes the time."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._networks = 0

    def ask(self, path: str, body: bytes) -> tuple[float, int, int]:
        """Milliseconds, status and length of the answer."""
        self._networks += 1
        started = time.perf_counter()
        self._connection.request("POST", path, body=body, headers=headers_of(self._networks))
        answer = self._connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - started) * 1e3
        if TAKEN not in content:
            raise SystemExit(f"{path} answered {answer.status} without the page that says taken.")
        return took, answer.status, len(content)


def measure(asker: Asker, path: str, forms: list[tuple[bytes, bytes]]) -> tuple[float, float, bool]:
    """The medians for known and for new addresses, and whether all answers were of one status and length."""
    dice = random.Random(9)
    times: dict[bool, list[float]] = {True: [], False: []}
    looks = set()
    for pair in forms:
        sides = [True, False]
        dice.shuffle(sides)
        for is_known in sides:
            took, status, length = asker.ask(path, pair[0 if is_known else 1])
            times[is_known].append(took)
            looks.add((status, length))
    return statistics.median(times[True]), statistics.median(times[False]), len(looks) == 1


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.enumeration", description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--shelf", type=Path, help="a folder that keeps the empty site for the next run")
    options = parser.parse_args(arguments)
    good = True
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        shelf = options.shelf or Path(folder) / "shelf"
        with harness.a_site(shelf=shelf, folder=Path(folder) / "site") as site:
            path, box = prepare(site, pairs=options.pairs)
            web = site.start_web()
            asker = Asker(site.web_port)
            numbers = range(options.pairs)
            kinds = {
                "sign-up": (path, [(sign_up(box, known(n), n), sign_up(box, new(n), n)) for n in numbers]),
                "letter": (
                    site.page,
                    [(letter(site, known(n), n), letter(site, new(n + 500_000), n)) for n in numbers],
                ),
            }
            for kind, (where, forms) in kinds.items():
                of_known, of_new, alike = measure(asker, where, forms)
                apart = abs(of_known - of_new)
                print(
                    f"{kind:>8}: known {of_known:.2f} ms, new {of_new:.2f} ms, {options.pairs} pairs"
                    f"  (load {os.getloadavg()[0]:.1f})",
                    flush=True,
                )
                for goal, holds, figure in (
                    ("medians less than 5 ms apart", apart < GOAL_MILLISECONDS, f"{apart:.2f} ms"),
                    ("one status and one length", alike, "yes" if alike else "no"),
                ):
                    print(f"{'holds ' if holds else 'MISSED'}  {kind}, {goal}: {figure}")
                    good = good and holds
            web.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
