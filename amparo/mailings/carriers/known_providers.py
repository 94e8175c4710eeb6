"""The providers of e-mail that mailings may leave by, and what is peculiar to each: data, for `provider` to act on.

What their interfaces look like is django-anymail's business. Here stands what it leaves open: how a place to be filled
in is written in the words of a mail, how many readers one request may have, and which report means a dead mailbox.
A provider that cannot be told, mail by mail, to track nobody is not in the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

#: The setting's word for the mail server that SMTP_URL names.
SMTP = "smtp"
#: Readers of one request of a mailing that holds those whose fate nobody knows: as many are unknown after a kill.
HELD_AT_ONCE = 10


def _says_nothing(report: Mapping[str, Any]) -> bool:  # noqa: ARG001
    return False


def _names_nobody(answer: Any, readers: int) -> set[int]:  # noqa: ARG001
    return set()


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. `backend` and `reports` are django-anymail's classes, by their dotted names."""

    name: str
    title: str
    backend: str
    reports: str
    #: Readers of one request, and requests beside each other.
    at_once: int
    requests: int
    #: How a value's place is written, around its name; empty where each request is one whole mail.
    place: str = ""
    #: What the provider might take for a place, or a command, in words that are none; its first letter is disguised.
    looks_like_a_place: re.Pattern[str] | None = None
    #: The letters with which such a thing begins.
    openers: str = ""
    #: What the provider's own fields say so that places are filled in.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: The answers about a recipient after which the provider never delivers there again.
    dead: frozenset[str] = frozenset({"invalid"})
    #: Which readers of a request, by their place in it, an answer says have addresses that cannot be written to.
    misaddressed: Callable[[Any, int], set[int]] = _names_nobody
    #: Whether a report of a bounce without a status (RFC 3463) means that there is no such mailbox.
    is_dead: Callable[[Mapping[str, Any]], bool] = _says_nothing

    def place_of(self, name: str) -> str:
        """Where the value of this name is to stand."""
        return self.place.replace("NAME", name)


def _mailgun_says_dead(report: Mapping[str, Any]) -> bool:
    return bool(report.get("event-data", {}).get("reason") == "suppress-bounce")


def _misaddressed_for_mailjet(answer: Any, readers: int) -> set[int]:
    """dev.mailjet.com, "Send API v3.1", errors: one result for each message, and what field an error is about."""
    results = answer.get("Messages", []) if isinstance(answer, dict) else []
    if len(results) != readers:
        return set()
    return {
        at
        for at, result in enumerate(results)
        for error in result.get("Errors", [])
        if any(str(field).startswith("To") for field in error.get("ErrorRelatedTo", []))
    }


def _mailjet_says_dead(report: Mapping[str, Any]) -> bool:
    return report.get("hard_bounce") is True


def _postmark_says_dead(report: Mapping[str, Any]) -> bool:
    return report.get("Type") == "HardBounce"


_ALL = (
    Provider(
        name="mailgun",
        title="Mailgun",
        backend="anymail.backends.mailgun.EmailBackend",
        reports="anymail.webhooks.mailgun.MailgunTrackingWebhookView",
        # documentation.mailgun.com, "Batch Sending": a thousand at most. A tenth, for after a cut each of them may get
        # it twice, and 400 under way at once are as fast as any account of a new sender may send.
        at_once=100,
        requests=4,
        place="%recipient.NAME%",
        # %recipient…%, %unsubscribe_url%, %tag_…%, %mailing_list_…%; a percent sign of an address is followed by a
        # hexadecimal digit.
        looks_like_a_place=re.compile(r"%(?=[g-zG-Z_])"),
        openers="%",
        is_dead=_mailgun_says_dead,
    ),
    Provider(
        name="mailjet",
        title="Mailjet",
        backend="anymail.backends.mailjet.EmailBackend",
        reports="anymail.webhooks.mailjet.MailjetTrackingWebhookView",
        # dev.mailjet.com, "Send API v3.1": fifty messages a call.
        at_once=50,
        requests=6,
        # dev.mailjet.com, "Template language": variables and statements, once it is switched on.
        place="{{var:NAME}}",
        looks_like_a_place=re.compile(r"\{(?=[{%])|\[(?=\[)"),
        openers="{[",
        options={"Globals": {"TemplateLanguage": True}},
        misaddressed=_misaddressed_for_mailjet,
        is_dead=_mailjet_says_dead,
    ),
    Provider(
        name="postmark",
        title="Postmark",
        backend="anymail.backends.postmark.EmailBackend",
        reports="anymail.webhooks.postmark.PostmarkTrackingWebhookView",
        # A mail a request: its answer names the reader, where the answer to many says only that they were taken.
        at_once=1,
        requests=10,
        # postmarkapp.com, API error 406: the address is one that hard bounced, complained, or was taken off by hand.
        dead=frozenset({"invalid", "rejected"}),
        is_dead=_postmark_says_dead,
    ),
)
PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in _ALL}


def chosen() -> Provider | None:
    """The provider by which this installation's mailings leave; None where they leave by SMTP."""
    return PROVIDERS.get(settings.AMPARO_MAIL_PROVIDER)
