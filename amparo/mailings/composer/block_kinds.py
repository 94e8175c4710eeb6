"""What a mailing is made of: kinds of block, each offered by the floor that knows what it shows.

A kind is one class, registered in `mail_blocks.py` of any app. It says what the composer asks for, and draws the same
thing twice: as a piece of HTML for mail programs, and as plain words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from wagtail import blocks

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrOrPromise
    from django.utils.safestring import SafeString

    from amparo.mailings.composer.frame import Frame
    from amparo.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Drawn:
    """One block of a mail: its HTML, safe as it is, and the same in plain words, whose lines may be of any length.

    `bleeds`: it reaches from edge to edge, as pictures do.
    """

    html: SafeString
    text: str
    bleeds: bool = False


class MailBlock(ABC):
    """One kind of block."""

    label: ClassVar[_StrOrPromise]
    #: One of Wagtail's icons.
    icon: ClassVar[str] = "placeholder"
    #: Where it stands in the composer's list; the built-in kinds have tens from 10 to 80.
    order: ClassVar[int] = 50
    #: Whether it gives readers something to do: a mailing should have one such block.
    asks: ClassVar[bool] = False

    @abstractmethod
    def fields(self, organization: Organization) -> blocks.Block:
        """What the composer asks for; only what is this organization's may be offered to be chosen."""

    @abstractmethod
    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        """The block in a mail; None where what it shows cannot be shown (any more)."""

    def complaints(self, value: Any, frame: Frame) -> Iterable[str]:  # noqa: ARG002 - most kinds have none
        """A sentence for each thing that staff should mend before it is sent."""
        return ()


mail_blocks: Registry[type[MailBlock]] = Registry("mail block")


def stream_for(organization: Organization) -> blocks.StreamBlock:
    """The composer's field: every kind of block, in the order of the list, with what this organization may choose."""
    kinds = sorted(mail_blocks.items(), key=lambda pair: (pair[1].order, pair[0]))
    offered = []
    for slug, kind in kinds:
        block = kind().fields(organization)
        block.meta.label, block.meta.icon = kind.label, kind.icon
        block.label = str(kind.label)
        if isinstance(block, (blocks.CharBlock, blocks.ChoiceBlock)):
            # Wagtail writes no label beside the only field of a block.
            block.field.widget.attrs["aria-label"] = block.label
        offered.append((slug, block))
    return blocks.StreamBlock(offered, required=False)
