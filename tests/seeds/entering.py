"""Enters a document of this folder as staff would: case and records by the verbs of the register, pages in the tree."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from amparo.accounts.models import Role
from amparo.actions.campaigns import demanding
from amparo.actions.models import CampaignPage, Demand, OpenLetterPage, PartnerLink, Signatory
from amparo.cases import figures, models, recording, register
from amparo.content.models import Campaign
from amparo.supporters import wordings
from amparo.supporters.models import Channel, Purpose
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_sign_up_page, a_site, an_email_page
from tests.factories.people import a_member_of_staff
from tests.factories.signed_pages import an_open_letter

PLACE = Path(__file__).parent
LINKS = "https://partners.example.net/"


@dataclass
class Entered:
    """What a document became."""

    read: dict[str, Any]
    organization: Any
    bruno: Any
    case: Any = None
    records: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    laws: list[Any] = field(default_factory=list)
    campaign: Any = None
    campaign_page: Any = None
    page: Any = None
    sign_up: Any = None
    wordings: list[Any] = field(default_factory=list)


def enter(name: str) -> Entered:
    """The document of that name, in an organization of its own."""
    read = tomllib.loads((PLACE / f"{name}.toml").read_text(encoding="utf-8"))
    organization = an_organization(name.replace("_", "-"), **read["organization"])
    bruno = a_member_of_staff(organization, Role.EDITOR, email=f"{name}@staff.example.org")
    entered = Entered(read=read, organization=organization, bruno=bruno)
    _campaign(entered)
    _case(entered)
    for record in read["records"]:
        _record(entered, record)
    _figures(entered)
    _laws(entered)
    _pages(entered)
    _questions(entered)
    return entered


def _case(entered: Entered) -> None:
    told = dict(entered.read["case"])
    entered.case = recording.open_case(
        organization=entered.organization,
        reference=told.pop("reference"),
        name=told.pop("name"),
        by=entered.bruno,
        now=NOW,
    )
    _change(entered, entered.case, {**told, "campaign": entered.campaign})
    entered.records |= {"case": entered.case, "person": entered.case.person}


def _record(entered: Entered, told: dict[str, Any]) -> None:
    if "change" in told:
        record = entered.records[told["change"]]
        _change(entered, record, told["values"])
    else:
        kind = register.KINDS[told["kind"]]
        parent = {kind.parent: entered.records[told["below"]]}
        record = kind.model(**parent, **told["values"])
        recording.add(record=record, case=entered.case, by=entered.bruno, now=NOW)
    entered.records[told["key"]] = record


def _change(entered: Entered, record: Any, values: dict[str, Any]) -> None:
    for column, value in values.items():
        setattr(record, column, value)
    recording.change(record=record, columns=list(values), case=entered.case, by=entered.bruno, now=NOW)


def _figures(entered: Entered) -> None:
    for told in entered.read.get("figures", []):
        told = {**told, "value": Decimal(str(told["value"]))}
        if "source" in told:
            told["source"] = entered.records[told["source"]]
        figure = models.Figure(**told)
        figures.add(figure=figure, organization=entered.organization, by=entered.bruno, now=NOW)
        entered.figures[figure.key] = figure


def _laws(entered: Entered) -> None:
    frame = {"organization": entered.organization, "entered_at": NOW, "changed_at": NOW}
    for told in entered.read.get("legislation", []):
        entered.laws.append(models.Legislation.objects.create(**told, **frame))


def _campaign(entered: Entered) -> None:
    told = entered.read["campaign"]
    entered.campaign = Campaign.objects.create(
        organization=entered.organization, title=told["title"], hashtag=told.get("hashtag", "")
    )
    for text in told.get("demands", []):
        demanding.demand(campaign=entered.campaign, text=text, translations={}, by=entered.bruno, now=NOW)


def _pages(entered: Entered) -> None:
    home = a_site(entered.organization)
    links = [
        PartnerLink(
            organization_name=told["organization"],
            title=told["title"],
            hashtag=told.get("hashtag", ""),
            url=told.get("url", ""),
        )
        for told in entered.read.get("partner_links", [])
    ]
    page = CampaignPage(title=entered.campaign.title, slug="the-campaign", campaign=entered.campaign)
    page.partner_links = links
    entered.campaign_page = home.add_child(instance=page)
    entered.sign_up = a_sign_up_page(entered.organization, campaign=entered.campaign)
    told = dict(entered.read.get("page", {}))
    make = {"OpenLetterPage": an_open_letter, "EmailTargetPage": an_email_page}.get(told.pop("type", ""))
    if make is None:
        return
    asked = told.pop("demands")
    if make is an_email_page:
        told |= {"dataset_slug": "uk", "legislatures": [("legislature", "uk/commons")]}
    hearing = entered.records.get("hearing")
    if hearing is not None:
        zone = ZoneInfo(hearing.time_zone)
        told |= {"hearing": hearing, "deadline": datetime.combine(hearing.day, time(0), zone)}
    if make is an_open_letter:
        told["demands"] = asked
    entered.page = make(entered.organization, campaign=entered.campaign, **told)
    if make is an_email_page:
        entered.page.demand_list = [Demand(text=text) for text in asked]
        entered.page.save()
    if isinstance(entered.page, OpenLetterPage):
        entered.page.signatories = [Signatory(**who) for who in entered.read["signatories"]]
        entered.page.save()


def _questions(entered: Entered) -> None:
    for told in entered.read.get("wordings", []):
        entered.wordings.append(
            wordings.word(
                organization=entered.organization,
                purpose=Purpose(told["purpose"]),
                channel=Channel(told["channel"]),
                language="en",
                text=told["text"],
            )
        )
