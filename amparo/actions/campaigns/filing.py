"""Open and rename campaigns: the headings under which pages and their letters are filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.content.models import Campaign
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization


class TitleTaken(Refusal):
    sentence = _("There is a campaign of this title already.")


def open_campaign(
    *, organization: Organization, title: str, hashtag: str, by: User, now: datetime
) -> Campaign:
    """A new campaign of `organization`. Raises `TitleTaken`."""
    return _save(
        Campaign(organization=organization, title=title, hashtag=hashtag), "open_campaign", by=by, now=now
    )


def rename_campaign(*, campaign: Campaign, title: str, hashtag: str, by: User, now: datetime) -> Campaign:
    """Another title or hashtag for a campaign. Raises `TitleTaken`."""
    campaign.title, campaign.hashtag = title, hashtag
    return _save(campaign, "rename_campaign", by=by, now=now)


def _save(campaign: Campaign, verb: str, *, by: User, now: datetime) -> Campaign:
    fields = None if campaign._state.adding else ["title", "hashtag"]
    try:
        with transaction.atomic():
            campaign.save(update_fields=fields)
            audit.record(verb=verb, subject=campaign, by=by, organization=campaign.organization, now=now)
    except IntegrityError:
        raise TitleTaken from None
    return campaign
