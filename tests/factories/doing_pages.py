"""Live pages whose readers do the thing themselves: call, post a letter, ask others, go to a partner."""

from __future__ import annotations

from datetime import time

from amparo.actions.models import CallPage, PartnerPage, PostalLetterPage, SharePage
from tests.factories.pages import LETTER, a_campaign, a_site

STANDFIRST = "Ilan Sarr, a printer, has been held without trial since 3 March."
MINISTER = "alvenia/minister/interior"


def a_call_page(organization, **fields) -> CallPage:
    """A live page to call a minister of Alvenia, from nine to five on weekdays."""
    fields.setdefault("title", "Call the minister")
    fields.setdefault(
        "script",
        [
            ("line", {"text": "Hello, my name is {my name}. I call about Ilan Sarr.", "only_for": {}}),
            ("line", {"text": "Please tell {target name}: let him see a judge.", "only_for": {}}),
        ],
    )
    fields.setdefault(
        "they_may_say", [("answer", {"they_say": "Are you from here?", "you_say": "It concerns us all."})]
    )
    fields.setdefault("hours_from", time(9))
    fields.setdefault("hours_until", time(17))
    return _live(CallPage(dataset_slug="alvenia", **_addressed(fields)), organization)


def a_postal_letter_page(organization, **fields) -> PostalLetterPage:
    """A live page to write to a minister of Alvenia on paper."""
    fields.setdefault("title", "Write to the minister on paper")
    fields.setdefault("subjects", [("subject", "Ilan Sarr: when will he see a judge?")])
    fields.setdefault("paragraphs", [("paragraph", {"wordings": [LETTER], "only_for": {}})])
    fields.setdefault("postage", "A letter to Alvenia costs two crowns.")
    return _live(PostalLetterPage(dataset_slug="alvenia", **_addressed(fields)), organization)


def a_share_page(organization, **fields) -> SharePage:
    """A live page to ask others."""
    fields.setdefault("title", "Tell two friends")
    fields.setdefault("message", "Ilan is a printer & a father. Two minutes help:")
    return _live(SharePage(**fields), organization)


def a_partner_page(organization, **fields) -> PartnerPage:
    """A live page that leads to a partner's action."""
    fields.setdefault("title", "Sign with Lanterns")
    fields.setdefault("partner", "Lanterns")
    fields.setdefault("partner_url", "https://lanterns.example/act/ilan")
    fields.setdefault("what_is_met", "A form of one page, in English, without a script.")
    fields.setdefault("what_becomes_of_data", "Lanterns keeps your name for a year.")
    return _live(PartnerPage(**fields), organization)


def _addressed(fields):
    if "legislatures" not in fields:
        fields.setdefault("posts", [("post", MINISTER)])
    return fields


def _live(page, organization):
    page.standfirst = page.standfirst or STANDFIRST
    if page.campaign_id is None:
        page.campaign = a_campaign(organization)
    a_site(organization).add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page
