"""What this floor puts under pages of lower ones: what can be done for a case, and a form to follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from amparo.actions.campaigns import campaign_showing
from amparo.actions.followers.following_form import FollowForm
from amparo.cases.models import CasePage
from amparo.content.insets import Inset, added_forms

if TYPE_CHECKING:
    from wagtail.models import Page


#: More buttons than this, and a reader presses none.
MOST_ASKS = 3


@added_forms.register("asks_of_case")
def asks_of_case(page: Page) -> Inset | None:
    """What the case's campaign asks for now, the most urgent first; nothing where the page says it in its own words."""
    if not isinstance(page, CasePage) or page.case.campaign is None or page.body:
        return None
    cards = campaign_showing.cards_of(page.case.campaign, locale=page.locale, now=timezone.now())
    asks = [card for card in cards if card.asks][:MOST_ASKS]
    return Inset("actions/_asks_of_case.html", {"asks": asks}) if asks else None


@added_forms.register("follow_case")
def follow_case(page: Page) -> Inset | None:
    """The empty form, under a case. It posts to an address without the case's name."""
    if not isinstance(page, CasePage):
        return None
    return Inset(
        "actions/_follow_form.html",
        {
            "follow": FollowForm(page=page),
            "follow_url": reverse("follow_case", args=[page.pk]),
            "challenge_url": reverse("proof"),
            "carried": [],
        },
    )
