"""By which means a link came that somebody followed: a word behind the address, never anything about the person.

A link that we offer for WhatsApp ends in `?via=whatsapp`. Nothing is counted when it is opened. When whoever opened it
takes part, the word is stored with the action, and staff see how many came by each means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True, slots=True)
class Channel:
    """One way that people talk to one another. `opens` is the address that takes a text and a link, or either."""

    code: str
    name: _StrOrPromise
    #: With {text}, {link}, {both} and {subject}, each quoted; empty where there is no such address: the text is copied.
    opens: str = ""
    #: Whether it takes the short message.
    short: bool = False


CHANNELS = (
    Channel("whatsapp", "WhatsApp", "https://wa.me/?text={both}"),
    Channel("signal", "Signal"),
    Channel("telegram", "Telegram", "https://t.me/share/url?url={link}&text={text}"),
    Channel("email", _("E-mail"), "mailto:?subject={subject}&body={both}"),
    Channel("sms", _("Text message"), "sms:?&body={both}"),
    Channel("mastodon", "Mastodon", short=True),
    Channel("bluesky", "Bluesky", "https://bsky.app/intent/compose?text={both}", short=True),
    Channel("link", _("Link")),
    Channel("device", _("The device's own menu")),
    Channel("poster", _("QR code on paper")),
)
_BY_CODE = {channel.code: channel for channel in CHANNELS}
#: The code of a mailing, or of one of its variants: one for all of its readers (`Mailing.source_of`).
_OF_A_MAILING = re.compile(r"m-[0-9a-f]{8}[b-h]?")
NAME = "via"


def known(code: str) -> str:
    """The code if it is one of ours; anything else somebody put behind an address is nothing."""
    return code if code in _BY_CODE or _OF_A_MAILING.fullmatch(code) else ""


def name_of(code: str) -> str:
    if _OF_A_MAILING.fullmatch(code):
        return str(_("Mailing"))
    return str(_BY_CODE[code].name) if code in _BY_CODE else code


def via_of(posted: Mapping[str, str]) -> str:
    """The code that a form carries, or that stands behind an address."""
    return known(str(posted.get(NAME, "")))


def link(address: str, code: str) -> str:
    """An address of ours, marked with the means by which it is passed on."""
    return f"{address}{'&' if '?' in address else '?'}{NAME}={code}"


def opened_by(code: str, *, address: str, text: str, subject: str) -> str:
    """The link that opens this channel with the text and the marked address in it; empty where there is none."""
    marked = link(address, code)
    values = {
        "text": text,
        "link": marked,
        "both": f"{text} {marked}",
        "subject": subject,
    }
    return _BY_CODE[code].opens.format(**{name: quote(value, safe="") for name, value in values.items()})
