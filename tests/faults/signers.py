"""A process in which many people sign one petition at once, through the site's own views; it can be killed.

python -m tests.faults.signers petition             a petition on this site; its address
python -m tests.faults.signers sign LEDGER FIRST COUNT THREADS

Each person posts the form, then presses the button behind the link that the mail would bring. What was answered stands
in LEDGER, a line for each answer that said "taken": `sign` or `confirm`, the person's number, and seconds. Whoever is
in it already is not sent again, so that a second process goes on where the first was killed.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

#: What the pages say when they have stored it, and no other page says.
TAKEN, CONFIRMED = b"Now look in your mailbox", b"Thank you"
TITLE = "A judge for Ilan Sarr"


def email_of(number: int) -> str:
    """The address of one person."""
    return f"signer-{number}@supporters.example.net"


def prepare() -> dict[str, Any]:
    """A live petition of the site's organization."""
    from amparo.organizations.models import Organization
    from tests.factories.signed_pages import a_petition

    page = a_petition(Organization.objects.get(), title=TITLE, slug="ilan")
    return {"page": page.relative_url(None), "pk": page.pk}


class Ledger:
    """Who was told what, on the disk before anything else happens."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def add(self, what: str, number: int, seconds: float) -> None:
        with self._lock:
            os.write(self._file, f"{what} {number} {seconds:.6f}\n".encode())


def read(path: Path) -> Iterator[tuple[str, int, float]]:
    """Every whole line; a process that was killed may have left half of one."""
    if path.exists():
        for line in path.read_text(encoding="ascii").splitlines():
            words = line.split()
            if len(words) == 3:
                yield words[0], int(words[1]), float(words[2])


class Browser:
    """Posts forms to the application itself, as the web server hands them over, without the network between."""

    def __init__(self, application: Callable[..., Any], host: str) -> None:
        self._application, self._host = application, host

    def post(self, path: str, fields: dict[str, str], *, number: int) -> tuple[int, bytes]:
        body = urlencode(fields).encode()
        status: list[str] = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "HTTP_HOST": self._host,
            "HTTP_X_FORWARDED_FOR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        response = self._application(environ, lambda line, _headers, *_exc: status.append(line))
        try:
            said = b"".join(response)
        finally:
            response.close()
        return int(status[0].split()[0]), said


def sign(ledger: Path, first: int, count: int, threads: int) -> dict[str, Any]:
    """Let so many people sign and confirm, as many at once as there are threads."""
    from amparo.config.wsgi import application
    from amparo.kit import proof_of_work

    page = os.environ["AMPARO_TEST_PAGE"]
    done: dict[str, set[int]] = {"sign": set(), "confirm": set()}
    for what, number, _seconds in read(ledger):
        done[what].add(number)
    waiting = iter([number for number in range(first, first + count) if number not in done["confirm"]])
    book, lock = Ledger(ledger), threading.Lock()
    browser = Browser(application, os.environ["BASE_URL"].partition("://")[2])
    proof_of_work.FEWEST_GUESSES = proof_of_work.MOST_GUESSES = 1

    def go() -> None:
        while True:
            with lock:
                number = next(waiting, None)
            if number is None:
                return
            if number not in done["sign"]:
                _until_taken(browser, page, _form(number, _proof()), TAKEN, number, book, "sign")
            link = f"/confirm/{_token(number)}/"
            _until_taken(browser, link, {"step": "confirm"}, CONFIRMED, number, book, "confirm")

    hands = [threading.Thread(target=go) for _hand in range(threads)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return {"signed": count}


def _until_taken(
    browser: Browser,
    path: str,
    fields: dict[str, str],
    word: bytes,
    number: int,
    book: Ledger,
    what: str,
) -> None:
    """Post until it is taken, as somebody does who is told to try again in a moment."""
    while True:
        began = time.perf_counter()
        status, said = browser.post(path, fields, number=number)
        if status == 200 and word in said:
            book.add(what, number, time.perf_counter() - began)
            return
        assert status == 503, (what, status, said[:2000])
        time.sleep(0.05)


def _form(number: int, proof: str) -> dict[str, str]:
    return {
        "step": "sign",
        "given-name": "Suzie",
        "family-name": f"Kowal {number}",
        "email": email_of(number),
        "shown-as": "name" if number % 2 else "",
        os.environ["AMPARO_TEST_CONSENT"]: "yes",
        "proof": proof,
    }


def _token(number: int) -> str:
    from amparo.actions import confirming
    from amparo.actions.models import Confirmation
    from amparo.supporters.identity import installation_mark_of

    mark = installation_mark_of(email_of(number))
    return confirming.link_for(Confirmation.objects.filter(address_mark=mark).latest("opened_at").pk)


def _proof() -> str:
    """A proof of work as a browser brings it, fresh: easy to find, and just as dear to check."""
    import altcha
    from django.utils import timezone

    from amparo.kit import proof_of_work

    challenge = altcha.Challenge.from_dict(proof_of_work.challenge(now=timezone.now()))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def main(words: list[str]) -> int:
    """Do what the first word says."""
    django.setup()
    if words[0] == "petition":
        print(json.dumps(prepare()))
        return 0
    print(json.dumps(sign(Path(words[1]), *(int(word) for word in words[2:]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
