"""Many supporters who send letters at once, never give up, and remember what they were told."""

from __future__ import annotations

import http.client
import os
import random
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

from tests.faults import country
from tests.faults.harness import Site

#: What the page says when a letter was taken, and no other page says.
TAKEN = b"Now look in your mailbox"
LETTER = (
    "I am writing about Ilan Sarr, held without trial since 3 March. Please ask when he will see a judge. "
    * 3
)


def form_of(site: Site, *, key: UUID, number: int) -> bytes:
    """The last step of a whole letter, as a browser posts it."""
    return urlencode(
        {
            "step": "send",
            "key": str(key),
            "given-name": "Amina",
            "family-name": "Rahal",
            "email": f"amina-{key.hex}@supporters.example.net",
            "postal-code": country.postcode_of(number % 100),
            "subject": "Ilan Sarr: when will he see a judge?",
            "body": LETTER,
            site.consent: "yes",
        }
    ).encode()


def headers_of(number: int) -> dict[str, str]:
    """Those of a form, from a network of its own."""
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
    }


class Ledger:
    """The keys of letters that we were told are stored, on disk before anything else happens."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        self.keys: list[UUID] = []

    def add(self, key: UUID) -> None:
        with self._lock:
            os.write(self._file, f"{key}\n".encode())
            os.fsync(self._file)
            self.keys.append(key)


class Writers:
    """Threads that post letters until told to stop. A letter that was not taken is posted again with its key."""

    def __init__(self, site: Site, *, count: int, ledger: Ledger) -> None:
        self._site, self._ledger = site, ledger
        self._stop = threading.Event()
        self._numbers = random.Random(1)
        self._lock = threading.Lock()
        self.answers: Counter[str] = Counter()
        self.started: set[UUID] = set()
        #: When the first letter was taken after each failure, as pairs of moments.
        self.taken_at: list[float] = []
        self.without_retry_after = 0
        self._threads = [threading.Thread(target=self._write, args=(n,), daemon=True) for n in range(count)]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=90)

    def _write(self, who: int) -> None:
        letters = 0
        while not self._stop.is_set():
            key, number = uuid4(), who * 65536 // 16 + letters
            letters += 1
            with self._lock:
                self.started.add(key)
            body = form_of(self._site, key=key, number=number)
            while not self._post(body, number):
                if self._stop.wait(0.1):
                    return
            self._ledger.add(key)

    def _post(self, body: bytes, number: int) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._site.web_port, timeout=60)
        try:
            connection.request("POST", self._site.page, body, headers_of(number))
            response = connection.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._note(type(error).__name__)
            return False
        finally:
            connection.close()
        taken = response.status == 200 and TAKEN in said
        self._note("taken" if taken else str(response.status))
        if response.status == 503 and not response.headers.get("Retry-After"):
            self.without_retry_after += 1
        return taken

    def _note(self, answer: str) -> None:
        with self._lock:
            self.answers[answer] += 1
            if answer == "taken":
                self.taken_at.append(time.monotonic())
