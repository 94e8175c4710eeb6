"""The demonstration's mailbox: one file for each mail, read for whoever wants to see what arrived."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import TYPE_CHECKING

from amparo.kit.mail_text import unflowed

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Mails kept; the oldest go first.
MOST_MAILS = 500
_NAME = re.compile(r"(?P<moment>\d{19})-[0-9a-f]{8}")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `link` is set for one that may be followed."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived. `to_office` tells a letter to a target from a mail to a supporter."""

    name: str
    arrived: datetime
    sender: str
    to: str
    reply_to: str
    subject: str
    text: str
    to_office: bool

    def pieces(self, *, sites: Sequence[str]) -> list[Piece]:
        """The text, with links to these sites apart: nobody is led anywhere else by a mail."""
        found, end = [], 0
        for match in _ADDRESS.finditer(self.text):
            address = match[0].rstrip(".,;:!?)")
            if any(address == site or address.startswith(f"{site}/") for site in sites):
                found += [Piece(self.text[end : match.start()]), Piece(address, address)]
                end = match.start() + len(address)
        return [*found, Piece(self.text[end:])]


def keep(content: bytes, *, recipients: Sequence[str], directory: Path) -> str:
    """Store one mail, whole or not at all; its name."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{time.time_ns():019}-{secrets.token_hex(4)}"
    envelope = f"X-Envelope-To: {', '.join(recipients)}\r\n".encode()
    unfinished = directory / f"{name}.part"
    unfinished.write_bytes(envelope + content)
    unfinished.rename(directory / f"{name}.eml")
    for path in sorted(directory.glob("*.eml"))[:-MOST_MAILS]:
        path.unlink(missing_ok=True)
    return name


def names(directory: Path) -> list[str]:
    """The mails there are, the newest first."""
    found = [path.stem for path in directory.glob("*.eml") if _NAME.fullmatch(path.stem)]
    return sorted(found, reverse=True)


def open_mail(name: str, *, directory: Path) -> Mail | None:
    """One mail; None when there is none of that name."""
    match = _NAME.fullmatch(name)
    path = directory / f"{name}.eml"
    if match is None or not path.is_file():
        return None
    parsed = BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
    return Mail(
        name=name,
        arrived=datetime.fromtimestamp(int(match["moment"]) / 1e9, tz=UTC),
        sender=str(parsed["From"] or ""),
        to=str(parsed["To"] or parsed["X-Envelope-To"] or ""),
        reply_to=str(parsed["Reply-To"] or ""),
        subject=str(parsed["Subject"] or ""),
        text=_text_of(parsed),
        to_office="X-Letter-ID" in parsed,
    )


def _text_of(parsed: EmailMessage) -> str:
    body = parsed.get_body(preferencelist=("plain",))
    if body is None:
        return ""
    content: str = body.get_content().replace("\r\n", "\n")
    flowed = "flowed" in str(body["Content-Type"])
    return unflowed(content) if flowed else content
