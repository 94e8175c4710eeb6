"""Nothing is said in clear that was meant to be sealed, and our own login is never held against a letter."""

from __future__ import annotations

import base64

import pytest

from amparo.kit.smtp import Security, SmtpPool, SmtpSettings, TemporaryFailure
from tests.workshop.certificates import Authority
from tests.workshop.post_office import DROP, PostOffice

LETTER = b"Subject: Release her\r\n\r\nDear Minister\r\n"
OFFERS_TLS = ("STARTTLS", "AUTH PLAIN LOGIN")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


def send(office, security, *, context=None, login=(), timeout=20):
    settings = SmtpSettings("localhost", office.port, security, *login, timeout=timeout)
    with SmtpPool(settings, context=context) as pool:
        return pool.send(LETTER, envelope_from="", recipient="mp@parliament.test", before_data=lambda: None)


def failure_at(office, security, **options):
    """Why nothing could be sent there."""
    with office, pytest.raises(TemporaryFailure) as caught:
        send(office, security, **options)
    assert not {"MAIL", "DATA"} & set(office.sessions[0].verbs)
    return caught.value


def test_with_starttls_everything_after_the_greeting_is_sealed(authority):
    with PostOffice(offers=OFFERS_TLS, tls=authority.serving("localhost")) as office:
        send(office, Security.STARTTLS, context=authority.trusting(), login=("bruno", "secret"))
    [heard] = office.sessions
    assert [command.partition(" ")[0].upper() for command in heard.in_clear] == ["EHLO", "STARTTLS"]
    assert heard.verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
    assert base64.b64decode(heard.commands[3].split()[-1]) == b"\0bruno\0secret"
    assert len(office.delivered) == 1


def test_with_smtps_nothing_at_all_is_in_clear(authority):
    with PostOffice(tls=authority.serving("localhost"), tls_at_once=True) as office:
        send(office, Security.TLS, context=authority.trusting())
    assert office.sessions[0].in_clear == []
    assert len(office.delivered) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize(
    ("host", "expired", "trusted", "says"),
    [
        ("localhost", False, False, "certificate was not accepted"),
        ("elsewhere.test", False, True, "certificate was not accepted: Hostname mismatch"),
        ("localhost", True, True, "certificate was not accepted: certificate has expired"),
    ],
    ids=["unknown authority", "wrong host", "expired"],
)
def test_a_wrong_certificate_ends_the_conversation_before_anything_is_said(
    authority, security, host, expired, trusted, says
):
    at_once = security is Security.TLS
    context = authority.trusting() if trusted else None
    office = PostOffice(offers=OFFERS_TLS, tls=authority.serving(host, expired=expired), tls_at_once=at_once)
    failure = failure_at(office, security, context=context, login=("bruno", "secret"))
    assert says in failure.reason
    assert failure.stage == ("connect" if at_once else "starttls")
    assert "AUTH" not in office.sessions[0].verbs


@pytest.mark.parametrize(
    "office_options",
    [
        {"offers": ("AUTH PLAIN",)},
        {"STARTTLS": "454 4.7.0 not today"},
        {"STARTTLS": "502 no"},
        {"STARTTLS": DROP},
    ],
    ids=["not offered", "454", "502", "dropped"],
)
def test_a_server_that_will_not_encrypt_is_not_spoken_to_in_clear(office_options):
    office = PostOffice(**{"offers": OFFERS_TLS} | office_options)
    assert failure_at(office, Security.STARTTLS, login=("bruno", "secret")).stage == "starttls"
    assert "AUTH" not in office.sessions[0].verbs


def test_a_server_that_promises_tls_and_then_talks_plainly_is_left():
    office = PostOffice(offers=OFFERS_TLS, STARTTLS=b"220 go\r\n250 we are secure now, trust me\r\n")
    assert failure_at(office, Security.STARTTLS, login=("bruno", "secret"), timeout=0.7).stage == "starttls"
    assert "AUTH" not in office.sessions[0].verbs


def test_words_slipped_in_before_the_handshake_are_not_taken_for_the_servers(authority):
    class Tampered(PostOffice):
        def _give(self, connection, reply):
            return super()._give(connection, reply) if reply != "220 go ahead" else self._slip_in(connection)

        def _slip_in(self, connection):
            connection.sendall(b"220 go ahead\r\n250-mallory.test\r\n250 SIZE 1\r\n")
            return "220 go ahead"

    with Tampered(offers=OFFERS_TLS, tls=authority.serving("localhost")) as office:
        send(office, Security.STARTTLS, context=authority.trusting())
    assert len(office.delivered) == 1
    assert "SIZE=" not in " ".join(office.commands)


@pytest.mark.parametrize(
    "reply", ["535 5.7.8 no user bruno@example.org", "534 5.7.9 too weak", "454 4.7.0 later"]
)
def test_a_login_that_fails_is_for_the_administrator_and_repeats_nothing(authority, reply):
    office = PostOffice(offers=OFFERS_TLS, tls=authority.serving("localhost"), AUTH=reply)
    login = ("bruno@example.org", "secret")
    failure = failure_at(office, Security.STARTTLS, context=authority.trusting(), login=login)
    assert (failure.stage, failure.code) == ("auth", int(reply[:3]))
    assert "bruno" not in str(failure)
    assert "secret" not in str(failure)


def test_a_server_without_login_is_said(authority):
    office = PostOffice(offers=("STARTTLS",), tls=authority.serving("localhost"))
    failure = failure_at(office, Security.STARTTLS, context=authority.trusting(), login=("bruno", "secret"))
    assert (failure.stage, failure.reason) == (
        "auth",
        "the mail server does not offer what SMTP_URL asks for",
    )


def test_a_password_beyond_ascii_is_a_failure_and_no_crash(authority):
    office = PostOffice(offers=OFFERS_TLS, tls=authority.serving("localhost"))
    failure = failure_at(office, Security.STARTTLS, context=authority.trusting(), login=("bruno", "pässwörd"))
    assert failure.stage == "auth"
    assert "pässwörd" not in failure.reason


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_a_login_that_is_missed_later_is_still_for_the_administrator(verb):
    with PostOffice(**{verb: "530 5.7.0 log in first"}) as office, pytest.raises(TemporaryFailure) as caught:
        send(office, Security.NONE)
    assert caught.value.code == 530


def test_a_name_that_does_not_exist_is_temporary(monkeypatch):
    import socket

    def not_found(*_args, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    with (
        SmtpPool(SmtpSettings("mail.example.org", 25)) as pool,
        pytest.raises(TemporaryFailure, match="name was not"),
    ):
        pool.send(LETTER, envelope_from="", recipient="mp@parliament.test", before_data=lambda: None)
