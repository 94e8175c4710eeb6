"""Text messages of a demonstration: each is a mail to the mailbox that catches everything, and nothing leaves."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from django.http import HttpResponse

from amparo.kit.smtp import PermanentFailure
from amparo.mailings import outcomes
from amparo.mailings.texts.providers import (
    NotSigned,
    OneText,
    ReceivedAnswer,
    ReceivedReport,
    TextProvider,
    text_providers,
)
from amparo.mailings.transport import mail_server
from amparo.mailings.wire.smtp_replies import Verdict

if TYPE_CHECKING:
    from django.http import HttpRequest

#: Nobody's domain (RFC 2606).
_DOMAIN = "text-message.invalid"


@text_providers.register("catcher")
class Catcher(TextProvider):
    def hand_over(self, text: OneText) -> Verdict:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"texts@{_DOMAIN}"
        mail["To"] = f"{text.to.removeprefix('+')}@{_DOMAIN}"
        mail["Subject"] = f"Text message to {text.to}"
        mail.set_content(text.words)
        try:
            mail_server().send(
                mail.as_bytes(),
                envelope_from=f"texts@{_DOMAIN}",
                recipient=f"{text.to.removeprefix('+')}@{_DOMAIN}",
                before_data=lambda: None,
            )
        except PermanentFailure as failure:
            return Verdict(outcomes.FAILED, None, "", failure.reason)
        return Verdict(outcomes.SENT, None, "", "")

    def answer_in(self, request: HttpRequest, *, url: str) -> ReceivedAnswer:  # noqa: ARG002
        """Nobody answers a mailbox."""
        raise NotSigned

    def report_in(self, request: HttpRequest, *, url: str) -> ReceivedReport:  # noqa: ARG002
        raise NotSigned

    def thanks(self) -> HttpResponse:
        return HttpResponse()
