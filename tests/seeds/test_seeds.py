"""Every fact of three real documents has its home, and what can be worked out is worked out."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from amparo.cases import chronology, contradicting
from amparo.content.models import CreditedImage, SiteIdentity
from amparo.kit import part_dates
from tests.factories.moments import NOW
from tests.seeds.entering import enter

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
SEEDS = ("open_letter", "press_release", "email_your_mp")
#: What only the newsroom will hold.
LATER = {
    "press_release": [
        "headline, as the newsroom will hold it",
        "date and dateline, which have to agree",
        "press contact with an empty slot for the address",
    ]
}


def worked_out(entered, what, on):
    """What nobody typed."""
    if what == "age":
        return chronology.age_on(entered.case.person.birth_date, day=on)[0]
    if what == "age when custody began":
        began = part_dates.parse(entered.records["custody"].began)
        return chronology.age_on(entered.case.person.birth_date, day=began.last)[0]
    alone = chronology.in_solitary([entered.records["solitary"]], today=on).least
    return alone if what == "days in solitary" else alone // chronology.PROLONGED_AFTER


def in_page(entered, column):
    if column == "demands":
        return len(entered.page.demands)
    if column == "signatories":
        return len(entered.page.signatories.all())
    if column == "steps":
        return ["details", "letter"]
    return getattr(entered.page, column)


def in_campaign(entered, column):
    if column == "demands":
        return entered.campaign.demands.count()
    if column == "partner_links":
        return entered.campaign_page.partner_links.count()
    return getattr(entered.campaign, column)


def at_home(entered, item):
    """What stands where the item has its home."""
    home, _dot, column = item["home"].partition(".")
    if home.startswith("worked out: "):
        return worked_out(entered, home.removeprefix("worked out: "), item.get("on"))
    if home == "page":
        return in_page(entered, column)
    if home == "campaign":
        return in_campaign(entered, column)
    if home == "figures":
        figure = entered.figures[column]
        assert figure.is_fit_to_print is item["printable"], item
        return figure.value
    if home == "legislation":
        return len(entered.laws)
    if home == "wordings":
        return entered.wordings[0].text if column else len(entered.wordings)
    if home == "caution: standing":
        states = contradicting.states_of(entered.case, today=NOW.date())
        return contradicting.contradictions_in("If convicted, he joins many others.", states=states)
    if home == "picture":
        return refused_without_credit(entered.read["picture"])
    if item["home"] == "organization.privacy":
        return SiteIdentity._meta.get_field("privacy_page")
    if home in {"organization", "sign-up"}:
        holder = entered.organization if home == "organization" else entered.sign_up
        return getattr(holder, column)
    return getattr(entered.records[home], column)


def refused_without_credit(picture):
    """A picture whose maker nobody knows is not taken in."""
    found = CreditedImage(title=picture["title"], alt_text=picture["alternative"])
    with pytest.raises(ValidationError) as refusal:
        found.clean_fields(exclude=["file"])
    return {"credit", "licence"} <= set(refusal.value.error_dict)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_item_has_its_home(seed):
    entered = enter(seed)
    homeless = []
    for item in entered.read["items"]:
        if "home" not in item:
            homeless.append(item["what"])
            continue
        found = at_home(entered, item)
        if "value" in item:
            assert (found or "") == item["value"], item
        elif "least" in item:
            assert found >= item["least"], item
        else:
            assert found, item
    assert homeless == LATER.get(seed, [])
