"""What the page of a campaign is made of: cases, demands, asks, news, partners, and who spoke up already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.actions.campaigns import partner_links, response_wall, siding
from amparo.actions.models import ActionPage, CampaignDemand, Voice
from amparo.cases.models import CasePage
from amparo.content.cards import Card, card_of, cards_under

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from wagtail.models import Locale

    from amparo.actions.campaigns.response_wall import Entry
    from amparo.actions.models import CampaignPage, CampaignUpdate, PartnerLink
    from amparo.content.models import Campaign

#: Answers that stand on the campaign's own page; the others are one link away.
MOST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Side:
    """How many in office are known to stand where, on one demand."""

    supports: int
    undecided: int
    opposes: int

    @property
    def known(self) -> int:
        return self.supports + self.undecided + self.opposes


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything the page of a campaign needs."""

    cases: Sequence[Card]
    demands: Sequence[tuple[CampaignDemand, Side]]
    asks: Sequence[Card]
    others: Sequence[Card]
    updates: Sequence[CampaignUpdate]
    partners: Sequence[PartnerLink]
    voices: Sequence[Voice]
    answers: Sequence[Entry]


def shown(page: CampaignPage, *, now: datetime) -> Shown:
    """The campaign for its page, in the language being read."""
    asking, reading = _asks(page, now=now)
    return Shown(
        cases=_cases(page),
        demands=demands_of(page),
        asks=asking,
        others=[*reading, *cards_under(page)],
        updates=list(page.updates.select_related("image").order_by("-dated", "-pk")),
        partners=partner_links.shown(page),
        voices=voices_of(page),
        answers=response_wall.of_campaign(page.campaign)[: MOST_ANSWERS + 1] if page.shows_answers else [],
    )


def demands_of(page: CampaignPage) -> list[tuple[CampaignDemand, Side]]:
    """What the campaign demands, with where those in office stand on each."""
    demands = list(CampaignDemand.objects.standing().filter(campaign=page.campaign))
    stances = siding.on_demands(demands)
    counted = []
    for demand in demands:
        sides = [stance.side for stance in stances if stance.demand_id == demand.pk]
        counted.append(
            (demand, Side(sides.count("supports"), sides.count("undecided"), sides.count("opposes")))
        )
    return counted


def voices_of(page: CampaignPage) -> list[Voice]:
    """Who spoke up, the latest first."""
    return list(Voice.objects.raised().filter(campaign=page.campaign))


def _cases(page: CampaignPage) -> list[Card]:
    """The cases of the campaign that lists may name; of two pages of one case, the one in the page's own language."""
    pages = CasePage.objects.live().public().filter(case__campaign=page.campaign)
    found = pages.select_related("case__organization", "case__person", "locale").order_by("title", "pk")
    by_case = {}
    for each in sorted(found, key=lambda one: one.locale_id == page.locale_id):
        by_case[each.case_id] = each
    cards = [card_of(each) for each in by_case.values()]
    return sorted((card for card in cards if card.title), key=lambda card: card.title.casefold())


def _asks(page: CampaignPage, *, now: datetime) -> tuple[list[Card], list[Card]]:
    """What can be done now, the most urgent first; and what can be read of the campaign's other pages."""
    cards = cards_of(page.campaign, locale=page.locale, now=now)
    return [card for card in cards if card.asks], [card for card in cards if not card.asks]


def cards_of(campaign: Campaign, *, locale: Locale, now: datetime) -> list[Card]:
    """The pages of a campaign on which something can be done now, the most urgent first."""
    pages = ActionPage.objects.live().public().filter(campaign=campaign, locale=locale)
    open_now = [each for each in pages.order_by("title").specific() if each.takes_actions(now=now)]
    open_now.sort(key=lambda each: (each.deadline is None, each.deadline or now))
    return [each.card() for each in open_now]
