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
    mail["Subject"] = one_line(subject, LONGEST_SUBJECT)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}@{from_address.rpartition('@')[2]}>"
    for name, value in (headers or {}).items():
        mail[name] = one_line(value, 400)
    mail.set_content(flowed(text), cte="7bit" if text.isascii() else "quoted-printable")
    mail.set_param("format", "flowed")
    for file in attachments:
        main, _stroke, sub = file.kind.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return mail.as_bytes()


def _address(name: str, address: str) -> Address:
    return Address(display_name=one_line(name, LONGEST_NAME), addr_spec=address)
