"""Every mail handed to a connection ends in exactly one of four ways, whatever the server does."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit.smtp import TemporaryFailure
from amparo.kit.smtp.settings import Security, SmtpSettings
from amparo.mailings import outcomes
from amparo.mailings.wire.opening_wires import close_all, open_wire
from amparo.mailings.wire.pipelined_smtp import Mode, Wire
from amparo.mailings.wire.smtp_replies import verdict_on
from tests.fakes.pipelining_server import PipeliningServer
from tests.workshop.certificates import Authority

NAMES = ["suzie", "amina", "bruno", "chidi", "dana"]


@dataclass
class Mail:
    name: str

    @property
    def address(self):
        return f"{self.name}@example.org"

    @property
    def envelope(self):
        return f"MAIL FROM:<out@example.net>\r\nRCPT TO:<{self.address}>\r\nDATA\r\n".encode()

    @property
    def body(self):
        return f"Subject: {self.name}\r\n\r\nHello\r\n.\r\n".encode()


class Notes:
    """A feed that notes what it is told."""

    def __init__(self, names=NAMES, *, forbidden=()):
        self.waiting = deque(Mail(name) for name in names)
        self.begun, self.ends, self.forbidden = [], [], forbidden

    def next(self):
        return self.waiting.popleft() if self.waiting else None

    def started(self, job):
        self.begun.append(job.name)
        return job.name not in self.forbidden

    def sent(self, job):
        self.ends.append((job.name, "sent"))

    def refused(self, job, stage, code, words):
        self.ends.append((job.name, f"{stage} {code}"))

    def returned(self, job):
        self.ends.append((job.name, "returned"))

    def unknown(self, job):
        self.ends.append((job.name, "unknown"))


def settings_for(server, **fields) -> SmtpSettings:
    return SmtpSettings(**{"host": "127.0.0.1", "port": server.port, "timeout": 5, **fields})


def run(server, notes, *, most=Mode.OVERLAPPED, recycle_after=100, context=None, tls=None, **fields):
    async def scenario():
        async with server.listening(ssl=tls):
            wire = await open_wire(
                settings_for(server, **fields),
                notes,
                context=context or ssl.create_default_context(),
                most=most,
                recycle_after=recycle_after,
            )
            mode = wire.mode
            wire.take()
            for _turn in range(500):
                await asyncio.sleep(0.002)
                if not wire.is_open or (wire.is_idle and not notes.waiting):
                    break
            await close_all([wire], seconds=2)
            return mode

    # In a thread of its own: the driver of browsers keeps a loop running in that of other tests.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, scenario()).result()


def test_one_write_carries_a_mail_and_the_next_envelope():
    server, notes = PipeliningServer(), Notes()
    assert run(server, notes) is Mode.OVERLAPPED
    assert server.took == NAMES
    assert notes.ends == [(name, "sent") for name in NAMES]
    together = [read for read in server.reads if b"\r\n.\r\nMAIL FROM" in read]
    assert len(together) == len(NAMES) - 1
    assert server.said[-1] == "QUIT"


class ServerInMind:
    """A transport and what is at its other end: it answers each command as `plan` says, and keeps its answers."""

    def __init__(self, plan):
        self.plan, self.heard, self.answers, self.in_mail, self.is_open = plan, b"", b"", False, True

    def write(self, content):
        self.heard += content
        while True:
            line, end, rest = self.heard.partition(b"\r\n")
            if not end:
                return
            self.heard = rest
            if self.in_mail:
                if line == b".":
                    self.in_mail = False
                    self.say("body")
            elif line.startswith(b"RCPT"):
                self.name = line[len("RCPT TO:<") :].partition(b"@")[0].decode()
                self.say("rcpt")
            elif line == b"DATA":
                self.in_mail = self.plan[self.name]["rcpt"] < 400
                self.say("data") if self.in_mail else self.say_plainly(554)
            else:
                self.say_plainly(250)

    def say(self, stage):
        code = {"data": 354}.get(stage) or self.plan[self.name][stage]
        self.answers += f"{code}{self.plan[self.name]['words']}\r\n".replace("CODE", str(code)).encode()

    def say_plainly(self, code):
        self.answers += b"%d so be it\r\n" % code

    def abort(self):
        self.is_open = False


PLAN = st.fixed_dictionaries(
    {
        "rcpt": st.sampled_from([250, 250, 250, 251, 450, 550]),
        "body": st.sampled_from([250, 250, 250, 252, 451, 554]),
        "words": st.sampled_from([" Ok", " 2.0.0 Ok: queued as 250 354", "-yes\r\nCODE and yes", " "]),
    }
)


@pytest.mark.parametrize("mode", Mode)
@given(plan=st.fixed_dictionaries(dict.fromkeys(NAMES, PLAN)), cuts=st.lists(st.integers(1, 60), min_size=1))
def test_answers_mean_the_same_however_they_arrive(mode, plan, cuts):
    server, notes = ServerInMind(plan), Notes()
    wire = Wire(notes, recycle_after=100)
    wire._transport, wire.mode, wire.is_open = server, mode, True
    wire.take()
    turn = 0
    while server.answers:
        size = cuts[turn % len(cuts)] if turn % 2 else len(server.answers)
        piece, server.answers = server.answers[:size], server.answers[size:]
        wire.data_received(piece)
        turn += 1
    assert server.is_open
    assert notes.ends == [
        (
            name,
            f"rcpt {of['rcpt']}"
            if of["rcpt"] > 400
            else f"body {of['body']}"
            if of["body"] > 400
            else "sent",
        )
        for name, of in ((name, plan[name]) for name in NAMES)
    ]


@pytest.mark.parametrize(
    ("offers", "most", "mode"),
    [
        ((), Mode.OVERLAPPED, Mode.LOCK_STEP),
        (("PIPELINING",), Mode.GROUPED, Mode.GROUPED),
        (("PIPELINING",), Mode.LOCK_STEP, Mode.LOCK_STEP),
    ],
)
def test_a_server_is_never_told_more_at_once_than_it_takes(offers, most, mode):
    server, notes = PipeliningServer(offers=offers), Notes()
    assert run(server, notes, most=most) is mode
    assert notes.ends == [(name, "sent") for name in NAMES]
    assert not [read for read in server.reads if b".\r\nMAIL" in read]
    if mode is Mode.LOCK_STEP:
        assert all(read.count(b"\r\n") == 1 for read in server.reads if not read.endswith(b".\r\n"))


@pytest.mark.parametrize("most", Mode)
@pytest.mark.parametrize("offers", [("PIPELINING",), ("PIPELINING", "354 anyway")])
def test_refusals_concern_one_recipient_each(most, offers):
    moods = {
        "suzie": "550 5.1.1 no such user",
        "bruno": "body 552 5.3.4 too big",
        "chidi": "451 4.3.0 busy",
        "dana": "550 5.1.1 gone",
    }
    server, notes = PipeliningServer(moods=moods, offers=offers), Notes()
    run(server, notes, most=most)
    assert dict(notes.ends) == {
        "suzie": "rcpt 550",
        "amina": "sent",
        "bruno": "body 552",
        "chidi": "rcpt 451",
        "dana": "rcpt 550",
    }
    assert len(notes.ends) == len(NAMES)
    assert server.took == ["amina"]
    assert notes.begun == ["amina", "bruno"]


@pytest.mark.parametrize("most", Mode)
@pytest.mark.parametrize(("mood", "took"), [("drop", ["suzie", "amina"]), ("lose", ["suzie"])])
def test_a_connection_cut_after_the_content_leaves_one_unknown(most, mood, took):
    server, notes = PipeliningServer(moods={"amina": mood}), Notes()
    run(server, notes, most=most)
    ends = dict(notes.ends)
    assert server.took == took
    assert ends["suzie"] == "sent"
    assert ends["amina"] == "unknown"
    assert ends.get("bruno", "returned") == "returned"
    assert "chidi" not in ends


@pytest.mark.parametrize("most", Mode)
def test_a_server_that_closes_leaves_nobody_unknown(most):
    server, notes = PipeliningServer(moods={"amina": "421 4.3.2 closing"}), Notes()
    run(server, notes, most=most)
    assert notes.ends == [("suzie", "sent"), ("amina", "rcpt 421")]
    assert len(notes.waiting) == 3


@pytest.mark.parametrize("most", Mode)
def test_a_refused_sender_is_told_as_such(most):
    server, notes = PipeliningServer(mail="550 5.7.1 sender rejected"), Notes(["suzie", "amina"])
    run(server, notes, most=most)
    assert notes.ends == [("suzie", "mail 550"), ("amina", "mail 550")]


def test_what_may_not_leave_any_more_does_not():
    server, notes = PipeliningServer(), Notes(forbidden={"amina"})
    run(server, notes)
    assert server.took == ["suzie"]
    assert ("amina", "returned") in notes.ends


def test_a_connection_is_closed_after_its_share():
    server, notes = PipeliningServer(), Notes()
    run(server, notes, recycle_after=2)
    assert server.took == NAMES[:2]
    assert len(notes.waiting) == 3
    assert server.said[-1] == "QUIT"


@pytest.mark.parametrize("mechanisms", ["AUTH PLAIN LOGIN", "AUTH LOGIN"])
def test_it_logs_in(mechanisms):
    server, notes = (
        PipeliningServer(offers=("PIPELINING", mechanisms), login=("doors", "sésame")),
        Notes(["suzie"]),
    )
    run(server, notes, username="doors", password="sésame")
    assert notes.ends == [("suzie", "sent")]


def test_a_refused_login_says_so_and_not_who():
    server = PipeliningServer(offers=("AUTH PLAIN",), login=("doors", "right"))
    with pytest.raises(TemporaryFailure) as failure:
        run(server, Notes(), username="doors", password="wrong")
    assert (failure.value.stage, failure.value.code) == ("auth", 535)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_nothing_is_said_to_a_server_whose_certificate_is_not_believed(security, tmp_path):
    authority = Authority(tmp_path)
    serving = authority.serving("localhost")
    for context, ends in ((authority.trusting(), [("suzie", "sent")]), (None, [])):
        encrypted = security is Security.TLS
        server = PipeliningServer(
            offers=("PIPELINING", "STARTTLS", "AUTH PLAIN"), login=("doors", "x"), starttls=serving
        )
        notes = Notes(["suzie"])
        details = {"security": security, "host": "localhost", "username": "doors", "password": "x"}
        tls = serving if encrypted else None
        if ends:
            run(server, notes, context=context, tls=tls, **details)
        else:
            with pytest.raises(TemporaryFailure):
                run(server, notes, context=context, tls=tls, **details)
            assert "AUTH" not in server.said
        assert notes.ends == ends


@pytest.mark.parametrize(
    ("stage", "code", "words", "byte", "permanent", "ours"),
    [
        ("rcpt", 550, "5.1.1 <suzie@example.org>: no such user", outcomes.FAILED, True, False),
        ("rcpt", 550, "no such user suzie", outcomes.FAILED, False, False),
        ("rcpt", 552, "5.2.2 mailbox full", outcomes.FAILED, False, False),
        ("body", 554, "5.6.0 what is this", outcomes.FAILED, False, False),
        ("body", 550, "5.7.26 not authenticated", outcomes.TEMPORARY, False, True),
        ("mail", 550, "5.1.8 sender domain", outcomes.TEMPORARY, False, True),
        ("mail", 501, "who are you", outcomes.TEMPORARY, False, True),
        ("rcpt", 530, "log in first", outcomes.TEMPORARY, False, True),
        ("rcpt", 451, "4.7.1 greylisted", outcomes.TEMPORARY, False, False),
        ("body", 421, "closing", outcomes.TEMPORARY, False, False),
    ],
)
def test_what_an_answer_means(stage, code, words, byte, permanent, ours):
    found = verdict_on(stage, code, words, address="suzie@example.org")
    assert (found.outcome, found.is_permanent, found.is_ours) == (byte, permanent, ours)
    assert "suzie" not in found.reason
