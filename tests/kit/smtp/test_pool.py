"""A few connections for many letters, kept while they are good and replaced when they are not."""

from __future__ import annotations

import threading

import pytest

from amparo.kit.smtp import PermanentFailure, SmtpPool, SmtpSettings, TemporaryFailure
from amparo.kit.smtp import pool as pool_module
from tests.workshop.databases import at_once
from tests.workshop.post_office import DROP, HANG, PostOffice

LETTER = b"Subject: Release her\r\n\r\nDear Minister\r\n"


@pytest.fixture
def office():
    with PostOffice() as opened:
        yield opened


def pool_for(office, *, timeout=20, **options):
    return SmtpPool(SmtpSettings("127.0.0.1", office.port, timeout=timeout), **options)


def send(pool, *, before_data=lambda: None):
    return pool.send(LETTER, envelope_from="", recipient="mp@parliament.test", before_data=before_data)


def test_many_letters_share_one_connection_which_ends_with_a_goodbye(office):
    with pool_for(office) as pool:
        for _ in range(10):
            send(pool)
    assert [heard.verbs[-1] for heard in office.sessions] == ["QUIT"]
    assert office.sessions[0].verbs == ["EHLO", *["MAIL", "RCPT", "DATA"] * 10, "QUIT"]


def test_a_connection_is_given_up_after_its_share(office):
    with pool_for(office, recycle_after=4) as pool:
        for _ in range(10):
            send(pool)
    assert [len(heard.bodies) for heard in office.sessions] == [4, 4, 2]


def test_a_connection_that_idled_is_asked_whether_it_still_stands(office):
    with pool_for(office, ask_after=0) as pool:
        send(pool)
        send(pool)
    assert office.sessions[0].verbs == [
        "EHLO",
        "MAIL",
        "RCPT",
        "DATA",
        "NOOP",
        "MAIL",
        "RCPT",
        "DATA",
        "QUIT",
    ]


@pytest.mark.parametrize("answer", [DROP, HANG, "421 4.4.2 idle too long", "500 what"])
def test_one_that_does_not_answer_is_replaced_without_a_word_to_the_caller(monkeypatch, answer):
    monkeypatch.setattr("amparo.kit.smtp.connection.HURRY", 0.5)
    with PostOffice(NOOP=[answer]) as office, pool_for(office, ask_after=0) as pool:
        send(pool)
        assert send(pool).code == 250
        assert [len(heard.bodies) for heard in office.sessions] == [1, 1]


def test_a_server_restarted_between_two_letters_gets_both_once(office):
    with pool_for(office) as pool:
        send(pool)
        office.close()
        with PostOffice(port=office.port) as again:
            told = []
            assert send(pool, before_data=lambda: told.append(1)).code == 250
            assert told == [1]
            assert (len(office.delivered), len(again.delivered)) == (1, 1)


@pytest.mark.parametrize("answer", [DROP, "421 4.4.2 idle too long"])
def test_a_server_that_hung_up_just_now_costs_a_new_connection_and_no_failure(answer):
    with PostOffice(MAIL=["250 fine", answer]) as office, pool_for(office) as pool:
        send(pool)
        assert send(pool).code == 250
        assert [len(heard.bodies) for heard in office.sessions] == [1, 1]


def test_a_server_that_hangs_up_on_a_new_connection_too_is_a_failure():
    with PostOffice(MAIL=["250 fine", DROP, DROP]) as office, pool_for(office) as pool:
        send(pool)
        with pytest.raises(TemporaryFailure):
            send(pool)
        assert len(office.sessions) == 2


@pytest.mark.parametrize("answer", ["451 4.3.0 later", "550 5.7.1 no"])
def test_a_no_to_the_sender_is_not_asked_again_over_another_connection(answer):
    with PostOffice(MAIL=["250 fine", answer]) as office, pool_for(office) as pool:
        send(pool)
        with pytest.raises((TemporaryFailure, PermanentFailure)):
            send(pool)
        assert len(office.sessions) == 1


def test_threads_send_at_once_over_no_more_connections_than_allowed(office):
    with pool_for(office, size=3) as pool:
        at_once(*[lambda: [send(pool) for _ in range(10)]] * 8)
        assert len(office.delivered) == 80
        assert len(office.sessions) <= 3


def test_whoever_finds_all_connections_in_use_for_too_long_is_told_so(office):
    with pool_for(office, size=1, timeout=0.7) as pool:
        in_hand, go_on = threading.Event(), threading.Event()

        def hold():
            in_hand.set()
            assert go_on.wait(timeout=20)

        slow = threading.Thread(target=send, args=(pool,), kwargs={"before_data": hold})
        slow.start()
        assert in_hand.wait(timeout=20)
        with pytest.raises(TemporaryFailure, match="in use"):
            send(pool)
        go_on.set()
        slow.join(timeout=20)
        assert send(pool).code == 250


def test_a_failure_gives_its_turn_back(office):
    with pool_for(office, size=1) as pool:
        for _ in range(3):
            with pytest.raises(RuntimeError):
                send(pool, before_data=fail)
        assert send(pool).code == 250


def fail():
    raise RuntimeError


def test_a_forked_child_uses_none_of_its_parents_connections(office):
    with pool_for(office) as pool:
        send(pool)
        kept = list(pool._idle)
        pool._pid += 1
        send(pool)
        assert [len(heard.bodies) for heard in office.sessions] == [1, 1]
        for connection in kept:
            connection.close()


def test_connections_nobody_needs_any_more_are_closed(office, monkeypatch):
    with pool_for(office, size=3) as pool:
        together = threading.Barrier(3)
        at_once(*[lambda: send(pool, before_data=lambda: together.wait(timeout=20))] * 3)
        assert len(pool._idle) == 3
        monkeypatch.setattr(pool_module, "CLOSE_AFTER", -1.0)
        pool._idle[-1].used = 0
        send(pool)
        assert len(pool._idle) == 0
    assert [heard.verbs[-1] for heard in office.sessions] == ["QUIT"] * 3
