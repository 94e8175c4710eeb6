"""See a text as one reader gets it: by the very way that mailings leave, and with links that lead to nobody.

Who is previewed for lends their name alone. The reader's number is made up, so that no link in a preview, or in a test
mail, opens anybody's page or unsubscribes anybody.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from email import message_from_bytes, policy
from enum import StrEnum
from typing import TYPE_CHECKING

from django.core import signing
from django.utils.translation import gettext_lazy as _

from amparo.kit import tokens
from amparo.kit.ids import new_id
from amparo.kit.refusal import Refusal
from amparo.mailings.compiling import compile_text
from amparo.mailings.merge_fields import Reader
from amparo.mailings.models import MailingText
from amparo.supporters import linking, looking_up
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.mailings.compiling import Letter
    from amparo.mailings.models import Mailing

#: Whom a preview is for when nobody was chosen: neither exists.
NAMED = ("Robin", "Example")
NAMELESS = ("", "")
#: To whom it would go; the domain is nobody's (RFC 2606).
NOBODY = "reader@example.org"
#: Seconds for which the screen's frames may ask for the name of whoever was chosen.
MINUTES = 30 * 60
_SALT = "preview of a mailing"
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\)")


class Look(StrEnum):
    """What a preview may look like."""

    LIGHT = "light"
    DARK = "dark"
    PLAIN = "plain"


class NobodyFound(Refusal):
    sentence = _("Nobody of this organization has this address.")


@dataclass(frozen=True, slots=True)
class Previewed:
    """Subject, HTML and plain words as one reader would get them."""

    subject: str
    html: str
    text: str


def reader_of(given_name: str, family_name: str) -> Reader:
    """A reader of this name with a number that nobody has."""
    number = new_id()
    return Reader(number, given_name, family_name, tokens.make(linking.UNSUBSCRIBE, number))


def preview(text: MailingText, *, mailing: Mailing, reader: Reader, now: datetime) -> Previewed:
    """The mail of one reader, made and read again. Raises `compiling.CannotCompile`."""
    letter = letter_for(text, mailing=mailing, reader=reader, address=NOBODY, now=now)
    mail = message_from_bytes(letter.body.removesuffix(b".\r\n"), policy=policy.default)
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return Previewed(
        subject=str(mail["Subject"] or ""),
        html=html.get_content() if html else "",
        text=plain.get_content() if plain else "",
    )


def letter_for(text: MailingText, *, mailing: Mailing, reader: Reader, address: str, now: datetime) -> Letter:
    """Every byte of one reader's mail. It belongs to no audience: its place is one that no chunk will ever have.

    Each has another, since some receivers keep one mail of those with the same Message-ID.
    """
    nowhere = 2**47 + secrets.randbelow(2**46)
    return compile_text(text, mailing=mailing, now=now).letter(reader, address, chunk=nowhere, position=0)


def document(previewed: Previewed, *, look: Look) -> str:
    """The HTML as a mail program in a light or a dark room shows it: the sheet no longer asks which."""
    if look is Look.DARK:
        return _DARK.sub("@media all", previewed.html)
    return _DARK.sub("@media not all", previewed.html)


# --- A supporter's name ---------------------------------------------------------------------------


def choose(words: str, *, text: MailingText, by: User, now: datetime) -> str:
    """Who has this e-mail address or number, as a pass for the screen's frames; the trail says that somebody looked.

    Raises `NobodyFound` and `looking_up.NotToBeLookedUp`.
    """
    found = looking_up.look_up(words, organizations=[text.organization], by=by, now=now)
    present = [person for person in found if person.anonymized_at is None]
    if not present:
        raise NobodyFound
    return signing.dumps([str(present[0].pk), str(text.pk), str(by.pk)], salt=_SALT)


def chosen(ticket: str, *, text: MailingText, by: User) -> Supporter | None:
    """Whom a pass names, if it was given to this user for this text within the last half hour."""
    try:
        person, for_text, given_to = signing.loads(ticket, salt=_SALT, max_age=MINUTES)
    except (signing.BadSignature, ValueError):
        return None
    if for_text != str(text.pk) or given_to != str(by.pk):
        return None
    found = Supporter.objects.for_organization(text.organization).filter(
        pk=person, anonymized_at__isnull=True
    )
    return found.first()
