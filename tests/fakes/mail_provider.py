"""A provider of e-mail on 127.0.0.1: it takes requests as Mailgun, Mailjet and Postmark do, and fills places in.

It is as eager as can be about places: what it has filled in is looked through again until nothing changes, so that a
name which could be taken for a place would be.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from amparo.mailings.carriers import batch_loop

MAILGUN_PLACE = re.compile(r"%((?:recipient|unsubscribe|tag|mailing_list)[a-zA-Z_.:0-9-]*)%")
MAILJET_PLACE = re.compile(r"\{\{\s*var:(\w+)\s*\}\}|\{[{%].*?[%}]\}|\[\[.*?\]\]")

_SPARKPOST_PLACE = re.compile(r"\{\{.*?\}\}")


@dataclass
class Delivered:
    """What one reader gets, and what the provider keeps for reports about it."""

    to: str
    seen_recipients: list[str]
    sender: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    metadata: dict[str, str]


@dataclass
class FakeProvider:
    """What it took, request by request, and how it answers."""

    delivered: list[Delivered] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    #: Answers with this status, headers and body instead of taking anything, once for each.
    answers: list[tuple[int, dict, dict]] = field(default_factory=list)
    #: The same for ever.
    always: tuple[int, dict, dict] | None = None
    #: "drop" cuts the line after the whole request was read, having taken it; "silent" says nothing for long.
    mood: str = ""
    #: The same, once each request beyond this number has come in.
    drops_after: int | None = None
    #: Readers whom it does not want, by the part before the @, and what it calls them.
    unwanted: dict[str, str] = field(default_factory=dict)
    port: int = 0
    most: int = 0
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, name: str) -> Delivered:
        (found,) = [one for one in self.delivered if one.to.partition("@")[0] == name]
        return found

    @property
    def took(self) -> list[str]:
        return sorted(one.to.partition("@")[0] for one in self.delivered)


def eagerly(words: str, pattern: re.Pattern, values: dict[str, str]) -> str:
    for _round in range(20):
        filled = pattern.sub(lambda found: str(values.get(found[1] or "", "(nothing)")), words)
        if filled == words:
            return words
        words = filled
    return words


def _take_mailgun(fake: FakeProvider, body: bytes) -> tuple[int, dict]:
    form = parse_qs(body.decode(), keep_blank_values=True)
    fake.requests.append(form)
    readers = form["to"]
    if any(reader.partition("@")[0] in fake.unwanted for reader in readers):
        return 400, {"message": f"'to' parameter is not a valid address: {readers[0]}"}
    variables = json.loads(form["recipient-variables"][0]) if "recipient-variables" in form else {}
    for reader in readers:
        values = variables.get(reader, {})
        fill = {f"recipient.{name}": value for name, value in values.items()}

        def filled(name, fill=fill):
            return eagerly(form.get(name, [""])[0], MAILGUN_PLACE, fill)

        fake.delivered.append(
            Delivered(
                reader,
                # Mailgun shows everybody to everybody unless there are variables.
                [reader] if variables else readers,
                form["from"][0],
                filled("subject"),
                filled("text"),
                filled("html"),
                {name[2:].lower(): filled(name) for name in form if name.startswith("h:")},
                {name[2:]: filled(name) for name in form if name.startswith("v:")},
            )
        )
    return 200, {"id": "<20261122.1@mg.example.org>", "message": "Queued. Thank you."}


def _names(readers: list[str]) -> list[str]:
    return [reader.partition("@")[0] for reader in readers]


def _take_mailjet(fake: FakeProvider, body: bytes) -> tuple[int, dict]:
    asked = json.loads(body)
    fake.requests.append(asked)
    common, results = asked["Globals"], []
    for message in asked["Messages"]:
        whole = {**common, **message}
        readers = [one["Email"] for one in whole["To"]]
        why = next((fake.unwanted[name] for name in _names(readers) if name in fake.unwanted), None)
        if why is not None:
            error = {"ErrorCode": "mj-0013", "StatusCode": 400, "ErrorRelatedTo": [why]}
            results.append({"Status": "error", "Errors": [error]})
            continue

        def filled(words, whole=whole):
            if not whole.get("TemplateLanguage"):
                return words
            return eagerly(words, MAILJET_PLACE, whole.get("Variables", {}))

        fake.delivered += [
            Delivered(
                reader,
                readers,
                whole["From"].get("Name", ""),
                filled(whole["Subject"]),
                filled(whole["TextPart"]),
                filled(whole.get("HTMLPart", "")),
                {name.lower(): value for name, value in whole.get("Headers", {}).items()},
                json.loads(whole.get("EventPayload", "{}")),
            )
            for reader in readers
        ]
        # Addresses come back in small letters.
        results.append(
            {"Status": "success", "To": [{"Email": one.lower(), "MessageID": 1} for one in readers]}
        )
    status = 200 if all(one["Status"] == "success" for one in results) else 400
    return status, {"Messages": results}


def _take_postmark(fake: FakeProvider, body: bytes) -> tuple[int, dict]:
    asked = json.loads(body)
    fake.requests.append(asked)
    readers = [one.strip() for one in asked["To"].split(",")]
    unwanted = [reader for reader in readers if reader.partition("@")[0] in fake.unwanted]
    if unwanted:
        words = (
            "You tried to send to a recipient that has been marked as inactive.\n Found inactive addresses: "
            f"{unwanted[0].lower()}.\n Inactive recipients are ones that have generated a hard bounce."
        )
        return 422, {"ErrorCode": 406, "Message": words}
    fake.delivered.append(
        Delivered(
            readers[0],
            readers,
            asked["From"],
            asked["Subject"],
            asked["TextBody"],
            asked.get("HtmlBody", ""),
            {one["Name"].lower(): one["Value"] for one in asked["Headers"]},
            asked.get("Metadata", {}),
        )
    )
    return 200, {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": asked["To"]}


def _take_sparkpost(fake: FakeProvider, body: bytes) -> tuple[int, dict]:
    asked = json.loads(body)
    fake.requests.append(asked)
    content = asked["content"]
    readers = [one["address"]["email"] for one in asked["recipients"]]
    fake.delivered += [
        Delivered(
            reader,
            readers,
            content["from"],
            eagerly(content["subject"], _SPARKPOST_PLACE, {}),
            eagerly(content["text"], _SPARKPOST_PLACE, {}),
            eagerly(content.get("html", ""), _SPARKPOST_PLACE, {}),
            {name.lower(): value for name, value in content["headers"].items()},
            asked["metadata"],
        )
        for reader in readers
    ]
    counted = {"total_accepted_recipients": len(readers), "total_rejected_recipients": 0, "id": "1"}
    return 200, {"results": counted}


def _handler(fake: FakeProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            with fake._lock:
                fake._under_way += 1
                fake.most = max(fake.most, fake._under_way)
            try:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))
            finally:
                with fake._lock:
                    fake._under_way -= 1

        def _answer(self, body: bytes) -> None:
            shown = self.headers.get("Authorization") or self.headers.get("X-Postmark-Server-Token") or ""
            if shown.startswith("Basic "):
                shown = base64.b64decode(shown.removeprefix("Basic ")).decode()
            with fake._lock:
                fake.credentials.append(shown)
                is_dropped = fake.drops_after is not None and len(fake.credentials) > fake.drops_after
                told = fake.answers.pop(0) if fake.answers else fake.always
                if told is None:
                    taken = self._taken(body)
            if told is not None:
                self._say(*told)
            elif fake.mood == "drop" or is_dropped:
                self.connection.shutdown(socket.SHUT_RDWR)
            elif fake.mood == "silent":
                time.sleep(1.5)
            else:
                self._say(taken[0], {}, taken[1])

        def _taken(self, body: bytes) -> tuple[int, dict]:
            if self.path.endswith("/messages"):
                return _take_mailgun(fake, body)
            if self.path.endswith("/transmissions/"):
                return _take_sparkpost(fake, body)
            return _take_mailjet(fake, body) if self.path.endswith("/send") else _take_postmark(fake, body)

        def _say(self, status: int, headers: dict, answer: dict) -> None:
            said = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *words):
            """Says nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A line that was cut is what a test wanted."""


@contextmanager
def a_provider() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    batch_loop.forget_hearings()
    server = _Server(("127.0.0.1", 0), _handler(fake))
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
