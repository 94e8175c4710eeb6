"""One whole letter, walked through over HTTP as a browser without JavaScript would: `amparo demo --check`."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

import altcha

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds until a mail has come or a letter has gone.
PATIENCE = 60.0
POSTCODE = "41110"
DEPUTY = "Ines Kallor"
DEPUTY_ADDRESS = "ines.kallor@house.vardania.example"


class Astray(Exception):  # noqa: N818 - named as the fact
    """The journey did not go on as it should; the text says where."""


@dataclass
class Form:
    """One form of a page: where it posts to, what it carries, and the steps its buttons offer."""

    action: str = ""
    values: list[tuple[str, str]] = field(default_factory=list)
    steps: set[str] = field(default_factory=set)

    def filled(self, **answers: str) -> list[tuple[str, str]]:
        """What a browser would post with these answers; names are written with _ for -."""
        given = {name.replace("_", "-"): value for name, value in answers.items()}
        return [pair for pair in self.values if pair[0] not in given] + list(given.items())


class _Reader(HTMLParser):
    """Collects the forms of a page and its text. A question answered by a click is answered with no."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.text = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self.forms.append(Form(action=given.get("action", "")))
        if not self.forms:
            return
        form, name, value = self.forms[-1], given.get("name", ""), given.get("value", "")
        if tag == "button" and name == "step":
            form.steps.add(value)
        elif tag == "textarea":
            self._area = name
            form.values.append((name, ""))
        elif tag == "input" and name and _is_sent_by_default(given):
            form.values.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._area and self.forms:
            name, value = self.forms[-1].values[-1]
            self.forms[-1].values[-1] = (name, (value + data).removeprefix("\n"))


def _is_sent_by_default(given: dict[str, str]) -> bool:
    kind = given.get("type")
    return kind != "checkbox" and (kind != "radio" or given.get("value") == "no")


class Visitor:
    """A browser without JavaScript, on one site."""

    def __init__(self, site: str) -> None:
        self.site = site

    def get(self, path: str) -> _Reader:
        """Open an address of the site."""
        return self._ask("GET", path, None)

    def post(self, page: _Reader, step: str, **answers: str) -> _Reader:
        """Press the button for `step` on the page that was read."""
        form = next((form for form in page.forms if step in form.steps), None)
        if form is None:
            raise Astray(f"There is no button “{step}” on the page: {_start(page.text)}")
        return self._ask("POST", form.action, urlencode([*form.filled(**answers), ("step", step)]))

    def json(self, path: str) -> dict[str, object]:
        """A JSON answer."""
        found: dict[str, object] = json.loads(self._raw("GET", path, None))
        return found

    def _ask(self, method: str, path: str, body: str | None) -> _Reader:
        reader = _Reader()
        reader.feed(self._raw(method, path, body).decode())
        return reader

    def _raw(self, method: str, path: str, body: str | None) -> bytes:
        where = urlsplit(urljoin(self.site, path))
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        try:
            connection.request(method, f"{where.path or '/'}", body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise Astray(f"{method} {where.path} answered {answer.status}.")
        return content


def walk(*, site: str, tell: Callable[[str], None]) -> None:
    """Write to a deputy, confirm from the mailbox, and see the letter arrive. Raises `Astray`."""
    visitor = Visitor(site)
    email = f"amina-{secrets.token_hex(4)}@supporters.example"
    page = visitor.get("/mira/")
    letter = visitor.post(
        page, "details", given_name="Amina", family_name="Rahal", email=email, postal_code=POSTCODE
    )
    _expect(DEPUTY, letter, "the letter is addressed to the deputy of the postcode")
    tell(f"{POSTCODE} leads to {DEPUTY}.")
    preview = visitor.post(letter, "preview")
    _expect(email, preview, "the preview shows the whole letter")
    taken = visitor.post(preview, "send", proof=_proof(visitor))
    _expect(email, taken, "the letter was taken")
    tell("The letter is written and waits to be confirmed.")
    mail = _wait(lambda: _mail_to(visitor, email, "/confirm/"), "a mail that asks to confirm")
    confirm = next(link for link in mail.links if "/confirm/" in link)
    confirmed = visitor.post(visitor.get(urlsplit(confirm).path), "confirm")
    tell("The confirmation came, and its button was pressed.")
    status = next((link for link in confirmed.links if "/letters/" in link), None)
    if status is None:
        raise Astray(f"The page after confirming leads to no letters: {_start(confirmed.text)}")
    _wait(lambda: _is_sent(visitor, status), "the page of the letter to say that it was sent")
    _wait(lambda: _mail_to(visitor, DEPUTY_ADDRESS, ""), "the letter at the deputy’s office")
    tell(f"The letter has arrived at {DEPUTY_ADDRESS}, and its page says so.")


def _proof(visitor: Visitor) -> str:
    """A solved proof of work, which spares a letter the wait of those without one."""
    posed = visitor.json("/proof/")
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(posed))
    if solution is None:
        raise Astray("The proof of work could not be solved.")
    return base64.b64encode(
        json.dumps({"challenge": posed, "solution": solution.to_dict()}).encode()
    ).decode()


def _mail_to(visitor: Visitor, address: str, with_link: str) -> _Reader | None:
    """The newest mail to `address` that has such a link."""
    for link in visitor.get("/demo/mailbox/").links:
        if link.startswith("/demo/mailbox/") and link != "/demo/mailbox/":
            mail = visitor.get(link)
            if address in mail.text and (not with_link or any(with_link in inner for inner in mail.links)):
                return mail
    return None


def _is_sent(visitor: Visitor, status: str) -> _Reader | None:
    page = visitor.get(status)
    return page if "mail server accepted it" in page.text else None


def _wait(look: Callable[[], _Reader | None], what: str) -> _Reader:
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise Astray(f"Waited {PATIENCE:.0f} seconds in vain for {what}.")
        time.sleep(0.3)
    return found


def _expect(word: str, page: _Reader, what: str) -> None:
    if word not in page.text:
        raise Astray(f"It is not so that {what}: {_start(page.text)}")


def _start(text: str) -> str:
    return " ".join(text.split())[:300]
