"""E-mail addresses: read strictly, compared leniently, and never able to add a line to a header."""

from __future__ import annotations

import re
import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

#: RFC 5321, 4.5.3.1: 256 for a path with its two brackets, and 64 before the @.
LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64

_WELL_FORMED = EmailValidator(allowlist=[])
#: Addresses that are their own canonical form: ASCII in small letters, with nothing that needs a second look.
_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}")
_SPACES_AND_CONTROLS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
#: Removed from a line: what reorders or hides the text around it, and halves of characters.
_DECEPTIVE = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\u00ad\ud800-\udfff]")
#: Turned into a space: every character some reader takes for the end of a line, and all controls.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\\s]+")

GMAIL = frozenset({"gmail.com", "googlemail.com"})
#: Providers that deliver name+anything to name, each by its own help pages.
PLUS_TAGS = GMAIL | {
    "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "mac.com", "proton.me",
    "protonmail.com", "pm.me", "fastmail.com", "fastmail.fm", "zoho.com",
}  # fmt: skip
#: Where most people are, and the providers one letter away from those: nobody is talked out of a right one.
COMMON_DOMAINS = PLUS_TAGS | {
    "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.es", "yahoo.it", "yahoo.ca", "ymail.com",
    "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.es", "hotmail.it", "live.co.uk", "live.fr",
    "live.ca", "outlook.fr", "outlook.de", "outlook.es", "aol.com", "gmx.com", "gmx.de", "gmx.net",
    "gmx.at", "gmx.ch", "gmx.fr", "mail.com", "email.com", "mail.ru", "web.de", "t-online.de",
    "freenet.de", "posteo.de", "posteo.net", "mailbox.org", "orange.fr", "free.fr", "wanadoo.fr",
    "sfr.fr", "laposte.net", "btinternet.com", "sky.com", "virginmedia.com", "talktalk.net",
    "libero.it", "bluewin.ch", "comcast.net", "verizon.net", "att.net", "riseup.net", "tutanota.com",
    "tuta.com", "tuta.io", "disroot.org", "qq.com", "yandex.ru", "yandex.com",
}  # fmt: skip


#: Domains this short are one slip away from too many others to guess.
SHORT = 7


class MalformedAddress(Refusal):
    """What was written is not one e-mail address. The sentence does not repeat it."""

    sentence = _("That does not look like an e-mail address. It should look like name@example.org.")


def parse(text: str) -> str:
    """The one address in `text`, ready for an envelope: its domain in small letters and in IDNA's ASCII form.

    The part before the @ is left as it is, since only its own server knows what it means. Spaces around the
    address are forgiven; spaces, line breaks and controls inside it, quoted names, address literals and more
    than 254 characters are not. Raises `MalformedAddress`.
    """
    address = text.strip(" \t\u00a0")
    if not address:
        raise MalformedAddress(_("Please write an e-mail address."))
    if _SPACES_AND_CONTROLS.search(address):
        raise MalformedAddress(_("There is a space or a line break in the address. Please take it out."))
    if len(address) > LONGEST_ADDRESS:
        raise MalformedAddress(_("That is too long for an e-mail address."))
    local, at, domain = address.rpartition("@")
    if not at:
        raise MalformedAddress(_("An e-mail address has an @ in it, as in name@example.org."))
    if "@" in local or "," in address or ";" in address:
        raise MalformedAddress(_("Please write one e-mail address only."))
    found = f"{local}@{_ascii_domain(domain)}"
    if len(local) > LONGEST_LOCAL_PART or len(found) > LONGEST_ADDRESS or '"' in local or "[" in domain:
        raise MalformedAddress
    try:
        _WELL_FORMED(found)
    except ValidationError:
        raise MalformedAddress from None
    return found


def canonical(address: str) -> str:
    """The form in which two ways of writing one mailbox are equal: for counting and finding, not for sending.

    Compatibility forms are folded (NFKC), letters made small, the domain put in IDNA's ASCII form; dots at
    Gmail and tags after a plus at the providers known to ignore them are dropped. Raises `MalformedAddress`.
    """
    local, _at, domain = parse(unicodedata.normalize("NFKC", address)).lower().rpartition("@")
    if domain in PLUS_TAGS:
        local = local.partition("+")[0] or local
    if domain in GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def read(text: str) -> tuple[str, str]:
    """An address as `parse` gives it, and its canonical form: fast for those that are plain, as most in a list are.

    Raises `MalformedAddress`.
    """
    if len(text) > LONGEST_LOCAL_PART or not _PLAIN.fullmatch(text):
        return parse(text), canonical(text)
    local, _at, domain = text.rpartition("@")
    return text, canonical(text) if domain in PLUS_TAGS or not local else text


def suggest_domain(address: str) -> str | None:
    """The domain that was probably meant, where the one written is a slip away from one common provider's.

    An offer to show beside the field ("Did you mean …?"), never a reason to refuse: the domain written may
    exist.
    """
    domain = address.rpartition("@")[2].strip().lower()
    if not domain or domain in COMMON_DOMAINS:
        return None
    near = [known for known in COMMON_DOMAINS if len(known) > SHORT and _one_slip_apart(domain, known)]
    return near[0] if len(near) == 1 else None


def one_line(text: str, limit: int) -> str:
    """The text as one line of at most `limit` characters, fit for a name in a header or a subject.

    Whatever some program takes for a line's end becomes a space, spaces in a row become one, and characters
    that reorder or hide their neighbours are dropped; those that joined scripts need stay.
    """
    # Nothing that is printable is dropped or turned into a space below: breaks, controls and what hides are none of it.
    if len(text) <= limit and text.isprintable() and "  " not in text:
        return text.strip()
    line = _BREAKS.sub(" ", _DECEPTIVE.sub("", text)).strip()
    if len(line) <= limit:
        return line
    end = limit
    while end and (unicodedata.combining(line[end]) or line[end] in "\u200d\ufe0e\ufe0f"):
        end -= 1  # a letter is not cut off from its accents
    return line[:end].rstrip()


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except idna.IDNAError:
        raise MalformedAddress from None


def _one_slip_apart(left: str, right: str) -> bool:
    """Whether one letter was added, left out or changed, or two neighbours swapped."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    a, b = left[start:], right[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
