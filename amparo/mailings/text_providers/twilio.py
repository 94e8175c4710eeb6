"""Text messages by Twilio's interface; AMPARO_SMS_URL names another of its regions.

https://www.twilio.com/docs/messaging/api/message-resource for what is sent, https://www.twilio.com/docs/api/errors for
what the numbers mean, https://www.twilio.com/docs/usage/security for how Twilio signs what it tells us.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse

from amparo.kit import http
from amparo.kit.findings import Finding
from amparo.kit.smtp.failures import TemporaryFailure, Uncertain, reason_in
from amparo.mailings import outcomes
from amparo.mailings.texts.providers import (
    SUBJECT,
    NotSigned,
    OneText,
    ReceivedAnswer,
    ReceivedReport,
    TextProvider,
    text_providers,
)
from amparo.mailings.wire.smtp_replies import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest

    from amparo.mailings.delivery_reports import Fate

#: Who may be asked; a test has its server on this very machine.
GUARD = http.PUBLIC
#: Seconds for one text: fewer than a session waits for its last answers. Twilio answers within one.
SECONDS = 15.0
#: Seconds for the question whether the account is in order.
LOOK_SECONDS = 5.0
#: Bytes of an answer: it repeats the text, at most 1,600 characters.
MOST_BYTES = 64 * 1024

#: The number cannot get a text at all: invalid, not a mobile telephone's, unknown to its network, a landline.
_NO_SUCH_NUMBER: Final = {"21211", "21214", "21217", "21614", "21635", "30005", "30006"}
#: Its reader answered STOP to this sender.
_STOPPED: Final = {"21610"}
#: About this reader and no fault of the number: its country is not allowed to this account, or no way leads there.
_NOT_THERE: Final = {"21408", "21612"}
#: Switched off, out of reach, or the network does not say (status callbacks).
_NOT_NOW: Final = {"30003", "30008"}
#: Too fast, or ten hours' worth of texts wait at Twilio already.
_TOO_MANY: Final = {"20429", "14107", "21611", "30001", "30022"}
_LOGIN: Final = {"20003", "20005", "20006", "20008"}
#: What is at least as long as a telephone number, and is taken out of what the provider says.
_DIGITS = re.compile(r"\+?\d[\d\s().-]{4,}\d")
_FINE = {"accepted", "scheduled", "queued", "sending", "sent", "delivered", "read", "receiving", "received"}


@text_providers.register("twilio")
class Twilio(TextProvider):
    def __init__(self) -> None:
        account = settings.AMPARO_SMS_ACCOUNT
        self._login = (account, settings.AMPARO_SMS_TOKEN)
        self._account_url = f"{settings.AMPARO_SMS_URL}/2010-04-01/Accounts/{quote(account, safe='')}"
        self._url = f"{self._account_url}/Messages.json"

    def hand_over(self, text: OneText) -> Verdict:
        from_whom = "MessagingServiceSid" if text.sender.startswith("MG") else "From"
        fields = {"To": text.to, from_whom: text.sender, "Body": text.words}
        if text.report_to:
            fields["StatusCallback"] = text.report_to
        try:
            answer = http.post(
                self._url,
                fields=fields,
                login=self._login,
                guard=GUARD,
                seconds=SECONDS,
                most_bytes=MOST_BYTES,
            )
        except http.AnswerLost:
            raise Uncertain(stage="body", reason="the provider's answer never came") from None
        except (http.NoAnswer, http.NotAskedThere) as refusal:
            raise TemporaryFailure(stage="connect", reason=str(refusal)) from None
        if answer.is_there:
            return Verdict(outcomes.SENT, None, "", "")
        return _verdict_on(answer)

    def answer_in(self, request: HttpRequest, *, url: str) -> ReceivedAnswer:
        told = self._signed(request, url=url)
        return ReceivedAnswer(
            number=told.get("From", ""),
            to=[name for name in (told.get("To", ""), told.get("MessagingServiceSid", "")) if name],
            words=told.get("Body", ""),
            is_stop=told.get("OptOutType", "").upper() == "STOP",
        )

    def report_in(self, request: HttpRequest, *, url: str) -> ReceivedReport:
        told = self._signed(request, url=url)
        code = told.get("ErrorCode", "")
        if told.get("MessageStatus", "").lower() in _FINE:
            return ReceivedReport("fine")
        return ReceivedReport(
            _fate_of(code),
            code=code,
            reason=_without_numbers(told.get("ErrorMessage", "") or told.get("MessageStatus", "")),
            is_stop=code in _STOPPED,
        )

    def thanks(self) -> HttpResponse:
        """An empty answer in Twilio's markup: nothing is texted back."""
        return HttpResponse(
            '<?xml version="1.0" encoding="UTF-8"?><Response></Response>', content_type="text/xml"
        )

    def look(self) -> Iterator[Finding]:
        try:
            answer = http.ask(
                f"{self._account_url}.json",
                login=self._login,
                guard=GUARD,
                seconds=LOOK_SECONDS,
                most_bytes=MOST_BYTES,
            )
        except (http.NoAnswer, http.NotAskedThere, http.TooLong) as refusal:
            yield Finding(
                SUBJECT, "bad", f"Twilio cannot be asked: {refusal}",
                "Look whether this server may ask others over HTTPS, and at AMPARO_SMS_URL.",
            )  # fmt: skip
            return
        state = _told_in(answer.body)
        if answer.status in {401, 403}:
            yield Finding(
                SUBJECT, "bad", f"Twilio does not take our token ({answer.status}).",
                "Look at AMPARO_SMS_ACCOUNT and AMPARO_SMS_TOKEN; each region has a token of its own.",
            )  # fmt: skip
        elif not answer.is_there:
            yield Finding(
                SUBJECT, "note", f"Twilio answers {answer.status}, which says nothing of our account."
            )
        elif state.get("status") != "active":
            yield Finding(
                SUBJECT, "bad", f"our account is {str(state.get('status'))[:20]} at Twilio.",
                "Ask Twilio why; until then no text leaves.",
            )  # fmt: skip
        elif state.get("type") == "Trial":
            yield Finding(
                SUBJECT,
                "note",
                "our account is on trial: Twilio takes texts to numbers alone that it verified.",
            )
        else:
            yield Finding(SUBJECT, "good", "Twilio takes our token, and the account is active.")

    def _signed(self, request: HttpRequest, *, url: str) -> dict[str, str]:
        """What was posted, if Twilio posted it: the address and all fields in order, under our token."""
        told = {name: request.POST.getlist(name) for name in request.POST}
        said = url + "".join(name + value for name in sorted(told) for value in sorted(set(told[name])))
        ours = hmac.new(settings.AMPARO_SMS_TOKEN.encode(), said.encode(), hashlib.sha1).digest()
        given = request.headers.get("X-Twilio-Signature", "")
        if not hmac.compare_digest(base64.b64encode(ours), given.encode("utf-8", "replace")):
            raise NotSigned
        return {name: values[-1] for name, values in told.items()}


def _verdict_on(answer: http.Answer) -> Verdict:
    """What a refusal comes to.

    Raises `TemporaryFailure` for what is about the provider, or our account with it, and `Uncertain` when it broke over
    the text: then nobody knows whether it left.
    """
    code, said = _error_in(answer.body)
    reason = _without_numbers(said) or f"the provider answered {answer.status}"
    # First what is said of this reader: some of it comes with a status that elsewhere is about the account.
    if code in _STOPPED:
        return Verdict(outcomes.WITHDRAWN, None, code, reason)
    if code in _NO_SUCH_NUMBER:
        return Verdict(outcomes.FAILED, None, code, reason, is_permanent=True)
    if code in _NOT_THERE:
        return Verdict(outcomes.FAILED, None, code, reason)
    if answer.status in {401, 403, 404} or code in _LOGIN:
        raise TemporaryFailure(stage="auth", reason=reason, code=answer.status)
    if answer.status in {429, 503} or code in _TOO_MANY or answer.status < 400:
        raise TemporaryFailure(
            stage="connect", reason=reason, code=answer.status, retry_after=_wait_in(answer.headers)
        )
    if answer.status >= 500:
        raise Uncertain(stage="body", reason=reason, code=answer.status)
    return Verdict(outcomes.TEMPORARY, None, code, reason, is_ours=True)


def _error_in(body: bytes) -> tuple[str, str]:
    """Twilio's number for what is wrong, and its words."""
    told = _told_in(body)
    return str(told.get("code") or "")[:12], str(told.get("message") or "")


def _told_in(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _wait_in(headers: Mapping[str, str]) -> timedelta | None:
    """How many seconds we are asked to wait (RFC 9110, 10.2.3)."""
    said = headers.get("retry-after", "")
    return timedelta(seconds=min(int(said), 3600)) if said.isdecimal() else None


def _without_numbers(said: str) -> str:
    return _DIGITS.sub("(number)", reason_in(said))


def _fate_of(code: str) -> Fate:
    if code in _NO_SUCH_NUMBER:
        return "gone"
    return "given_up" if code in _NOT_NOW else "refused"
