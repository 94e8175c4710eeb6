"""How a page draws itself as a card elsewhere, so that a lower floor never reaches up for it.

A page type that wants a card of its own has a method `card()`; any other is shown by its title and introduction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amparo.content.brace_words import tell

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
    #: When it must have happened, as `web/templates/actions/_deadline.html` says it.
    hour: Any = None
    portrait: Any = None
    #: How many did what is asked, as a sentence.
    counted: str = ""


def cards_under(page: Page) -> list[Card]:
    """The cards of the live children of `page`, in the order of the tree."""
    return [card_of(child) for child in page.get_children().live().public().specific()]


def card_of(page: Page) -> Card:
    if hasattr(page, "card"):
        card: Card = page.card()
        return card
    return Card(title=page.title, text=_introduction(page), url=page.url or "")


def _introduction(page: Any) -> str:
    """As readers read it: with its words in braces filled in."""
    text: str = getattr(page, "introduction", "")
    return tell(text, organization=page.owning_organization).text if "{" in text else text
