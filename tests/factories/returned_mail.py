"""What mail servers send back: reports in the shapes of RFC 3464, and what is no report at all."""

from __future__ import annotations

from uuid import UUID, uuid4

_REPORT = """\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: letters@open-doors.example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="frontier"

This is a MIME-encapsulated message.

--frontier
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--frontier
Content-Type: {status_type}

Reporting-MTA: dns; mx.example.org
Arrival-Date: Sun, 22 Nov 2026 12:00:00 +0000

Final-Recipient: rfc822; {recipient}
{fields}

--frontier
Content-Type: {returned_type}

From: "Amina Rahal via Open Doors" <letters@open-doors.example.org>
To: {recipient}
Subject: Ilan Sarr
{returned_ids}

{returned_body}
--frontier--
"""


def a_report(
    letter_id: UUID | None,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <minister@justice.example.org>: no such user",
    recipient: str = "minister@justice.example.org",
    headers_only: bool = False,
    message_id: bool = True,
    letter_header: bool = False,
    international: bool = False,
) -> bytes:
    """One delivery report; `letter_id` stands in the returned Message-ID, in X-Letter-ID, or in neither."""
    fields = [
        f"{name}: {value}"
        for name, value in (("Action", action), ("Status", status), ("Diagnostic-Code", diagnostic))
        if value
    ]
    ids = [f"Message-ID: <{letter_id if message_id else uuid4().hex}@open-doors.example.org>"]
    if letter_header:
        ids.append(f"X-Letter-ID: {letter_id}")
    text = _REPORT.format(
        status_type="message/global-delivery-status" if international else "message/delivery-status",
        returned_type="text/rfc822-headers" if headers_only else "message/rfc822",
        recipient=recipient,
        fields="\n".join(fields),
        returned_ids="\n".join(ids),
        returned_body="" if headers_only else "Dear Tove Ek\n",
    )
    return text.replace("\n", "\r\n").encode()


def an_absence_note(letter_id: UUID) -> bytes:
    """What an office's mailbox answers while its owner is away."""
    return (
        "From: minister@justice.example.org\r\nTo: letters@open-doors.example.org\r\n"
        f"Auto-Submitted: auto-replied\r\nIn-Reply-To: <{letter_id}@open-doors.example.org>\r\n"
        "Subject: Out of office\r\n\r\nI am away until Monday.\r\n"
    ).encode()


def an_answer() -> bytes:
    """A person wrote to the address that reports come to."""
    return b"From: dana@example.net\r\nTo: letters@open-doors.example.org\r\nSubject: Question\r\n\r\nWho are you?\r\n"
