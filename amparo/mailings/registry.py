"""Who writes the text of a notice: one class per kind, offered by the floor that knows what it is about."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import _StrOrPromise

    from amparo.mailings.models import Mailing, Notice


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one notice: a subject of one line, a plain text body, headers to leave by."""

    subject: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WholeMail:
    """A notice whose every byte is made already, headers and all."""

    content: bytes


class NoticeKind(ABC):
    """Writes the notices of one kind, in the reader's language, at the moment they leave."""

    @abstractmethod
    def write(self, notice: Notice) -> Text | WholeMail | None:
        """The words, or None when there is nothing left to say (what it was about is gone)."""

    def after_sending(self, notice: Notice, *, now: datetime) -> None:  # noqa: B027 - most kinds need nothing
        """What follows once it left, such as a link's time beginning to run."""


notice_kinds: Registry[type[NoticeKind]] = Registry("kind of notice")


class MailingResult(ABC):
    """Something that readers did after a mailing, counted by the floor that knows of it."""

    #: As a row of the report is called.
    name: ClassVar[_StrOrPromise]

    @abstractmethod
    def count(self, mailing: Mailing) -> int:
        """How many; of a mailing as a whole, and never of a person."""

    def by_variant(self, mailing: Mailing) -> dict[str, int]:  # noqa: ARG002 - most are not known by variant
        """How many people by the letter of the variant that they got, where that is known."""
        return {}


mailing_results: Registry[type[MailingResult]] = Registry("result of a mailing")
