"""What every kind of bundle has to know of what is in it: letters, or names."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.hand_over.addressees import Addressee
    from amparo.actions.models import HandOver

    Write = Callable[[bytes], object]
    Beat = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A document as it became: its pages, and how many letters or signatures are in it."""

    sheets: int
    count: int


class Contents(Protocol):
    """Letters and names alike; a module with these functions is one."""

    def gather(self, hand_over: HandOver, *, now: datetime) -> None:
        """Put into the bundle what belongs there; may be called again after a worker died over it."""

    def standing(self, hand_over: HandOver) -> Hashable:
        """What the bundle holds, as a value that is another one when somebody left it; false when it is empty."""

    def draw(
        self, hand_over: HandOver, *, addressee: Addressee, write: Write, beat: Beat, now: datetime
    ) -> Drawn:
        """Write the document, calling `beat` after each part of it. Raises `pdf.CannotDraw`."""

    def beside(self, hand_over: HandOver, *, now: datetime) -> None:
        """Make the other files of the bundle."""

    def follow(self, hand_over: HandOver, *, now: datetime) -> None:
        """The bundle arrived, or probably did: what is in it follows, and those who should know are told."""

    def give_back(self, hand_over: HandOver, *, reason: str, now: datetime) -> None:
        """The bundle is given up before it left."""

    def lapse(self, hand_over: HandOver, *, now: datetime) -> None:
        """Nobody handed the bundle over in time."""

    def come_back(self, hand_over: HandOver, *, now: datetime) -> None:
        """The bundle was sent and returned, and is ours again."""
