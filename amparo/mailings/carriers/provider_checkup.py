"""Whether the provider that mailings leave by would take them, asked without sending anything (`amparo doctor`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from django.conf import settings

from amparo.kit import http
from amparo.kit.findings import Finding
from amparo.kit.smtp.failures import reason_in
from amparo.mailings.carriers import known_providers
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from amparo.mailings.carriers.known_providers import Provider

SUBJECT = "mailings"
#: Seconds for one question.
PATIENCE = 5.0
MOST_BYTES = 64 * 1024

_KEY = "Look at AMPARO_MAIL_PROVIDER_KEY and at the account"


def examine() -> Iterator[Finding]:
    """What there is to say of the provider in use; nothing where mailings leave by the mail server."""
    provider = known_providers.chosen()
    if provider is None:
        return
    yield from _reports(provider)
    look = _LOOKS.get(provider.name)
    if look is not None:
        try:
            yield from look(provider)
        except (http.NoAnswer, http.NotAskedThere, http.AnswerLost, http.TooLong) as refusal:
            yield Finding(
                SUBJECT, "bad", f"{provider.title} cannot be asked: {refusal}",
                "Look whether this server may ask others over HTTPS.",
            )  # fmt: skip


def _reports(provider: Provider) -> Iterator[Finding]:
    if not settings.AMPARO_MAIL_REPORTS_SECRET:
        yield Finding(
            SUBJECT, "bad", f"no report of {provider.title} is taken, so mailings go on to addresses that are dead.",
            "Write AMPARO_MAIL_REPORTS_SECRET, and give the provider the address for reports.",
        )  # fmt: skip
    elif urlsplit(settings.BASE_URL).scheme != "https":
        yield Finding(
            SUBJECT, "bad", f"no report of {provider.title} finds its way to {settings.BASE_URL}.",
            "Give the site an address that begins with https:// in BASE_URL.",
        )  # fmt: skip
    else:
        yield Finding(SUBJECT, "good", f"reports of {provider.title} are taken if they prove who sent them.")


def _mailgun(provider: Provider) -> Iterator[Finding]:
    """By a request to send that names nobody: it is refused as one where key and domain are right.

    A sending key opens nothing else (documentation.mailgun.com, "Domain Sending Keys"), and only for its own domain.
    """
    for domain in _domains():
        answer = http.post(
            f"{_set('MAILGUN_API_URL').rstrip('/')}/{quote(domain, safe='')}/messages",
            fields={},
            login=("api", _set("MAILGUN_API_KEY")),
            seconds=PATIENCE,
            most_bytes=MOST_BYTES,
        )
        if answer.status == 400:
            yield Finding(SUBJECT, "good", f"Mailgun takes our key for {domain}.")
        elif answer.status == 404:
            yield Finding(
                SUBJECT, "bad", f"Mailgun knows no domain {domain}.",
                "Have it verify the domain; look at AMPARO_MAIL_PROVIDER_REGION and AMPARO_MAIL_PROVIDER_DOMAIN.",
            )  # fmt: skip
        else:
            yield _otherwise(
                provider, answer, f" for {domain}", f"{_KEY}; a sending key is good for one domain."
            )


def _domains() -> list[str]:
    named = settings.AMPARO_MAIL_PROVIDER_DOMAIN
    if named:
        return [named]
    senders = Organization.objects.values_list("sender_email", flat=True)
    return sorted({email.rpartition("@")[2].lower() for email in senders if email})


def _mailjet(provider: Provider) -> Iterator[Finding]:
    answer = http.ask(
        "https://api.mailjet.com/v3/REST/sender?Limit=1",
        login=(_set("MAILJET_API_KEY"), _set("MAILJET_SECRET_KEY")),
        seconds=PATIENCE,
        most_bytes=MOST_BYTES,
    )
    if answer.is_there:
        yield Finding(SUBJECT, "good", "Mailjet takes our key.")
    else:
        yield _otherwise(provider, answer, "", f"{_KEY}; it is written as key:secret.")


def _postmark(provider: Provider) -> Iterator[Finding]:
    stream = _set("POSTMARK_MESSAGE_STREAM")
    answer = http.ask(
        f"https://api.postmarkapp.com/message-streams/{quote(stream, safe='')}",
        headers={"Accept": "application/json", "X-Postmark-Server-Token": _set("POSTMARK_SERVER_TOKEN")},
        seconds=PATIENCE,
        most_bytes=MOST_BYTES,
    )
    told = _told(answer)
    if answer.status in {404, 422} or (answer.is_there and told.get("ArchivedAt")):
        yield Finding(
            SUBJECT, "bad", f"Postmark's server has no stream {stream} in use.",
            "Make a broadcast stream, and write its ID in AMPARO_MAIL_PROVIDER_STREAM.",
        )  # fmt: skip
    elif not answer.is_there:
        yield _otherwise(provider, answer, "", f"{_KEY}; it is the token of a server, not of the account.")
    elif told.get("MessageStreamType") != "Broadcasts":
        yield Finding(
            SUBJECT, "bad", f"Postmark's stream {stream} is not meant for mailings.",
            "Write the ID of a broadcast stream in AMPARO_MAIL_PROVIDER_STREAM.",
        )  # fmt: skip
    else:
        yield Finding(SUBJECT, "good", f"Postmark takes our key for the stream {stream}.")


def _set(name: str) -> str:
    """What django-anymail is told by the settings."""
    return str(settings.ANYMAIL[name])


def _otherwise(provider: Provider, answer: http.Answer, for_what: str, mend: str) -> Finding:
    if answer.status in {401, 402, 403}:
        told = _told(answer)
        words = next((told[name] for name in ("message", "Message", "ErrorMessage") if told.get(name)), "")
        why = f": {reason_in(str(words))}" if words else "."
        return Finding(
            SUBJECT, "bad", f"{provider.title} does not take our key{for_what} ({answer.status}){why}", mend
        )
    return Finding(
        SUBJECT, "note", f"{provider.title} answers {answer.status}, which says nothing of our key."
    )


def _told(answer: http.Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


_LOOKS: dict[str, Callable[[Provider], Iterator[Finding]]] = {
    "mailgun": _mailgun,
    "mailjet": _mailjet,
    "postmark": _postmark,
}
