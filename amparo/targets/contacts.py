"""Whether a contact has the shape of one. Nothing here asks the network: a well-shaped address may still be dead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from amparo.targets.records import ContactRecord

#: One address and nothing else: no display name, no list, nothing that could start another header.
EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@(?=.{4,255}\Z)[\w-]+(\.[\w-]+)*\.[\w-]{2,63}", re.UNICODE)

#: Digits and what people put between them, with an extension at the end.
PHONE = re.compile(r"\+?[\d\s().\-/]{5,30}(\s*(x|ext\.?|#)\s*\d{1,6})?", re.IGNORECASE)

LONGEST_FORM = 2_000


def is_web_address(value: str) -> bool:
    """Whether it is a whole http or https address with a host that could exist."""
    if len(value) > LONGEST_FORM or any(letter.isspace() for letter in value):
        return False
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in host.strip(".")


def fault_of(contact: ContactRecord) -> str:
    """Why the contact cannot be used, as the reason of a problem; empty when it can."""
    value = contact.value
    if contact.type == "email":
        if "://" in value or value.lower().startswith("www."):
            return "a web address stands in the e-mail field"
        return "" if EMAIL.fullmatch(value) else "this is not one e-mail address"
    if contact.type == "form":
        return "" if is_web_address(value) else "the form's address is not a web address"
    if contact.type == "phone":
        return "" if PHONE.fullmatch(value) else "this is not a telephone number"
    return ""
