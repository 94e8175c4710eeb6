"""What a provider of text messages is: it takes one text, and it tells us what became of some, and who answered.

Each is one class in one file of `text_providers`, registered under the name that AMPARO_SMS_PROVIDER has. Handed a
text, it says what became of it, or raises: `TemporaryFailure` when nothing was taken (its stage is "auth" when our
login was refused, which pauses the mailing), `Uncertain` when nobody knows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest, HttpResponse

    from amparo.kit.findings import Finding
    from amparo.mailings.delivery_reports import Fate
    from amparo.mailings.wire.smtp_replies import Verdict


#: What findings about text messages are about (`amparo doctor`).
SUBJECT = "texts"


@dataclass(frozen=True, slots=True)
class OneText:
    """One text on its way. `report_to` is the address to which the provider reports; empty where it cannot reach us."""

    to: str
    sender: str
    words: str
    report_to: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedAnswer:
    """Somebody's answer, and under what it came in; `is_stop` where the provider itself took it for that."""

    number: str
    to: Sequence[str]
    words: str
    is_stop: bool = False


@dataclass(frozen=True, slots=True)
class ReceivedReport:
    """What became of one text. `is_stop`: the network refuses it because its reader answered STOP before."""

    fate: Fate
    code: str = ""
    reason: str = ""
    is_stop: bool = False


class NotSigned(Exception):  # noqa: N818 - named as the fact
    """A request that the provider did not make."""


class TextProvider(ABC):
    """One provider. Made where a setting may be read; `hand_over` is called from several threads at once."""

    @abstractmethod
    def hand_over(self, text: OneText) -> Verdict:
        """Hand one text over; the verdict's outcome may also be SENT. Raises `TemporaryFailure` and `Uncertain`."""

    @abstractmethod
    def answer_in(self, request: HttpRequest, *, url: str) -> ReceivedAnswer:
        """The answer in a request that was made to `url`. Raises `NotSigned`."""

    @abstractmethod
    def report_in(self, request: HttpRequest, *, url: str) -> ReceivedReport:
        """The report in one. Raises `NotSigned`."""

    @abstractmethod
    def thanks(self) -> HttpResponse:
        """What the provider wants to hear, whoever it was about."""

    def look(self) -> Iterator[Finding]:
        """Whether it would take a text, found out without sending one; a provider that cannot be asked says nothing."""
        yield from ()


text_providers: Registry[type[TextProvider]] = Registry("provider of text messages")


def provider() -> TextProvider:
    """The one that this installation uses. Raises `KeyError` where it sends no texts."""
    return text_providers.get(settings.AMPARO_SMS_PROVIDER)()
