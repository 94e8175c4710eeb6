"""Mailings by a provider's programming interface: one request for many readers where it offers that.

django-anymail writes the request and reads the answer. Here is decided what may be in it, who is in one request, and
what becomes of each reader. Nothing is ever tracked: neither who opened a mail nor who followed a link.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from anymail.exceptions import AnymailError
from anymail.message import AnymailMessage
from django.utils.module_loading import import_string

from amparo.kit.smtp.failures import TemporaryFailure, Uncertain
from amparo.kit.work import place_of
from amparo.mailings import outcomes
from amparo.mailings.carriers.base import Loop
from amparo.mailings.carriers.batch_loop import BatchLoop, hearing_of
from amparo.mailings.carriers.known_providers import HELD_AT_ONCE
from amparo.mailings.carriers.provider_answers import Refused, meaning_of
from amparo.mailings.carriers.provider_texts import TOKEN, ProviderText
from amparo.mailings.carriers.smtp import MailCarrier
from amparo.mailings.wire.smtp_replies import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from amparo.mailings.carriers.known_providers import Provider
    from amparo.mailings.models import Mailing, MailingText
    from amparo.mailings.wire.destinations import Compiled
    from amparo.mailings.wire.feed import ChunkFeed, Mail
    from amparo.mailings.wire.send_log import SendLog

log = logging.getLogger(__name__)

#: A dot-atom (RFC 5322, 3.2.3) at a host, without what a provider may read as a place, a list or a quotation.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$&'*+/=?^_`|~-]+(?:\.[A-Za-z0-9!#$&'*+/=?^_`|~-]+)*@[A-Za-z0-9.-]+")
#: Single readers who are refused before a whole request is taken to be refused for what we wrote.
_ENOUGH = 3

_SENT = Verdict(outcomes.SENT, None, "", "")
_UNKNOWN = Verdict(outcomes.UNKNOWN, None, "", "")


class ProviderCarrier(MailCarrier):
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def is_address(self, text: str) -> bool:
        return _ADDRESS.fullmatch(text) is not None

    def compile_text(self, text: MailingText, *, mailing: Mailing, now: datetime) -> Compiled:  # noqa: ARG002
        return ProviderText(text, mailing=mailing, provider=self._provider)

    def open_loop(self, feed: ChunkFeed, log: SendLog, *, wake: Callable[[], None]) -> Loop:
        at_once = self._provider.at_once
        return BatchLoop(
            ProviderDelivery(self._provider),
            feed,
            log,
            at_once=at_once,
            held_at_once=min(at_once, HELD_AT_ONCE),
            requests=self._provider.requests,
            hearing=hearing_of(self._provider.name),
            wake=wake,
        )


class ProviderDelivery:
    """Hands batches to a provider (`batch_loop.Deliver`), from several threads; it asks the database nothing."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._backend = import_string(provider.backend)

    def __call__(self, batch: Sequence[Mail]) -> list[Verdict]:
        return _Batch(self._provider, self._backend, batch).verdicts()


class _Batch:
    """Some mails of one text, and what is known of each so far."""

    def __init__(self, provider: Provider, backend: Callable[..., Any], mails: Sequence[Mail]) -> None:
        self._provider, self._backend, self._mails = provider, backend, mails
        self._found: dict[int, Verdict] = {}
        self._has_taken = False
        self._refused_alone: dict[int, Refused] = {}

    def verdicts(self) -> list[Verdict]:
        """Raises `TemporaryFailure` and `Uncertain` where they hold for every mail."""
        for part in self._parts():
            self._hand_over(part)
        for at, refusal in self._refused_alone.items():
            # Where the same words were taken for others, it is something about this reader's address.
            self._found[at] = _failed(refusal) if self._has_taken else _ours(refusal)
        return [self._found[at] for at in range(len(self._mails))]

    def _parts(self) -> list[list[int]]:
        """Usually all at once; nobody stands twice in a request, in which a reader is known by the address."""
        parts: list[dict[str, int]] = []
        for at, mail in enumerate(self._mails):
            address = mail.address.lower()
            part = next((part for part in parts if address not in part), None)
            if part is None:
                part = {}
                parts.append(part)
            part[address] = at
        return [list(part.values()) for part in parts]

    def _hand_over(self, part: Sequence[int]) -> None:
        """One request; who is refused together with others is asked about again in halves, until it is known who."""
        try:
            answers = self._ask(part)
        except Refused as refusal:
            self._refused(part, refusal)
        except TemporaryFailure as failure:
            if not self._found:
                raise
            # Others of the batch were answered for already.
            later = Verdict(outcomes.TEMPORARY, failure.code, "", failure.reason)
            self._found.update(dict.fromkeys(part, later))
        except Uncertain:
            if len(part) == len(self._mails):
                raise
            self._found.update(dict.fromkeys(part, _UNKNOWN))
        except Exception as error:
            # A mistake of ours: nobody knows how far this part came, and of others it is known already.
            if len(part) == len(self._mails):
                raise
            log.error("A part of a batch: %s at %s.", type(error).__name__, place_of(error))
            self._found.update(dict.fromkeys(part, _UNKNOWN))
        else:
            self._has_taken = True
            self._found.update(zip(part, answers, strict=True))

    def _refused(self, part: Sequence[int], refusal: Refused) -> None:
        if len(part) == 1:
            self._refused_alone[part[0]] = refusal
        elif self._has_taken or len(self._refused_alone) < _ENOUGH:
            half = len(part) // 2
            self._hand_over(part[:half])
            self._hand_over(part[half:])
        else:
            self._found.update(dict.fromkeys(part, _ours(refusal)))

    # --- One request ---

    def _ask(self, part: Sequence[int]) -> list[Verdict]:
        mails = [self._mails[at] for at in part]
        message = _message(self._provider, mails)
        backend = self._backend()
        try:
            backend.open()
            # A redirect would carry our readers to wherever it leads, and a file in a home directory another login.
            backend.session.max_redirects = 0
            backend.session.trust_env = False
            backend.send_messages([message])
        except AnymailError as error:
            # Not chained: an error of the library holds the whole request, with addresses and names.
            raise meaning_of(error, hide=[mail.address for mail in mails]) from None
        finally:
            backend.close()
        answers = _by_address(message.anymail_status.recipients)
        misaddressed = self._provider.misaddressed(_read(message.anymail_status.esp_response), len(mails))
        for at in misaddressed:
            said = answers.setdefault(mails[at].address.lower(), set())
            said.add("refused")
        return [self._verdict(answers.get(mail.address.lower(), set()), answers) for mail in mails]

    def _verdict(self, said: set[str | None], answers: Mapping[str, set[str | None]]) -> Verdict:
        if said & {"sent", "queued"}:
            return _SENT
        for status in ("invalid", "rejected", "refused"):
            if status in said:
                return Verdict(
                    outcomes.FAILED,
                    None,
                    "",
                    f"the provider says: {status}",
                    is_permanent=status in self._provider.dead,
                )
        if "failed" in said:
            nobody = not any(each & {"sent", "queued"} for each in answers.values())
            return Verdict(outcomes.TEMPORARY, None, "", "the provider says: failed", is_ours=nobody)
        return _UNKNOWN


def _failed(refusal: Refused) -> Verdict:
    return Verdict(outcomes.FAILED, refusal.code, "", refusal.reason)


def _ours(refusal: Refused) -> Verdict:
    """Not taken for what we wrote, or who we are: nobody is blamed, and the mailing is paused (`refusals.Watch`)."""
    return Verdict(outcomes.TEMPORARY, refusal.code, "", refusal.reason, is_ours=True)


def _read(answer: Any) -> Any:
    """What a provider said, for what django-anymail does not read in it."""
    try:
        return answer.json()
    except (AttributeError, ValueError):
        return None


def _by_address(recipients: Mapping[str, Any]) -> dict[str, set[str | None]]:
    """What was said of each address; providers change the case of its letters."""
    found: dict[str, set[str | None]] = {}
    for address, answer in recipients.items():
        found.setdefault(address.lower(), set()).add(answer.status)
    return found


def _message(provider: Provider, mails: Sequence[Mail]) -> AnymailMessage:
    """What is handed to django-anymail: the text once with everybody's values, or one reader's whole mail.

    One reader is never handed over as a batch of one: for Mailjet, django-anymail 15.2 loses the values then.
    """
    text: ProviderText = mails[0].letter.text
    message = AnymailMessage(
        from_email=text.sender,
        to=[mail.address for mail in mails],
        reply_to=[text.reply_to],
        # Nobody is watched while they read.
        track_opens=False,
        track_clicks=False,
    )
    if len(mails) > 1:
        message.subject, message.body, html = text.subject, text.text, text.html
        message.merge_data = {mail.address: dict(mail.letter.values) for mail in mails}
        message.merge_headers = {mail.address: dict(mail.letter.headers) for mail in mails}
        message.merge_metadata = {mail.address: {TOKEN: mail.letter.token} for mail in mails}
        message.esp_extra = dict(provider.options)
    else:
        (mail,) = mails
        message.subject, message.body, html = text.filled(mail.letter)
        message.extra_headers = dict(mail.letter.headers)
        message.metadata = {TOKEN: mail.letter.token}
    if html:
        message.attach_alternative(html, "text/html")
    return message
