"""What an administrator may write into SMTP_URL, and what is answered when it is wrong."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit.smtp import BadSmtpUrl, Security, SmtpSettings, parse_smtp_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", SmtpSettings("mail.example.org", 25)),
        ("smtp://mail.example.org:2525?timeout=5", SmtpSettings("mail.example.org", 2525, timeout=5)),
        ("smtp://mail.example.org?tls=starttls", SmtpSettings("mail.example.org", 587, Security.STARTTLS)),
        (
            "smtp://bruno%40example.org:p%3Aa%2Fss@mail.example.org:587?tls=starttls",
            SmtpSettings("mail.example.org", 587, Security.STARTTLS, "bruno@example.org", "p:a/ss"),
        ),
        (
            "smtp://bruno:pw@mail.example.org",
            SmtpSettings("mail.example.org", 587, Security.STARTTLS, "bruno", "pw"),
        ),
        (
            "smtps://bruno:pw@mail.example.org/",
            SmtpSettings("mail.example.org", 465, Security.TLS, "bruno", "pw"),
        ),
        ("smtps://mail.example.org?tls=tls", SmtpSettings("mail.example.org", 465, Security.TLS)),
        (
            "smtp://bruno:pw@127.0.0.1:25?tls=none",
            SmtpSettings("127.0.0.1", 25, Security.NONE, "bruno", "pw"),
        ),
        ("smtp://[::1]:8025", SmtpSettings("::1", 8025)),
        ("smtp://LOCALHOST", SmtpSettings("localhost", 25)),
    ],
)
def test_what_can_be_written(url, expected):
    assert parse_smtp_url(url) == expected


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "begins neither"),
        ("mail.example.org:25", "begins neither"),
        ("http://mail.example.org", "begins neither"),
        ("smtp://", "names no host"),
        ("smtp://:25", "names no host"),
        ("smtp://mail.example.org:port", "host or port that cannot be read"),
        ("smtp://mail.example.org:99999", "host or port that cannot be read"),
        ("smtp://[::1", "host or port that cannot be read"),
        ("smtp://mail.example.org:0", "port 0"),
        ("smtp://mail.example.org/inbox", "a path after the host"),
        ("smtp://bruno:a#b@mail.example.org", "host or port|a path after the host"),
        ("smtp://mail example.org", "a space or a line break"),
        ("smtp://mail.example.org\r\n", "a space or a line break"),
        ("smtp://mail.example.org?tls=maybe", "tls=maybe"),
        ("smtp://mail.example.org?tls=tls", "begin with smtps://"),
        ("smtps://mail.example.org?tls=starttls", "both smtps:// and tls=starttls"),
        ("smtp://mail.example.org?tls", "options that cannot be read"),
        ("smtp://mail.example.org?tls=none&tls=starttls", "same option twice"),
        ("smtp://mail.example.org?timeout=0", "from 1 to 120 seconds"),
        ("smtp://mail.example.org?timeout=121", "from 1 to 120 seconds"),
        ("smtp://mail.example.org?timeout=soon", "from 1 to 120 seconds"),
        ("smtp://mail.example.org?timeout=nan", "from 1 to 120 seconds"),
        ("smtp://mail.example.org?ssl=true", "the option “ssl”, which is unknown"),
        ("smtp://bruno@mail.example.org", "user name but no password"),
        ("smtp://:secret@mail.example.org", "password but no user name"),
        ("smtp://bruno:secret@mail.example.org?tls=none", "in clear"),
        ("smtp://bruno:secret@192.0.2.7?tls=none", "in clear"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_without_the_password(url, says):
    with pytest.raises(BadSmtpUrl, match=says) as caught:
        parse_smtp_url(url)
    sentence = str(caught.value)
    assert sentence.startswith("SMTP_URL ")
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert "secret" not in sentence


def test_a_password_does_not_show_in_a_traceback_or_a_log():
    assert "secret" not in repr(parse_smtp_url("smtps://bruno:secret@mail.example.org"))


@given(st.text(max_size=60))
def test_nothing_typed_at_random_ends_in_anything_but_a_refusal(tail):
    for scheme in ("smtp://", "smtps://"):
        with suppress(BadSmtpUrl):
            assert parse_smtp_url(scheme + tail).host
