"""Asking others: a text and a marked link for each way that people talk to one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from amparo.actions import attribution

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

#: What is offered, in this order; by the other means people only ever come.
OFFERED = ("whatsapp", "signal", "telegram", "email", "mastodon", "bluesky", "link")


class HasMessages(Protocol):
    """A page with texts to pass on; `SharePage` is one."""

    message: str
    short_message: str
    mail_subject: str

    @property
    def what_is_shared(self) -> Any:
        """The page that the links lead to."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask: what it is called, the link that opens it (empty: the text is copied), and the text itself."""

    code: str
    name: _StrOrPromise
    opens: str
    text: str


def ways_of(page: HasMessages) -> list[Way]:
    """Every way with its own marked link."""
    shared = page.what_is_shared
    address = shared.full_url or ""
    found = []
    for channel in attribution.CHANNELS:
        if channel.code not in OFFERED:
            continue
        text = (page.short_message or shared.title) if channel.short else page.message
        marked = attribution.link(address, channel.code)
        found.append(
            Way(
                code=channel.code,
                name=channel.name,
                opens=attribution.opened_by(
                    channel.code,
                    address=address,
                    text=text,
                    subject=page.mail_subject or shared.title,
                ),
                text=marked if channel.code == "link" else f"{text} {marked}",
            )
        )
    return found
