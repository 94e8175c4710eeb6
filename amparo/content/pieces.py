"""Pieces that an upper floor draws inside a page, from records of its own, so that a page never reaches up for them.

Register an object with a `label` and a method `draw` in an app's `page_pieces.py`; editors find it in every page's body
under *From the register*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from amparo.content.insets import Inset
    from amparo.organizations.models import Organization


class Piece(Protocol):
    """Something that can stand in a page's body."""

    #: What editors choose it by.
    label: _StrOrPromise

    def draw(self, *, organization: Organization, narrowed_to: str) -> Inset | None:
        """The template and what it needs, as readers may see it; None when there is nothing to show.

        `narrowed_to` is what the editor typed, such as a country's code; empty for everything.
        """


page_pieces: Registry[Piece] = Registry("page piece")


def on_offer() -> list[tuple[str, str]]:
    """Slugs and labels, for the editor's list."""
    return [(slug, str(piece.label)) for slug, piece in page_pieces.items()]
