"""Finds a target, composes, previews and sends a letter, and counts every attempt to reach the network meanwhile.

Run in a process of its own: an audit hook, which nothing can take out again, sees each connection before it is made,
whichever library makes it. Prints what it saw as JSON.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sys
from uuid import uuid4

import django

#: What Python reports before anything leaves: names looked up, connections, datagrams.
EVENTS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
seen: list[str] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event not in EVENTS:
        return
    # The bell of our own workers is a socket in the file system.
    address = arguments[1] if event.startswith("socket.") and len(arguments) > 1 else arguments
    if isinstance(address, str | bytes):
        return
    seen.append(f"{event} {arguments[1:]!r}")


def main() -> int:
    """The whole way of a supporter, and the same question to the JSON endpoint."""
    sys.addaudithook(_watch)
    django.setup()
    from django.conf import settings
    from django.test import Client

    from tests.faults import country
    from tests.faults.writers import LETTER, TAKEN

    settings.ALLOWED_HOSTS = ["testserver"]
    client, page, consent = Client(), os.environ["OFFLINE_PAGE"], os.environ["OFFLINE_CONSENT"]
    answers = {"page": client.get(page).status_code}
    found = client.post(f"/targets/find/{country.SLUG}/", {"postal-code": country.postcode_of(7)})
    answers["find"] = found.status_code
    assert found.json()["candidates"][0]["holder"]["name"] == "Member 7", found.content
    form = {
        "key": str(uuid4()),
        "given-name": "Amina",
        "family-name": "Rahal",
        "email": "amina@supporters.example.net",
        "postal-code": country.postcode_of(7),
    }
    letter = {"subject": "Ilan Sarr", "body": LETTER, consent: "yes"}
    said = client.post(page, {**form, "step": "details"})
    answers["compose"] = said.status_code
    assert b"Member 7" in said.content
    for step in ("preview", "own_mail", "send"):
        said = client.post(page, {**form, **letter, "step": step})
        answers[step] = said.status_code
    assert TAKEN in said.content
    print(json.dumps({"answers": answers, "seen": seen}))
    return 0


def check_the_watch() -> int:
    """That the watch sees what it is for: one connection that goes nowhere."""
    sys.addaudithook(_watch)
    with contextlib.suppress(OSError):
        http.client.HTTPConnection("127.0.0.1", 9, timeout=1).request("GET", "/")
    print(json.dumps({"seen": seen}))
    return 0


if __name__ == "__main__":
    sys.exit(check_the_watch() if "--check" in sys.argv else main())
