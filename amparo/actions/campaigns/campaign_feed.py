"""The updates of a campaign as an Atom feed (RFC 4287): the same words as on the page, each under a name that stays."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils.feedgenerator import Atom1Feed
from wagtail.rich_text import expand_db_html

if TYPE_CHECKING:
    from amparo.actions.models import CampaignPage, CampaignUpdate

#: Updates in the feed; whoever asks once a year finds the others on the page.
MOST = 30


def atom(page: CampaignPage, *, feed_url: str) -> bytes:
    """The whole feed, the newest update first."""
    place = page.full_url or feed_url
    feed = Atom1Feed(
        title=page.title,
        link=place,
        description=page.introduction,
        subtitle=page.introduction,
        language=page.locale.language_code,
        author_name=page.campaign.organization.name,
        feed_url=feed_url,
        feed_guid=f"{_host_tag(place)}campaign/{page.translation_key}/{page.locale.language_code}",
    )
    for update in page.updates.order_by("-dated", "-pk")[:MOST]:
        moment = _moment(update)
        feed.add_item(
            title=update.title,
            link=f"{place}#update-{update.pk}",
            description=expand_db_html(update.text),
            unique_id=f"urn:uuid:{update.key}",
            pubdate=moment,
            updateddate=moment,
        )
    return feed.writeString("utf-8").encode()


def _moment(update: CampaignUpdate) -> datetime:
    """Noon: a day has no hour, and at noon it is the same day almost everywhere."""
    return datetime.combine(update.dated, time(12), tzinfo=UTC)


def _host_tag(place: str) -> str:
    return f"tag:{urlsplit(place).hostname or 'localhost'},2026:"
