"""One plain mail to one person: UTF-8, format=flowed (RFC 3676), headers that cannot be broken out of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from amparo.kit.addresses import one_line
from amparo.kit.mail_text import flowed

if TYPE_CHECKING:
    from datetime import datetime

#: Characters of a name or a subject that stay readable in a mailbox.
LONGEST_NAME = 100
LONGEST_SUBJECT = 200
#: RFC 5322, 2.1.1: octets of a line without its end. A word may be longer, and is not broken.
LONGEST_LINE = 998
#: Neither letters nor ends of lines: NUL must not stand in a mail (RFC 5322, 3.5), nor half a letter in UTF-8.
_CONTROLS = dict.fromkeys([*range(9), *range(14, 28), 31, 127, *range(0xD800, 0xE000)])


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail; `kind` is its media type."""

    name: str
    kind: str
    content: bytes


def build_mail(
    *,
    from_name: str,
    from_address: str,
    to_address: str,
    to_name: str = "",
    reply_to: tuple[str, str] | None = None,
    subject: str,
    text: str,
    message_id: str,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    now: datetime,
) -> bytes:
    """The bytes of one message, for `SmtpPool.send`.

    Names come from the public: they are folded into one line without control characters and set as structured
    addresses, so that nothing in them can start a header or add a recipient.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(from_name, from_address)
    mail["To"] = _address(to_name, to_address)
    if reply_to is not None:
        mail["Reply-To"] = _address(*reply_to)
    mail["Subject"] = _words(subject, LONGEST_SUBJECT)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}@{from_address.rpartition('@')[2]}>"
    for name, value in (headers or {}).items():
        mail[name] = _words(value, 400)
    written = flowed(text.translate(_CONTROLS))
    is_short = all(len(line) <= LONGEST_LINE for line in written.split("\n"))
    mail.set_content(written, cte="7bit" if written.isascii() and is_short else "quoted-printable")
    mail.set_param("format", "flowed")
    for file in attachments:
        main, _stroke, sub = file.kind.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return mail.as_bytes()


def _address(name: str, address: str) -> Address:
    return Address(display_name=_words(name, LONGEST_NAME), addr_spec=address)


def _words(text: str, most: int) -> str:
    """One line that says what it says: Python would read encoded words (RFC 2047) in it, and ends of lines in those."""
    return one_line(text, most).replace("=?", "= ?")
