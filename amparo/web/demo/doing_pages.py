"""The demonstration's call, letter on paper, share page and partner's action."""

from __future__ import annotations

import tomllib
from datetime import time
from typing import TYPE_CHECKING, Any

from amparo.actions.models import (
    ActionPage,
    CallPage,
    EmailTargetPage,
    PartnerPage,
    PostalLetterPage,
    SharePage,
)
from amparo.actions.models.action_page import Demand
from amparo.web.demo.pages import COUNTRY, MINISTER, paragraphs
from amparo.web.demo.texts import DATA

if TYPE_CHECKING:
    from amparo.content.models import Campaign, CreditedImage, HomePage
    from amparo.web.demo.texts import Days

#: On Vardania's own clock, which is that of the organization.
HOURS = time(9), time(16, 30)


def add_doing_pages(
    home: HomePage, days: Days, *, campaign: Campaign, portrait: CreditedImage | None
) -> None:
    """All four, live, below the front page of the site's first language."""
    words = tomllib.loads((DATA / "doing.toml").read_text(encoding="utf-8"))
    _add_call(home, words["call"], days, campaign=campaign, portrait=portrait)
    _add_letter_on_paper(home, words["postal"], days, campaign=campaign)
    _publish(
        SharePage(
            shared=EmailTargetPage.objects.child_of(home).get(slug="mira").actionpage_ptr,
            **_least(words["share"], campaign=campaign),
            **_some(words["share"], "message", "short_message", "mail_subject"),
        ),
        home,
        words["share"],
    )
    _publish(
        PartnerPage(
            **_least(words["partner"], campaign=campaign),
            **_some(words["partner"], "partner", "partner_url", "what_is_met", "what_becomes_of_data"),
        ),
        home,
        words["partner"],
    )


def _add_call(
    home: HomePage,
    words: dict[str, Any],
    days: Days,
    *,
    campaign: Campaign,
    portrait: CreditedImage | None,
) -> None:
    page = CallPage(
        dataset_slug=COUNTRY,
        portrait=portrait,
        hours_from=HOURS[0],
        hours_until=HOURS[1],
        **_hour(words, days),
        **_least(words, campaign=campaign),
    )
    page.legislatures = [("legislature", "house")]
    page.fallbacks = [("post", MINISTER)]
    page.script = [("line", {"text": line, "only_for": {}}) for line in words["lines"]]
    page.they_may_say = [("answer", dict(answer)) for answer in words["answer"]]
    page.body = [("heading", words["heading"]), *paragraphs(words["paragraphs"])]
    _publish(page, home, words)


def _add_letter_on_paper(home: HomePage, words: dict[str, Any], days: Days, *, campaign: Campaign) -> None:
    page = PostalLetterPage(
        dataset_slug=COUNTRY,
        postage=words["postage"],
        **_hour(words, days),
        **_least(words, campaign=campaign),
    )
    page.posts = [("post", MINISTER)]
    page.subjects = [("subject", subject) for subject in words["subjects"]]
    page.paragraphs = [("paragraph", {"wordings": words["wordings"], "only_for": {}})]
    _publish(page, home, words)


def _hour(words: dict[str, Any], days: Days) -> dict[str, Any]:
    return {
        "deadline": days.hearing,
        "deadline_label": words["deadline_label"],
        "hard_stop": days.last_letter,
    }


def _least(words: dict[str, Any], *, campaign: Campaign) -> dict[str, Any]:
    return {"campaign": campaign, **_some(words, "title", "slug", "standfirst", "thank_you", "share_text")}


def _some(words: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: words[name] for name in names if name in words}


def _publish(page: ActionPage, home: HomePage, words: dict[str, Any]) -> None:
    page.demand_list = [
        Demand(text=text, sort_order=number) for number, text in enumerate(words.get("demands", []))
    ]
    home.add_child(instance=page)
    page.save_revision().publish()
