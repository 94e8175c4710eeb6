"""Ringing for workers: in this process, in another, and when nobody listens."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time

import pytest

from amparo.kit import bell as bell_module
from amparo.kit.bell import Bell, OffThread, ring, use_sender
from tests.skips import ROOT


@pytest.fixture(autouse=True)
def var(tmp_path, settings):
    """A state directory of this test's own."""
    settings.AMPARO_VAR = tmp_path
    return tmp_path


@pytest.fixture
def bell():
    with Bell() as opened:
        yield opened


@pytest.fixture
def sender():
    """Puts the usual sender back."""
    yield use_sender
    use_sender(None)


def ring_in_another_process(line, *, var):
    program = (
        "import sys; from django.conf import settings; settings.configure(AMPARO_VAR=sys.argv[1]);"
        " from amparo.kit.bell import ring; ring(sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", program, str(var), line], check=True, timeout=60, cwd=ROOT)


def test_a_worker_in_this_process_hears_its_line_and_no_other(bell):
    ring("letters")
    assert bell.wait("letters", timeout=0)
    assert not bell.wait("letters", timeout=0)
    assert not bell.wait("receipts", timeout=0)


def test_a_ring_before_the_wait_is_not_missed_and_several_are_one(bell):
    for _ in range(5):
        ring("letters")
    assert bell.wait("letters", timeout=0)
    assert not bell.wait("letters", timeout=0)


def test_a_waiting_worker_is_woken(bell):
    woken = []
    worker = threading.Thread(target=lambda: woken.append(bell.wait("letters", timeout=30)))
    worker.start()
    ring("letters")
    worker.join(timeout=20)
    assert woken == [True]


@pytest.mark.parametrize("depth", [0, 3])
def test_a_worker_in_another_process_is_heard_however_deep_the_state_directory_lies(var, settings, depth):
    for _ in range(depth):
        var /= "a-rather-long-name-for-a-directory-of-nothing"
    var.mkdir(parents=True, exist_ok=True)
    settings.AMPARO_VAR = var
    with Bell() as bell:
        assert not bell.wait("letters", timeout=0)
        assert (var / bell.socket_name).is_socket()
        ring_in_another_process("letters", var=var)
        assert bell.wait("letters", timeout=20)
    assert list(var.iterdir()) == []


def test_every_process_is_rung_and_those_that_died_are_forgotten(var, bell):
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    dead.bind(str(var / "bell-1-dead.sock"))
    dead.close()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(var / "bell-2-other.sock"))
        other.settimeout(20)
        ring("letters")
        assert other.recv(100) == b"letters"
    assert not (var / "bell-1-dead.sock").exists()
    assert bell.wait("letters", timeout=0)


def test_a_worker_too_busy_to_listen_does_not_hold_up_whoever_rings(var):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(var / "bell-2-deaf.sock"))
        for _ in range(5000):
            ring("letters")
    assert (var / "bell-2-deaf.sock").exists()


def test_a_stranger_who_rings_for_made_up_lines_fills_no_memory(var, bell):
    bell.wait("letters", timeout=0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mallory:
        for number in range(50):
            mallory.sendto(f"made-up-{number}".encode(), str(var / bell.socket_name))
        mallory.sendto(b"\xff\xfe" * 500, str(var / bell.socket_name))
        mallory.sendto(b"letters", str(var / bell.socket_name))
    assert bell.wait("letters", timeout=20)
    assert set(bell._events) == {"letters"}


def test_a_state_directory_that_is_gone_or_not_set_costs_nothing_but_time(
    settings, tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr(bell_module._sending, "complained_at", None)
    settings.AMPARO_VAR = tmp_path / "gone"
    with Bell() as bell:
        ring("letters")
        ring("letters")
        assert bell.wait("letters", timeout=0)
    assert "workers look every few seconds" in caplog.text
    assert caplog.text.count("could not be rung (FileNotFoundError)") == 1
    del settings.AMPARO_VAR
    with Bell() as bell:
        ring("letters")
        assert bell.wait("letters", timeout=0)


def test_a_sender_that_fails_does_not_fail_what_was_just_committed(sender, caplog, monkeypatch):
    monkeypatch.setattr(bell_module._sending, "complained_at", None)

    def broken(line):
        raise ConnectionError("amqp://amparo:secret@broker")

    sender(broken)
    ring("letters")
    assert "ConnectionError" in caplog.text
    assert "secret" not in caplog.text


def test_another_engine_puts_its_own_sender_in_place(sender, bell):
    rung = []
    sender(rung.append)
    ring("letters")
    assert rung == ["letters"]
    assert not bell.wait("letters", timeout=0)


def test_a_slow_broker_holds_up_nobody_and_rings_that_wait_are_one():
    at_work, go_on, sent = threading.Event(), threading.Event(), []

    def send(line):
        sent.append(line)
        at_work.set()
        assert go_on.wait(timeout=20)

    off_thread = OffThread(send)
    off_thread("letters")
    assert at_work.wait(timeout=20)
    for _ in range(100):
        off_thread("letters")
        off_thread("receipts")
    go_on.set()
    until(lambda: len(sent) == 3)
    assert sorted(sent) == ["letters", "letters", "receipts"]


def test_a_broker_that_refuses_does_not_end_the_sending_thread():
    sent = []

    def send(line):
        sent.append(line)
        if line == "letters":
            raise ConnectionError

    off_thread = OffThread(send)
    off_thread("letters")
    until(lambda: sent == ["letters"])
    off_thread("receipts")
    until(lambda: sent == ["letters", "receipts"])


def test_a_worker_asked_to_stop_waits_for_nothing_more(bell):
    bell.end_waits()
    begun = time.monotonic()
    for _ in range(3):
        bell.wait("letters", timeout=60)
    assert time.monotonic() - begun < 30


def test_closing_twice_is_harmless_and_leaves_no_socket(var):
    bell = Bell()
    with bell:
        assert [entry.name for entry in var.iterdir()] == [bell.socket_name]
        bell.close()
    assert list(var.iterdir()) == []
    ring("letters")


def until(happened):
    for _ in range(2000):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("It did not happen within 20 seconds.")
