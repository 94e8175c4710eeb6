"""Links to what partners do: looked at now and then, and not shown while nobody answers there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from amparo.actions.models import CampaignPage, PartnerLink, PartnerLinkState
from amparo.kit import http
from amparo.kit.claims import transition
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal
from amparo.kit.work import LineOfWork, Result, one_by_one

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from amparo.organizations.models import Organization

LINE = "partner_links"
#: How often a link that answers is looked at again.
EVERY = timedelta(days=3)
#: How soon one that does not is looked at again, and how long it has failed before readers do not see it.
AGAIN = timedelta(hours=6)
PATIENCE = timedelta(hours=24)
#: While a worker looks, no other does.
LEASE = timedelta(minutes=10)

State = PartnerLinkState.State


def shown(page: CampaignPage) -> list[PartnerLink]:
    """The links of a page that answer, or were not looked at yet, in the order of the page."""
    links = list(page.partner_links.all())
    dead = set(_dead().filter(url__in=[link.url for link in links]).values_list("url", flat=True))
    return [link for link in links if link.url and link.url not in dead]


def dead_links_of(organizations: Sequence[Organization]) -> list[tuple[PartnerLink, PartnerLinkState]]:
    """Links on live pages of these organizations that readers do not see: nobody answers, or knows where it is."""
    states = {state.url: state for state in _dead()}
    links = PartnerLink.objects.filter(
        url__in=["", *states], page__live=True, page__campaign__organization__in=organizations
    )
    found = links.select_related("page__campaign").order_by("pk")
    return [
        (link, states.get(link.url) or PartnerLinkState(reason=_("its address is not known")))
        for link in found
    ]


def _dead() -> QuerySet[PartnerLinkState]:
    return PartnerLinkState.objects.filter(state=State.DEAD)


def _on_live_pages() -> QuerySet[PartnerLink]:
    return PartnerLink.objects.filter(page__live=True).exclude(url="")


def _unknown() -> QuerySet[PartnerLink]:
    return _on_live_pages().exclude(url__in=PartnerLinkState.objects.values("url"))


def note_links(*, now: datetime) -> None:
    """Know of every address on a live page, and forget the others."""
    fresh = sorted(set(_unknown().values_list("url", flat=True)))
    PartnerLinkState.objects.bulk_create(
        [PartnerLinkState(url=url, next_look_at=now) for url in fresh], ignore_conflicts=True
    )
    PartnerLinkState.objects.exclude(url__in=_on_live_pages().values("url")).delete()


def look(*, state: PartnerLinkState, now: datetime) -> bool:
    """Ask the server behind one link and keep what it says; whether it answered.

    One failure proves nothing: a link is dead when it has failed for a day.
    """
    reason = _why_dead(state.url)
    values: dict[str, object] = {"looked_at": now, "reason": reason}
    if not reason:
        values |= {"state": State.LIVE, "failing_since": None, "next_look_at": now + EVERY}
    else:
        since = state.failing_since or now
        is_dead = now - since >= PATIENCE
        values |= {"failing_since": since, "next_look_at": now + AGAIN}
        values |= {"state": State.DEAD} if is_dead else {}
    transition(PartnerLinkState.objects.filter(pk=state.pk), values=values)
    if values.get("state", state.state) != state.state:
        note_publication()
    return not reason


def _why_dead(url: str) -> str:
    """Nothing, when a page is there; a server that forbids programs to look is there too.

    What is not on the public Internet is not asked, and nothing is said of it.
    """
    try:
        answer = http.look(url)
    except http.NotAskedThere:
        return ""
    except Refusal as refusal:
        return type(refusal).__name__
    gone = answer.status in {404, 410} or answer.status >= 500
    return f"{answer.status}" if gone else ""


class PartnerLinks(LineOfWork[PartnerLinkState]):
    """Links to what partners do: do they still answer?"""

    name = LINE
    batch_size = 5

    def due(self, *, now: datetime) -> int:
        unknown = _unknown().values("url").distinct().count()
        return unknown + PartnerLinkState.objects.filter(next_look_at__lte=now).count()

    def claim(self, *, limit: int, now: datetime) -> Sequence[PartnerLinkState]:
        note_links(now=now)
        taken = []
        for state in PartnerLinkState.objects.filter(next_look_at__lte=now).order_by("next_look_at")[:limit]:
            mine = PartnerLinkState.objects.filter(pk=state.pk, next_look_at=state.next_look_at)
            if transition(mine, values={"next_look_at": now + LEASE}):
                taken.append(state)
        return taken

    def perform(self, batch: Sequence[PartnerLinkState], *, now: datetime) -> Result:
        return one_by_one(batch, lambda state: look(state=state, now=now), line=self.name)

    def reclaim(self, *, now: datetime) -> int:  # noqa: ARG002 - a lease that ran out is due again by itself
        return 0

    def oldest_waiting(self, *, now: datetime) -> datetime | None:
        first = PartnerLinkState.objects.filter(next_look_at__lte=now).order_by("next_look_at").first()
        return first.next_look_at if first else None
