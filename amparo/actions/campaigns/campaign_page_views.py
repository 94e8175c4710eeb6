"""The public doors of a campaign: its page, its news as a feed, and what offices answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from amparo.actions.campaigns import campaign_feed, campaign_showing, response_wall
from amparo.actions.models import CampaignPage
from amparo.content.known_sites import know_site
from amparo.targets import finding

if TYPE_CHECKING:
    from amparo.organizations.models import Organization

#: Seconds for which caches between may keep a feed or a wall.
KEPT = "public, max-age=300"


def serve_campaign_page(request: HttpRequest, page: CampaignPage) -> HttpResponse:
    """The campaign, the same for everybody."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    context = page.get_context(request) | {
        "shown": campaign_showing.shown(page, now=timezone.now()),
        "most_answers": campaign_showing.MOST_ANSWERS,
        "feed_url": reverse("campaign_feed", args=[page.pk]),
        "answers_url": reverse("campaign_answers", args=[page.pk]),
    }
    return render(request, page.template, context)


@require_safe
def feed(request: HttpRequest, pk: int) -> HttpResponse:
    """The updates of a campaign as Atom (RFC 4287)."""
    page = _page(request, pk)
    response = HttpResponse(
        campaign_feed.atom(page, feed_url=request.build_absolute_uri()),
        content_type="application/atom+xml; charset=utf-8",
    )
    response.headers["Cache-Control"] = KEPT
    return response


@require_safe
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """What offices answered about one campaign, and how they answer."""
    page = _page(request, pk)
    if not page.shows_answers:
        raise Http404
    organization = page.campaign.organization
    context = {
        "page": page,
        "entries": response_wall.of_campaign(page.campaign),
        "chart": response_wall.chart(organization=organization, campaign=page.campaign),
        "links_offices": True,
    }
    response = render(request, "actions/answers.html", context)
    response.headers["Cache-Control"] = KEPT
    return response


@require_safe
def office_answers(request: HttpRequest, target_key: str) -> HttpResponse:
    """The same of one office: what it answered, where its holder stands, and how it answers."""
    organization = _organization(request)
    entries = response_wall.of_target(organization=organization, target_key=target_key)
    stances = response_wall.stances_of(organization=organization, target_key=target_key)
    if not entries and not stances:
        raise Http404
    target = finding.target_by_key(target_key, organization=organization, now=timezone.now())
    context = {
        "page": None,
        "name": target.holder if target and target.holder else (entries or stances)[0].name,
        "office": target.label if target else (entries or stances)[0].office,
        "entries": entries,
        "stances": stances,
        "chart": response_wall.chart(organization=organization, target_key=target_key),
        "links_offices": False,
    }
    response = render(request, "actions/office_answers.html", context)
    response.headers["Cache-Control"] = KEPT
    return response


def _page(request: HttpRequest, pk: int) -> CampaignPage:
    """A live page of the site that was asked; another organization's is not found."""
    pages = CampaignPage.objects.live().public().select_related("campaign__organization")
    found: CampaignPage = get_object_or_404(pages, pk=pk, campaign__organization=_organization(request))
    return found


def _organization(request: HttpRequest) -> Organization:
    _site, identity = know_site(request)
    if identity is None:
        raise Http404
    return identity.organization
