"""One letter, one recipient, and a mail server in every mood."""

from __future__ import annotations

import socket
import threading

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit.smtp import (
    Accepted,
    BadAddress,
    DeliveryFailure,
    PermanentFailure,
    SmtpPool,
    SmtpSettings,
    TemporaryFailure,
    Uncertain,
)
from amparo.kit.smtp.delivery import on_the_wire
from tests.workshop.post_office import DROP, HANG, Cut, PostOffice

LETTER = b"Subject: Release her\r\n\r\nDear Minister,\r\n.let her go.\r\n"
#: Seconds given to a server that never answers.
PATIENCE = 0.7


class Letter:
    """Sends one letter and keeps what happened."""

    def __init__(self, pool):
        self.pool = pool
        self.told = []

    def send(self, message=LETTER, *, recipient="mp@parliament.test", envelope_from="post@campaign.test"):
        return self.pool.send(
            message,
            envelope_from=envelope_from,
            recipient=recipient,
            before_data=lambda: self.told.append("in flight"),
        )


@pytest.fixture
def at():
    """A letter to be sent through a given post office."""
    pools = []

    def letter(office, **options):
        pools.append(
            SmtpPool(SmtpSettings("127.0.0.1", office.port, timeout=options.pop("timeout", 20)), **options)
        )
        return Letter(pools[-1])

    yield letter
    for pool in pools:
        pool.close()


def test_a_letter_that_is_taken_is_accepted_with_the_servers_words(at):
    with PostOffice() as office:
        letter = at(office)
        assert letter.send() == Accepted(reply="queued as 7A11", code=250)
    assert letter.told == ["in flight"]
    assert office.delivered == [b"Subject: Release her\r\n\r\nDear Minister,\r\n..let her go.\r\n"]
    assert [command.partition(" ")[2] for command in office.commands[1:4]] == [
        f"FROM:<post@campaign.test> SIZE={len(LETTER) + 4}",
        "TO:<mp@parliament.test>",
        "",
    ]


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "body"])
@pytest.mark.parametrize("code", [421, 451, 452, 550, 552])
def test_a_definite_no_is_definite_at_every_stage(at, stage, code):
    no = f"{code} {code // 100}.3.0 no <mp@parliament.test>, try again in 10 minutes"
    with PostOffice(**{stage.upper(): [no]}) as office:
        letter = at(office)
        expected = TemporaryFailure if code < 500 else PermanentFailure
        with pytest.raises(expected) as caught:
            letter.send()
        failure = caught.value
        assert (failure.stage, failure.code, failure.enhanced_code) == (stage, code, f"{code // 100}.3.0")
        assert failure.reason == "no <(address)>, try again in 10 minutes"
        if code < 500:
            assert failure.retry_after.total_seconds() == 600
        assert letter.told == (["in flight"] if stage in {"data", "body"} else [])
        assert office.delivered == []
        assert len(letter.pool._idle) == (0 if code == 421 else 1)
        assert letter.send().code == 250
        # Only 421 ends the connection; after any other no it carries the next letter.
        assert len(office.sessions) == (2 if code == 421 else 1)


@pytest.mark.parametrize(("verb", "stage"), [("GREETING", "connect"), ("EHLO", "ehlo")])
@pytest.mark.parametrize("reply", ["421 4.3.2 closing", "550 5.7.1 not you", "554 no mail here", DROP, HANG])
def test_a_server_that_will_not_talk_to_us_is_no_fault_of_the_letter(at, verb, stage, reply):
    replies = {verb: reply, "HELO": reply} if verb == "EHLO" else {verb: reply}
    with PostOffice(**replies) as office:
        letter = at(office, timeout=PATIENCE if reply is HANG else 20)
        with pytest.raises(TemporaryFailure) as caught:
            letter.send()
    assert caught.value.stage == stage
    assert caught.value.code == (int(reply[:3]) if isinstance(reply, str) else None)
    assert letter.told == []


def test_a_server_that_is_not_there_is_temporary(at):
    with PostOffice() as office:
        pass
    with pytest.raises(TemporaryFailure, match="refused the connection"):
        at(office).send()


@pytest.mark.parametrize("mood", [DROP, HANG])
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_a_connection_lost_before_the_body_is_temporary(at, stage, mood):
    with PostOffice(**{stage.upper(): [mood]}) as office:
        letter = at(office, timeout=PATIENCE if mood is HANG else 20)
        with pytest.raises(TemporaryFailure, match=r"closed the connection|did not answer in time") as caught:
            letter.send()
        assert (caught.value.stage, caught.value.code) == (stage, None)
        assert letter.told == (["in flight"] if stage == "data" else [])
        assert letter.send().code == 250
        assert len(office.sessions) == 2
    assert len(office.delivered) == 1


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("READING", DROP),
        ("READING", HANG),
        ("BODY", DROP),
        ("BODY", HANG),
        ("BODY", Cut(b"25")),
        ("BODY", Cut(b"250")),
        ("BODY", Cut(b"550 no")),
        ("BODY", Cut(b"250-half an answer\r\n")),
        ("BODY", b"354 more\r\n"),
        ("BODY", b"\xff\xfe\r\n"),
        ("BODY", b"999 what\r\n"),
    ],
)
def test_a_connection_lost_between_the_body_and_a_whole_answer_is_uncertain(at, verb, answer):
    with PostOffice(**{verb: [answer]}) as office:
        letter = at(office, timeout=PATIENCE if answer is HANG else 20)
        with pytest.raises(Uncertain) as caught:
            letter.send(LETTER * 2000)
        assert (caught.value.stage, caught.value.code) == ("body", None)
        assert letter.told == ["in flight"]
        assert letter.send().code == 250
        assert len(office.sessions) == 2


def test_a_server_that_stops_reading_is_uncertain_and_hangs_nobody(at):
    with PostOffice(READING=HANG) as office, pytest.raises(Uncertain, match=r"did not answer in time|closed"):
        at(office, timeout=PATIENCE).send(b"x" * 76 + b"\r\n" * 200_000)


def test_a_server_that_drips_its_answer_hangs_nobody(at):
    class Dripping(PostOffice):
        def _say(self, connection, verb):
            if verb != "MAIL":
                return super()._say(connection, verb)
            for _ in range(200):
                connection.sendall(b"2")
                self._over.wait(timeout=PATIENCE / 10)
            return ""

    with Dripping() as office, pytest.raises(TemporaryFailure, match="did not answer in time"):
        at(office, timeout=PATIENCE).send()


@pytest.mark.parametrize(("verb", "expected"), [("MAIL", TemporaryFailure), ("BODY", Uncertain)])
@pytest.mark.parametrize("endless", [b"250-" + b"a" * 9000 + b"\r\n", b"250-on\r\n" * 20_000, b"a" * 100_000])
def test_an_answer_without_end_is_no_answer(at, verb, expected, endless):
    with PostOffice(**{verb: [endless]}) as office, pytest.raises(expected):
        at(office).send()


def test_what_the_caller_must_commit_first_is_asked_for_once_and_after_the_recipient_was_accepted(at):
    with PostOffice() as office:
        letter = at(office)
        seen = []
        letter.pool.send(
            LETTER,
            envelope_from="",
            recipient="mp@parliament.test",
            before_data=lambda: seen.append(office.sessions[0].verbs[-1]),
        )
    assert seen == ["RCPT"]
    assert "MAIL FROM:<> SIZE=" in office.commands[1]


@pytest.mark.parametrize("error", [RuntimeError("row is gone"), KeyboardInterrupt()])
def test_when_the_caller_cannot_commit_nothing_is_sent_and_the_connection_serves_the_next(at, error):
    def fail():
        raise error

    with PostOffice() as office:
        letter = at(office)
        with pytest.raises(type(error)):
            letter.pool.send(LETTER, envelope_from="", recipient="mp@parliament.test", before_data=fail)
        assert office.delivered == []
        assert "DATA" not in office.sessions[0].verbs
        assert letter.send().code == 250


# --- to whom ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "several", [["a@parliament.test"], ("a@parliament.test", "b@parliament.test"), None, b"a@b.test"]
)
def test_a_letter_goes_to_one_recipient_or_it_is_a_mistake_in_the_code(at, several):
    with PostOffice() as office, pytest.raises(TypeError, match="exactly one recipient"):
        at(office).send(recipient=several)
    assert office.sessions == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mp",
        "mp@",
        "@parliament.test",
        "mp@parliament.test\r\nRCPT TO:<dana@example.net>",
        "mp@parliament.test\n",
        "mp@parliament.test> SIZE=1",
        "mp@parliament.test, dana@example.net",
        "mp@parliament.test;dana@example.net",
        "Member <mp@parliament.test>",
        "m p@parliament.test",
        "mp@parlia ment.test",
        "mp@dana@example.net",
        "mp\x00@parliament.test",
        "mp\u2028@parliament.test",
        '"mp"@parliament.test',
        "mp@" + "a" * 300 + ".test",
        "mp@a..test",
    ],
)
def test_an_address_that_could_break_a_command_is_refused_before_anything_is_said(at, address):
    with PostOffice() as office:
        letter = at(office)
        with pytest.raises(BadAddress):
            letter.send(recipient=address)
        if address:
            with pytest.raises(BadAddress):
                letter.send(envelope_from=address)
    assert office.sessions == []


def test_a_domain_in_another_script_is_written_in_ascii(at):
    with PostOffice() as office:
        at(office).send(recipient="mp@bücher.test")
    assert "RCPT TO:<mp@xn--bcher-kva.test>" in office.commands


def test_an_address_in_another_script_needs_a_server_that_offers_it(at):
    with PostOffice(offers=["SMTPUTF8", "8BITMIME"]) as office:
        at(office).send(recipient="مكتب@parliament.test")
    assert office.commands[1:3] == [
        "MAIL FROM:<post@campaign.test> SMTPUTF8",
        "RCPT TO:<مكتب@parliament.test>",
    ]
    with PostOffice() as office:
        letter = at(office)
        with pytest.raises(PermanentFailure, match="beyond ASCII") as caught:
            letter.send(recipient="مكتب@parliament.test")
        assert (caught.value.stage, caught.value.enhanced_code) == ("rcpt", "5.6.7")
        assert letter.send().code == 250
        assert "SMTPUTF8" not in " ".join(office.commands)


# --- what ---------------------------------------------------------------------------------------------------------


def test_a_message_as_django_builds_it_arrives_as_it_was_built():
    received = []

    class Sink:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd calls it so
            received.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
            return "250 2.0.0 thank you"

    message = EmailMessage(
        subject="Für Léa Ñandú",
        body="Dear Minister,\n\n.A line that begins with a dot.\n..\nأطلقوا سراحها\n",
        from_email="Amina via The Campaign <post@campaign.test>",
        to=["mp@parliament.test"],
    )
    built = message.message().as_bytes()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with SmtpPool(SmtpSettings("127.0.0.1", port, timeout=20)) as pool:
            Letter(pool).send(built)
    finally:
        controller.stop()
    [(sender, recipients, content)] = received
    assert (sender, recipients) == ("post@campaign.test", ["mp@parliament.test"])
    assert content.replace(b"\r\n", b"\n").rstrip() == built.rstrip()
    assert "أطلقوا سراحها".encode() in content


def test_eight_bit_text_is_announced_to_a_server_that_wants_to_know(at):
    with PostOffice() as office:
        at(office).send("Subject: a\r\n\r\nأطلقوا\r\n".encode())
        at(office).send(LETTER)
    mails = [command for command in office.commands if command.startswith("MAIL")]
    assert [mail.endswith("BODY=8BITMIME") for mail in mails] == [True, False]


def test_a_message_must_be_bytes(at):
    with PostOffice() as office, pytest.raises(TypeError, match="bytes"):
        at(office).send("Subject: a\n\nb")


@given(st.binary(max_size=300) | st.text("\r\n.ab", max_size=60).map(str.encode))
def test_no_message_can_end_itself_and_its_text_comes_out_as_it_went_in(message):
    wire = on_the_wire(message)
    assert wire.endswith(b".\r\n")
    lines = wire.removesuffix(b".\r\n").split(b"\r\n")
    assert lines.pop() == b""
    assert all(line != b"." and b"\r" not in line and b"\n" not in line for line in lines)
    unstuffed = [line.removeprefix(b".") for line in lines]
    said = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert b"\n".join(unstuffed) == said.removesuffix(b"\n")


def test_every_failure_can_be_caught_as_one_and_carries_no_address(at):
    no = "550 5.1.1 mp@parliament.test unknown; mp is no user of parliament.test"
    with PostOffice(RCPT=no) as office, pytest.raises(DeliveryFailure) as caught:
        at(office).send()
    failure = caught.value
    assert failure.__cause__ is failure.__context__ is None
    assert "mp@" not in repr(failure.__dict__) + str(failure)
    assert failure.reason == "(address) unknown; (address) is no user of parliament.test"


def test_threads_are_not_left_behind(at):
    before = threading.active_count()
    with PostOffice() as office:
        at(office).send()
    assert threading.active_count() == before
