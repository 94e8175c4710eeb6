"""What may become of a delivery that was not accepted, and how a server's words are made fit to keep."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar, Literal

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

#: How far the conversation had come. Up to "auth" it is about the server and us, at "mail" about the sender,
#: at "rcpt" about the recipient, from "data" on about the message.
Stage = Literal["connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body"]

#: Characters of a server's reason worth keeping.
LONGEST_REASON = 200
#: Characters of it looked at: a hostile server's reply may be long, and patterns take their time.
_LOOKED_AT = 1000

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")
#: Anything with an at sign in it, also percent-encoded as in the links that some servers add.
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+(?:@|%40)[^\s<>()\"',;]+", re.IGNORECASE)
_WAIT = re.compile(
    r"\b(?:in|after|for|wait|retry|again|another)\D{0,12}?(\d{1,6})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b",
    re.IGNORECASE,
)
_UNITS = {"s": 1, "m": 60, "h": 3600}


class BadAddress(Refusal):
    """An address that cannot be put into an SMTP command; nothing was sent."""

    sentence = _("That is not an e-mail address mail can be sent to.")


class DeliveryFailure(Exception):  # noqa: N818 - named as the fact
    """One delivery that did not end in an acceptance.

    `code` is the server's (None when it did not speak), `enhanced_code` as in RFC 3463 ("5.1.1"), `reason`
    one line without addresses, `stage` how far it had come. It is safe to log and to show to staff.
    """

    what: ClassVar[str] = "not delivered"

    def __init__(
        self,
        *,
        stage: Stage,
        reason: str,
        code: int | None = None,
        enhanced_code: str | None = None,
    ) -> None:
        self.stage: Stage = stage
        self.reason = reason
        self.code = code
        self.enhanced_code = enhanced_code
        numbers = " ".join(str(number) for number in (code, enhanced_code) if number is not None)
        super().__init__(f"{self.what} ({' '.join(filter(None, (stage, numbers)))}): {reason}")


class TemporaryFailure(DeliveryFailure):
    """Not delivered, and worth another try; not before `retry_after` when the server named a time."""

    what = "not delivered for now"

    def __init__(
        self,
        *,
        stage: Stage,
        reason: str,
        code: int | None = None,
        enhanced_code: str | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(stage=stage, reason=reason, code=code, enhanced_code=enhanced_code)
        self.retry_after = retry_after


class PermanentFailure(DeliveryFailure):
    """Not delivered, and trying again would only be told the same."""


class Uncertain(DeliveryFailure):
    """The message was on its way and the answer never came: it may have arrived, so it must not be sent again."""

    what = "perhaps delivered"


def enhanced_code_in(reply: str) -> str | None:
    """The RFC 3463 code at the head of a reply's text, such as "4.7.1"."""
    found = _ENHANCED.match(reply)
    return found.group(1) if found else None


def retry_after_in(reply: str) -> timedelta | None:
    """How long a server asks to wait ("greylisted, try again in 300 seconds"), when it says so."""
    found = _WAIT.search(reply[:_LOOKED_AT])
    return timedelta(seconds=int(found.group(1)) * _UNITS[found.group(2)[0].lower()]) if found else None


def reason_in(reply: str, *, hide: tuple[str, ...] = ()) -> str:
    """A server's words on one short line, without its enhanced code and without addresses.

    `hide` holds the addresses of this delivery: servers also repeat the part before the at sign by itself.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in reply).split())
    if len(line) > _LOOKED_AT:
        # Whole words only: half an address would not be known for one.
        line = line[:_LOOKED_AT].rpartition(" ")[0] or line[:_LOOKED_AT]
    line = _ENHANCED.sub("", line)
    for address in hide:
        local = address.rpartition("@")[0]
        for secret in filter(None, (address, local)):
            line = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "(address)", line, flags=re.IGNORECASE)
    line = _ADDRESS.sub("(address)", line)
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"
