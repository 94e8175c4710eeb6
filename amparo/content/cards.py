"""How a page draws itself as a card elsewhere, so that a lower floor never reaches up for it.

A page type that wants a card of its own has a method `card()`; any other is shown by its title and introduction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wagtail.models import Page


@dataclass(frozen=True, slots=True)
class Card:
    """What a list of pages shows of one: `asks` tells a page that asks something of the reader."""

    title: str
    text: str
    url: str
    asks: bool = False
    call: str = ""
    deadline: datetime | None = None
    deadline_label: str = ""
    portrait: Any = None
    confirmed: int = 0


def cards_under(page: Page) -> list[Card]:
    """The cards of the live children of `page`, in the order of the tree."""
    return [card_of(child) for child in page.get_children().live().public().specific()]


def card_of(page: Page) -> Card:
    if hasattr(page, "card"):
        card: Card = page.card()
        return card
    return Card(title=page.title, text=getattr(page, "introduction", ""), url=page.url or "")
