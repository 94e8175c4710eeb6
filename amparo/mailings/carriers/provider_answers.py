"""What a provider's answer to a request means, and what it means when none came.

Only two things may be tried again without fear: what was refused, and what never left. Whatever else went wrong after
the request was written leaves its readers unknown. An error of the provider's own (500) is no refusal: customers of
Mailgun found mails delivered that it had answered with one (feedback.mailgun.com).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from anymail.exceptions import AnymailAPIError, AnymailError

from amparo.kit.smtp.failures import DeliveryFailure, TemporaryFailure, Uncertain, reason_in

if TYPE_CHECKING:
    from collections.abc import Sequence

#: RFC 9110, 15.6.4: the one error of a server by which it says that it does nothing just now.
_AWAY = 503
#: The key is not taken, the account may not send, or has to be paid.
_LOGIN = frozenset({401, 402, 403})
#: 420 is Mailgun's, where a new account has sent as much as it may in this hour (github.com/mailgun/mailgun-java, 50).
_NEVER_TAKEN = frozenset({408, 420, 425, 429, _AWAY})
LONGEST_WAIT = timedelta(hours=1)
#: What the libraries below raise before a request is written. By name: only `kit.http` knows them.
_BEFORE_WRITING = frozenset(
    {"ConnectTimeout", "ConnectTimeoutError", "NewConnectionError", "TooManyRedirects"}
)
#: OpenSSL's words for a handshake that failed, in which nothing of a request is said.
_HANDSHAKE = (
    "CERTIFICATE_VERIFY_FAILED",
    "WRONG_VERSION_NUMBER",
    "HANDSHAKE_FAILURE",
    "UNSUPPORTED_PROTOCOL",
)
_DEPTH = 12


class Refused(Exception):  # noqa: N818 - a fact about a request
    """The provider took nothing of a request because of what is in it."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def meaning_of(error: AnymailError, *, hide: Sequence[str]) -> DeliveryFailure | Refused:
    """What follows from a request that did not end in an acceptance; the words are kept without addresses."""
    status = getattr(error, "status_code", None)
    if status is None:
        return _no_answer(error)
    reason = _words_of(error, hide=hide) or f"the provider answered {status}"
    if status in _LOGIN:
        return TemporaryFailure(stage="auth", code=status, reason=reason)
    if status in _NEVER_TAKEN or 300 <= status < 400:
        return TemporaryFailure(stage="data", code=status, reason=reason, retry_after=_wait_of(error))
    if status >= 500 or status < 300:
        # A success that cannot be read is one all the same, of we do not know what.
        return Uncertain(stage="body", code=status, reason=reason)
    return Refused(status, reason)


def _no_answer(error: AnymailError) -> DeliveryFailure | Refused:
    if not isinstance(error, AnymailAPIError):
        # It was not even sent: something in it cannot be said to this provider.
        return Refused(None, f"this mail cannot be handed to the provider ({type(error).__name__})")
    if _never_left(error):
        return TemporaryFailure(stage="connect", reason="the provider cannot be reached")
    return Uncertain(stage="body", reason="the provider's answer never came")


def _never_left(error: BaseException) -> bool:
    for cause in _causes(error):
        if _BEFORE_WRITING.intersection(kind.__name__ for kind in type(cause).__mro__):
            return True
        if isinstance(cause, (socket.gaierror, ConnectionRefusedError)):
            return True
        if isinstance(cause, ssl.SSLError) and any(word in str(cause) for word in _HANDSHAKE):
            return True
    return False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it wraps: libraries keep it in several places."""
    waiting, seen = [error], 0
    while waiting and seen < _DEPTH:
        one = waiting.pop(0)
        seen += 1
        yield one
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        waiting += [each for each in inner if isinstance(each, BaseException)]


def _words_of(error: AnymailError, *, hide: Sequence[str]) -> str:
    """The provider's own words, from the field in which each of them puts them."""
    response = error.response
    try:
        said = response.json()
    except (AttributeError, ValueError):
        return ""
    if not isinstance(said, dict):
        return ""
    words = next((said[name] for name in ("message", "Message", "ErrorMessage") if said.get(name)), "")
    return reason_in(str(words), hide=tuple(hide))


def _wait_of(error: AnymailError) -> timedelta | None:
    """How long the provider asks to wait (RFC 9110, 10.2.3), when it says so in seconds."""
    given = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return min(timedelta(seconds=int(given)), LONGEST_WAIT) if given.isdecimal() and len(given) < 9 else None
