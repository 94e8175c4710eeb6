from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amparo.content.cards import cards_under
from amparo.content.models.base_page import BasePage

if TYPE_CHECKING:
    from django.http import HttpRequest


class HomePage(BasePage):
    """The front page: who we are, and what can be done today."""

    template = "web/home_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        cards = cards_under(self)
        context["actions"] = [card for card in cards if card.asks]
        context["pages"] = [card for card in cards if not card.asks]
        return context
