"""The demonstration's campaign: two demands, one of them met in part, two deputies who spoke up, news and a partner."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Locale

from amparo.actions.campaigns import demanding, siding
from amparo.actions.models import CampaignPage, CampaignUpdate, PartnerLink
from amparo.web.demo.pages import COUNTRY, HELPED, paragraphs
from amparo.web.demo.places import NEIGHBOUR

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.content.models import Campaign, CreditedImage, HomePage
    from amparo.web.demo.texts import Days

#: The deputy who asked in the House.
ASKED = f"{COUNTRY}/house/VD-10"
PRESS = "https://house.vardania.example/record"


def add_campaign(
    home: HomePage,
    texts: Mapping[str, dict[str, Any]],
    days: Days,
    *,
    campaign: Campaign,
    portrait: CreditedImage,
    by: User,
    now: datetime,
) -> None:
    """Its records, and its page below the front page of every language; `texts` by language, the site's own first."""
    own, *others = texts
    _demand(campaign, texts, others, own=own, days=days, by=by, now=now)
    _speak_up(campaign, days=days, by=by, now=now)
    first = CampaignPage(campaign=campaign, portrait=portrait, slug=texts[own]["slug"])
    first.title = texts[own]["title"]
    home.add_child(instance=first)
    _write(first, texts[own], days)
    for language in others:
        twin = first.copy_for_translation(Locale.objects.get(language_code=language)).specific
        _write(twin, texts[language], days)


def _write(page: CampaignPage, words: dict[str, Any], days: Days) -> None:
    page.title, page.introduction, page.slug = words["title"], words["introduction"], words["slug"]
    page.body = [("heading", words["heading"]), *paragraphs(words["paragraphs"])]
    page.updates = [
        CampaignUpdate(
            dated=days.today - timedelta(days=int(update["days_ago"])),
            title=update["title"],
            text=f"<p>{update['text']}</p>",
        )
        for update in words["update"]
    ]
    port = urlsplit(settings.BASE_URL).port
    address = f"http://{NEIGHBOUR}:{port}/" if port else f"http://{NEIGHBOUR}/"
    page.partner_links = [
        PartnerLink(
            organization_name="Lanterns", title=words["partner_title"], url=address, hashtag="#Lanterns"
        )
    ]
    page.save_revision().publish()


def _demand(
    campaign: Campaign,
    texts: Mapping[str, dict[str, Any]],
    others: list[str],
    *,
    own: str,
    days: Days,
    by: User,
    now: datetime,
) -> None:
    """Two demands in three languages; the second is met in part."""
    made = [
        demanding.demand(
            campaign=campaign,
            text=text,
            translations={language: texts[language]["demands"][number] for language in others},
            by=by,
            now=now,
        )
        for number, text in enumerate(texts[own]["demands"])
    ]
    partly = demanding.Outcome(
        outcome="partly",
        dated=days.today - timedelta(days=24),
        sentence=texts[own]["outcome"],
        source=texts[own]["outcome_source"],
        translations={language: texts[language]["outcome"] for language in others},
    )
    demanding.record_outcome(demand=made[1], what=partly, by=by, now=now)


def _speak_up(campaign: Campaign, *, days: Days, by: User, now: datetime) -> None:
    for key, kind, days_ago, agrees in ((HELPED, "signed", 12, True), (ASKED, "asked", 10, False)):
        siding.raise_voice(
            campaign=campaign,
            who=siding.holder_of(key, organization=campaign.organization, now=now),
            kind=kind,
            dated=days.today - timedelta(days=days_ago),
            source_url=PRESS,
            agrees=agrees,
            by=by,
            now=now,
        )
