"""How a reader gets out: the headers that mail programs show as a button, and the line at the foot of a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from amparo.kit import tokens
from amparo.supporters import linking

if TYPE_CHECKING:
    from amparo.supporters.models import Supporter


def unsubscribe_url(supporter: Supporter) -> str:
    """The address that ends news by e-mail: a button for a person, one POST for a mail program."""
    return linking.url_of(supporter, name="unsubscribe", purpose=linking.UNSUBSCRIBE)


def headers_for(supporter: Supporter) -> dict[str, str]:
    """The headers of a mail that somebody is subscribed to (RFC 2369, RFC 8058); both have to be signed by DKIM.

    Not for a mail about what they did themselves. The second address is for programs that only know `mailto`; its
    subject carries the same token. Without TLS there is no one-click: RFC 8058 (section 3.1) asks for https.
    """
    url = unsubscribe_url(supporter)
    token = tokens.make(linking.UNSUBSCRIBE, supporter.pk)
    mailto = f"mailto:{supporter.organization.contact_email}?subject={quote(f'unsubscribe {token}')}"
    headers = {"List-Unsubscribe": f"<{url}>, <{mailto}>"}
    if url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def choices_url(supporter: Supporter | None, *, recipient: str | None, language: str = "") -> str:
    """The address of the reader's own page for the foot of a mail; empty where the mailbox is not known to be theirs.

    A stranger may have typed the address. Only a supporter who confirmed, at the very address that this mail goes to,
    gets a link that opens their record.
    """
    if supporter is None or supporter.anonymized_at or supporter.confirmed_at is None or not recipient:
        return ""
    if (supporter.email or "").lower() != recipient.lower():
        return ""
    return linking.url_of(supporter, language=language)
