"""Where messages of one kind go, and what a text is once it can be filled in: what all parts of the sender agree on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amparo.mailings.merge_fields import Readers
    from amparo.supporters.models import Channel


class Compiled(Protocol):
    """A text ready to be filled in for any number of readers."""

    pk: UUID

    def letters(
        self, readers: Readers, addresses: Sequence[bytes], *, chunk: int, positions: Sequence[int]
    ) -> Sequence[Any]:
        """What leaves for each of some readers of one chunk, in their order."""


class Destination(ABC):
    """Mailboxes, or telephones."""

    channel: ClassVar[Channel]
    #: The supporter's sealed column that says where a message goes.
    column: ClassVar[str]

    @abstractmethod
    def is_address(self, text: str) -> bool:
        """Whether a message can be sent there at all."""

    @abstractmethod
    def digests_of(self, address: str) -> Sequence[str]:
        """Under which digests this address may be suppressed."""
