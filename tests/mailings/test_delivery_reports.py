"""Delivery reports are read by their fields, whoever sent them and whatever else they hold."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.mailings.delivery_reports import read_report
from tests.factories.returned_mail import a_report, an_absence_note, an_answer

LETTER = UUID("01a2014d-25ce-76ea-ae21-c3391fcffadc")


@pytest.mark.parametrize(
    ("fields", "fate"),
    [
        ({"status": "5.1.1"}, "gone"),
        ({"status": "5.1.10 (no such user)"}, "gone"),
        ({"status": "5.4.4", "diagnostic": "dns; host not found"}, "gone"),
        ({"status": "5.0.0"}, "gone"),
        ({"status": "5.2.2"}, "given_up"),
        ({"status": "5.7.1"}, "refused"),
        ({"status": "5.7.515"}, "refused"),
        ({"status": "4.4.7"}, "given_up"),
        ({"status": "", "diagnostic": "smtp; 550 5.1.1 unknown"}, "gone"),
        ({"status": "", "diagnostic": "smtp; 550-5.7.26 unauthenticated"}, "refused"),
        ({"status": "", "diagnostic": "smtp; 554 no thanks"}, "gone"),
        ({"status": "", "diagnostic": "smtp; 451 try later"}, "given_up"),
        ({"action": "Failed (bounced)", "status": "5.1.1"}, "gone"),
        ({"action": "delayed", "status": "4.4.1"}, "delayed"),
        ({"action": "delayed", "status": "5.1.1"}, "delayed"),
        ({"action": "", "status": "4.2.1"}, "delayed"),
        ({"action": "", "status": "5.1.1"}, "gone"),
        ({"action": "delivered", "status": "2.1.5"}, "fine"),
        ({"action": "expanded", "status": "2.1.5"}, "fine"),
        ({"action": "", "status": "2.0.0"}, "fine"),
    ],
)
def test_what_the_fields_come_to(fields, fate):
    report = read_report(a_report(LETTER, **fields))

    assert report is not None
    assert (report.message_id, report.fate) == (LETTER, fate)


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"headers_only": True},
        {"message_id": False, "letter_header": True},
        {"headers_only": True, "message_id": False, "letter_header": True},
        {"international": True},
    ],
)
def test_the_letter_is_found_in_every_shape_of_report(shape):
    report = read_report(a_report(LETTER, **shape))

    assert report is not None
    assert (report.message_id, report.fate, report.status) == (LETTER, "gone", "5.1.1")


def test_our_own_header_is_believed_before_a_message_id_that_a_server_replaced():
    other = "11111111-2222-3333-4444-555555555555"
    raw = a_report(LETTER, letter_header=True).replace(f"<{LETTER}@".encode(), f"<{other}@".encode())

    report = read_report(raw)

    assert report is not None
    assert report.message_id == LETTER


def test_the_reason_names_no_address():
    report = read_report(
        a_report(LETTER, diagnostic="smtp; 550 <amina@example.net> via minister@justice.example.org gone")
    )

    assert report is not None
    assert "@" not in report.reason
    assert "gone" in report.reason


def test_an_id_in_the_words_for_people_is_not_believed():
    raw = a_report(None, message_id=False).replace(b"I'm sorry", f"Message-ID: <{LETTER}@x>".encode())

    report = read_report(raw)

    assert report is not None
    assert report.message_id is None


def test_of_several_recipients_the_worst_counts():
    second = (
        b"\r\n\r\nFinal-Recipient: rfc822; b@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--frontier"
    )
    raw = a_report(LETTER, action="delivered", status="2.0.0", diagnostic="")
    raw = raw.replace(
        b"\r\n\r\n--frontier\r\nContent-Type: message/rfc822", second + b"\r\nContent-Type: message/rfc822"
    )

    report = read_report(raw)

    assert report is not None
    assert report.fate == "gone"


def test_answers_are_no_reports():
    assert read_report(an_answer()) is None
    reply = read_report(an_absence_note(LETTER))
    assert reply is not None
    assert reply.fate == "reply"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 1200))
def test_no_input_raises(noise, place):
    raw = a_report(LETTER)
    read_report(noise)
    read_report(raw[:place] + noise + raw[place:])
    read_report(raw[:place])
