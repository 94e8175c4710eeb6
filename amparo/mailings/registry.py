"""Who writes the text of a notice: one class per kind, offered by the floor that knows what it is about."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.models import Notice


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one notice: a subject of one line and a plain text body."""

    subject: str
    body: str


class NoticeKind(ABC):
    """Writes the notices of one kind, in the reader's language, at the moment they leave."""

    @abstractmethod
    def write(self, notice: Notice) -> Text | None:
        """The words, or None when there is nothing left to say (what it was about is gone)."""

    def after_sending(self, notice: Notice, *, now: datetime) -> None:  # noqa: B027 - most kinds need nothing
        """What follows once it left, such as a link's time beginning to run."""


notice_kinds: Registry[type[NoticeKind]] = Registry("kind of notice")
