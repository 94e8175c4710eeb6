"""What a mail server says became of a message (RFC 3464), read without believing more of it than it says.

A report has three parts: words for a person, fields for a program (`message/delivery-status`), and the message that
came back, or its headers. Anybody can send us one, so everything here is only read, never followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message as Mail
from email.policy import compat32
from typing import Literal
from uuid import UUID

from amparo.kit.smtp.failures import reason_in
from amparo.mailings import recipient_tokens
from amparo.mailings.recipient_tokens import Place

#: *gone*: the address does not work. *refused*: policy, which is about us and not about the address (RFC 3463, X.7).
#: *given_up*: the address may work, but this message did not get there (a full mailbox, a server that never answered).
#: *delayed*: not yet. *fine*: delivered or passed on. *reply*: a person or a machine answered, which is no report.
#: *complaint*: its reader called it junk, and their provider told us (RFC 5965).
Fate = Literal["gone", "refused", "given_up", "delayed", "fine", "reply", "complaint"]

#: A report quotes at most a whole letter; what is larger is no report of ours.
LARGEST = 1_000_000
#: Characters of a server's own words that are looked at.
LARGEST_REPLY = 2000
#: One report speaks of one recipient when it is ours; a forged one may try to keep us busy.
MOST_RECIPIENTS = 20

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b([45])\d\d\b")
_LEADING_CODE = re.compile(r"^[45]\d\d[ -]+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_STATUS_PARTS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_PARTS = {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the message that we sent as `message_id`, or to the recipient of a mailing at `place`.

    Both are None when the report does not say which it was.
    """

    message_id: UUID | None
    fate: Fate
    status: str = ""
    reason: str = ""
    place: Place | None = None


def read_report(raw: bytes) -> Report | None:
    """The report in one mail; None when it is something else, such as a person's answer. Never raises for bad input."""
    mail = message_from_bytes(raw[:LARGEST], policy=compat32)
    parts = list(mail.walk())
    recipients = _recipients(parts)
    returned = _returned(parts)
    place = _place_of(mail, returned)
    if recipients:
        status, fate, reason = _verdict(recipients)
        return Report(_id_of(returned), fate, status, reason, place)
    complaint = _complaint(parts)
    if complaint is not None:
        return Report(_id_of(returned), complaint, place=place)
    if _is_automatic(mail):
        return Report(_id_of(returned), "reply", place=place)
    return None


def read_reply(words: str) -> tuple[Fate, str] | None:
    """Fate and status in what a server answered when it refused a mail for good; None where it names no status."""
    found = _STATUS.search(words[:LARGEST_REPLY])
    return (_fate("failed", found.groups()), found.group()) if found else None


def _complaint(parts: list[Mail]) -> Fate | None:
    """What a feedback report says: abuse is a complaint, and "not spam" takes none back that we acted on."""
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            fields = part.get_payload()
            text = str(fields[0]) if isinstance(fields, list) and fields else str(fields)
            kind = message_from_string(text, policy=compat32).get("Feedback-Type", "abuse")
            return "complaint" if str(kind).strip().lower() in _ABUSE else "fine"
    return None


#: RFC 5965, 7.3, and "opt-out" of older reports, by which readers unsubscribe at their provider.
_ABUSE = {"abuse", "fraud", "opt-out", "opt-out-list", "other", "virus"}


def _place_of(mail: Mail, returned: Mail | None) -> Place | None:
    """The recipient of a mailing whose return address the report came to, or whose mail it brings back."""
    for source, names in ((mail, _ENVELOPE), (returned, ("Message-ID", "Return-Path"))):
        for name in names if source is not None else ():
            found = recipient_tokens.find(str(source.get(name, "")))  # type: ignore[union-attr]
            if found is not None:
                return found
    return None


#: Where mail servers note the address that a mail came to.
_ENVELOPE = ("X-Original-To", "Delivered-To", "Envelope-To", "To")


def _recipients(parts: list[Mail]) -> list[Mail]:
    """The fields about each recipient, in the order of the report."""
    blocks: list[Mail] = []
    for part in parts:
        if part.get_content_type() in _STATUS_PARTS:
            blocks += _blocks(part)
    return [block for block in blocks if block.get("Action") or block.get("Status")][:MOST_RECIPIENTS]


def _blocks(part: Mail) -> Iterator[Mail]:
    """The groups of fields of a status part, which the parser takes apart only for the older of its two names."""
    for inner in part.get_payload() if part.is_multipart() else ():
        if not isinstance(inner, Mail):
            continue
        yield inner
        rest = inner.get_payload()
        if isinstance(rest, str):
            for text in re.split(r"\r?\n\r?\n", rest)[:MOST_RECIPIENTS]:
                yield message_from_string(text, policy=compat32)


def _returned(parts: list[Mail]) -> Mail | None:
    """The message that came back, or at least its headers."""
    for part in parts:
        if part.get_content_type() not in _RETURNED_PARTS:
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            return payload[0] if payload and isinstance(payload[0], Mail) else None
        decoded = part.get_payload(decode=True)
        if isinstance(decoded, bytes):
            return message_from_bytes(decoded, policy=compat32)
    return None


def _id_of(returned: Mail | None) -> UUID | None:
    """The id that we put into Message-ID, or into a header of ours where a server replaced that."""
    for name in ("X-Letter-ID", "Message-ID"):
        found = _UUID.search(str(returned.get(name, ""))) if returned is not None else None
        if found:
            return UUID(found.group())
    return None


def _verdict(recipients: list[Mail]) -> tuple[str, Fate, str]:
    """The worst that happened to any recipient: we send each message to one, but that one may be a list."""
    verdicts = [_verdict_on(block) for block in recipients]
    return min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict[1]))


_WORST_FIRST: list[Fate] = ["complaint", "gone", "refused", "given_up", "delayed", "fine", "reply"]


def _verdict_on(block: Mail) -> tuple[str, Fate, str]:
    action = str(block.get("Action", "")).strip().lower()
    diagnostic = _after_semicolon(str(block.get("Diagnostic-Code", "")))
    found = _STATUS.search(str(block.get("Status", ""))) or _STATUS.search(diagnostic)
    status = found.group() if found else ""
    words = _LEADING_CODE.sub("", diagnostic)
    reason = reason_in(words, hide=(_after_semicolon(str(block.get("Final-Recipient", ""))),))
    return status, _fate(action, found.groups() if found else _from_reply_code(diagnostic)), reason


def _fate(action: str, status: tuple[str, ...]) -> Fate:
    if action in {"delivered", "relayed", "expanded"} or (not action and status[0] == "2"):
        return "fine"
    if action == "delayed" or (action != "failed" and status[0] == "4"):
        return "delayed"
    if status[1] == "7":
        return "refused"
    # X.2.2 is a full mailbox; a failure with a class of 4 is a server that gave up waiting.
    return "gone" if status[0] == "5" and status[1:] != ("2", "2") else "given_up"


def _from_reply_code(diagnostic: str) -> tuple[str, str, str]:
    """The class of a failure that has no status, from the reply of the server that is quoted."""
    found = _REPLY_CODE.search(diagnostic)
    return (found.group(1) if found else "5", "0", "0")


def _after_semicolon(field: str) -> str:
    """The value of a field such as `smtp; 550 no such user` or `rfc822; name@example.org`."""
    return " ".join(field.partition(";")[2].split()) or " ".join(field.split())


def _is_automatic(mail: Mail) -> bool:
    """Whether a machine sent it: an absence note, a receipt (RFC 3834)."""
    submitted = str(mail.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(mail.get("Precedence", "")).strip().lower()
    return not submitted.startswith("no") or precedence == "auto_reply" or mail.get("X-Autoreply") is not None
