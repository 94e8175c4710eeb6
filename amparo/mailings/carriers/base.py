"""What a carrier is, and what the sender of mailings asks of the parts it brings."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Protocol

from amparo.mailings.wire.destinations import Compiled, Destination

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from amparo.mailings.models import Mailing, MailingText
    from amparo.mailings.wire.feed import ChunkFeed
    from amparo.mailings.wire.send_log import SendLog


class Loop(Protocol):
    """Takes mails from the feed and tells it what became of each, in a thread of its own."""

    #: Why nothing leaves, and whether that is about our login.
    trouble: str
    trouble_is_ours: bool
    #: What ended it, where that was not `stop`.
    error: BaseException | None

    def start(self) -> None: ...

    def call(self, deed: Callable[..., object], *words: object) -> None:
        """Do something of the feed's in the loop's thread, and look for work."""

    def stop(self, *, seconds: float) -> None:
        """Begin nothing further, wait for the answers to what is under way, and end."""

    @property
    def is_alive(self) -> bool: ...


class Carrier(Destination):
    """One way out, to one kind of destination."""

    @abstractmethod
    def compile_text(self, text: MailingText, *, mailing: Mailing, now: datetime) -> Compiled:
        """The text ready to be filled in. Raises `compiling.CannotCompile`."""

    @abstractmethod
    def open_loop(self, feed: ChunkFeed, log: SendLog, *, wake: Callable[[], None]) -> Loop:
        """What talks to the outside, not started. Called once a session, in the database's thread."""
