"""Campaigns with demands, stances and a page; everybody is invented."""

from __future__ import annotations

from datetime import date

from amparo.actions.campaigns import demanding, siding
from amparo.actions.models import CampaignPage, CampaignUpdate, PartnerLink
from tests.factories.moments import NOW
from tests.factories.pages import a_campaign, a_site


def a_demand(campaign, text="Bring Ilan before a judge.", *, by=None, now=NOW, **translations):
    return demanding.demand(campaign=campaign, text=text, translations=translations, by=by, now=now)


def an_outcome(demand, outcome="partly", *, dated=date(2026, 11, 2), by=None, now=NOW, **fields):
    what = demanding.Outcome(
        outcome=outcome,
        dated=dated,
        sentence=fields.pop("sentence", "A judge was named."),
        source=fields.pop("source", "Court gazette"),
        **fields,
    )
    return demanding.record_outcome(demand=demand, what=what, by=by, now=now)


def a_stance(
    demand, key, side="supports", *, dated=date(2026, 11, 1), by=None, now=NOW, known_by="vote", who=None
):
    """What whoever holds the post today said about one demand."""
    who = who or siding.holder_of(key, organization=demand.organization, now=now)
    return siding.record(demands=[demand], said=[siding.Said(who, side, known_by, dated)], by=by, now=now)


def a_campaign_page(organization, *, updates=(), links=(), **fields) -> CampaignPage:
    """A live page of a campaign; `updates` are days with titles, `links` organizations with addresses."""
    fields.setdefault("title", "Free Ilan")
    fields.setdefault("slug", "free-ilan")
    fields.setdefault("introduction", "Ilan Sarr, a printer, has been held without trial since 3 March.")
    fields.setdefault("campaign", a_campaign(organization))
    page = CampaignPage(**fields)
    page.updates = [
        CampaignUpdate(dated=date.fromisoformat(day), title=title, text=f"<p>{title}, in short.</p>")
        for day, title in updates
    ]
    page.partner_links = [
        PartnerLink(organization_name=name, title=f"Write with {name}", url=url) for name, url in links
    ]
    a_site(organization).add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page
