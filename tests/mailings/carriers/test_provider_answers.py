"""What may be tried again after a request that failed, and what may not."""

from __future__ import annotations

import socket
import ssl
from datetime import timedelta

import pytest
import requests
from anymail.exceptions import AnymailRequestsAPIError, AnymailUnsupportedFeature
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProtocolError

from amparo.kit.smtp.failures import TemporaryFailure, Uncertain
from amparo.mailings.carriers.provider_answers import Refused, meaning_of


def answered(status, body=b"{}", **headers):
    response = requests.Response()
    response.status_code, response._content = status, body
    response.headers.update(headers)
    return meaning_of(AnymailRequestsAPIError(response=response), hide=["suzie@example.net"])


def broken(error):
    """As django-anymail raises it: of both kinds, and caused by what requests raised."""
    kind = type("AnymailRequestsAPIError", (AnymailRequestsAPIError, type(error)), {})
    try:
        raise kind("Error posting to https://provider.example:") from error
    except AnymailRequestsAPIError as found:
        return meaning_of(found, hide=[])


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, Uncertain),
        (302, TemporaryFailure),
        (400, Refused),
        (401, TemporaryFailure),
        (402, TemporaryFailure),
        (403, TemporaryFailure),
        (404, Refused),
        (408, TemporaryFailure),
        (413, Refused),
        (420, TemporaryFailure),
        (422, Refused),
        (429, TemporaryFailure),
        (500, Uncertain),
        (502, Uncertain),
        (503, TemporaryFailure),
        (504, Uncertain),
        (524, Uncertain),
    ],
)
def test_a_status_means_one_thing(status, meaning):
    found = answered(status)
    assert type(found) is meaning
    assert found.code == status
    if meaning is TemporaryFailure:
        assert (found.stage == "auth") == (status in {401, 402, 403})


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("999999", timedelta(hours=1)),
        ("9" * 30, None),
        ("-5", None),
        ("Sun, 22 Nov 2026 12:00:00 GMT", None),
        ("", None),
    ],
)
def test_a_provider_may_say_how_long_to_wait(said, wait):
    assert answered(429, **{"Retry-After": said}).retry_after == wait


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": "suzie@example.net and Suzie <suzie@example.net> are not allowed"}',
        b'{"Message": "suzie%40example.net"}',
        b'{"ErrorMessage": "\\"suzie\\" is not"}',
    ],
)
def test_its_words_are_kept_without_addresses(body):
    reason = answered(400, body).reason
    assert "suzie" not in reason
    assert "(address)" in reason


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"null", b'{"message": null}'])
def test_an_answer_without_words_has_its_number(body):
    assert answered(500, body).reason == "the provider answered 500"


NEVER_LEFT = [
    requests.ConnectionError(
        MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
    ),
    requests.ConnectTimeout(MaxRetryError(None, "/", ConnectTimeoutError())),  # type: ignore[arg-type]
    requests.ConnectionError(ConnectionRefusedError()),
    requests.ConnectionError(socket.gaierror(-2, "unknown")),
    requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")),
    requests.exceptions.SSLError(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")),
    requests.TooManyRedirects("Exceeded 0 redirects."),
]
MAY_HAVE_LEFT = [
    requests.ReadTimeout("read timed out"),
    requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))),
    requests.ConnectionError("broken pipe"),
    requests.exceptions.ChunkedEncodingError(),
    requests.exceptions.SSLError(ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC]")),
]


@pytest.mark.parametrize("error", NEVER_LEFT, ids=repr)
def test_what_never_left_is_tried_again(error):
    found = broken(error)
    assert type(found) is TemporaryFailure
    assert found.stage == "connect"


@pytest.mark.parametrize("error", MAY_HAVE_LEFT, ids=repr)
def test_what_may_have_left_is_unknown(error):
    assert type(broken(error)) is Uncertain


def test_what_cannot_be_said_to_a_provider_is_our_mistake():
    assert type(meaning_of(AnymailUnsupportedFeature("x"), hide=[])) is Refused
