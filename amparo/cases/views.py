"""The public doors of the register: one case, all cases, and hearings for a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amparo.cases import dossier, linked_data, public_view, showing
from amparo.cases.models import Case, CaseIndexPage, CasePage
from amparo.content.cards import Card
from amparo.content.insets import added_to
from amparo.content.known_sites import know_site
from amparo.kit.pdf import CannotDraw

#: Letters of a search that are looked at.
LONGEST_SEARCH = 80


def serve_case(request: HttpRequest, page: CasePage) -> HttpResponse:
    """The case, or a page without a name that says it was taken down."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    try:
        found = showing.shown(page.case, today=timezone.now().date())
    except public_view.NotPublic as fact:
        if fact.was_removed:
            return render(request, "cases/removed.html", {}, status=410)
        raise Http404 from None
    context = page.get_context(request) | {"shown": found, "solitary_rule": showing.solitary_rule()}
    context["added_forms"] = added_to(page) if found.case.is_listed else []
    for form in context["added_forms"]:
        context |= dict(form.context)
    response = render(request, page.template, context)
    if not found.case.is_listed:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def serve_index(request: HttpRequest, page: CaseIndexPage) -> HttpResponse:
    """Every case that lists may name; `q` narrows it to those whose public words hold it.

    `stands` and `state` narrow it to where people stand, and to who holds them, as far as that is public.
    """
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    asked = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    listed = _listed(page)
    stands, state = request.GET.get("stands", ""), request.GET.get("state", "")
    found = [
        one
        for one in listed
        if _holds(one.card, asked) and stands in {"", one.standing[0]} and state in {"", one.state[0]}
    ]
    context = page.get_context(request) | {
        "cards": [one.card for one in found],
        "asked": asked,
        "filters": [
            {
                "name": "stands",
                "label": _("Now"),
                "chosen": stands,
                "choices": _choices(one.standing for one in listed),
            },
            {
                "name": "state",
                "label": _("Held by"),
                "chosen": state,
                "choices": _choices(one.state for one in listed),
            },
        ],
        "narrowed": bool(asked or stands or state),
    }
    return render(request, page.template, context)


def card_of(page: CasePage) -> Card:
    """The case in a list of pages; empty where lists may not name it."""
    found = _in_lists(page)
    return found.card if found else Card(title="", text="", url="")


@dataclass(frozen=True, slots=True)
class _Listed:
    """A case as lists show it, and what they can be narrowed by: a code and its words, empty where it is not public."""

    card: Card
    standing: tuple[str, str]
    state: tuple[str, str]


def _in_lists(page: CasePage) -> _Listed | None:
    try:
        public = public_view.view(page.case, today=timezone.now().date())
    except public_view.NotPublic:
        return None
    if not public.is_listed:
        return None
    card = Card(
        title=showing.heading_of(public),
        text=public.summary,
        url=page.url or "",
        portrait=public.image or None,
    )
    stands = public.facts.standing
    words = showing.standing_in_words(stands)
    return _Listed(
        card,
        (stands.value, words) if stands and words else ("", ""),
        (public.state, showing.country_of(public)) if public.state else ("", ""),
    )


def _listed(page: CaseIndexPage) -> list[_Listed]:
    below = (
        CasePage.objects.child_of(page).live().public().select_related("case__organization", "case__person")
    )
    found = [one for each in below if (one := _in_lists(each)) and one.card.title]
    return sorted(found, key=lambda one: (one.card.title.casefold(), one.card.url))


def _choices(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the list can be narrowed to, in the order of the words; nothing where there is no choice."""
    choices = sorted({one for one in found if one[0]}, key=lambda one: one[1].casefold())
    return choices if len(choices) > 1 else []


def _holds(card: Card, asked: str) -> bool:
    words = f"{card.title} {card.text}".casefold()
    return all(word in words for word in asked.casefold().split())


@require_safe
def hearings(request: HttpRequest, pk: int) -> HttpResponse:
    """The public hearings of one case, for a calendar."""
    page = _page_of_this_site(request, pk)
    try:
        calendar = showing.calendar_of(page.case, host=request.get_host(), now=timezone.now())
    except public_view.NotPublic:
        raise Http404 from None
    response = HttpResponse(calendar, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{page.slug}.ics"'
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def public_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """What readers may see of one case, as a document in the language of its page."""
    page = _page_of_this_site(request, pk)
    try:
        pdf = dossier.public_kept(
            case=page.case, language=page.locale.language_code, today=timezone.now().date()
        )
    except dossier.NothingPublic:
        raise Http404 from None
    except CannotDraw as refusal:
        return HttpResponse(str(refusal), status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{page.slug}.pdf"'
    return _as_listed(response, page)


@require_safe
def case_data(request: HttpRequest, pk: int) -> HttpResponse:
    """One case for programs."""
    page = _page_of_this_site(request, pk)
    try:
        found = linked_data.linked_data(
            case=page.case, address=page.full_url or "", today=timezone.now().date()
        )
    except public_view.NotPublic:
        raise Http404 from None
    response = JsonResponse(
        found, content_type="application/ld+json; charset=utf-8", json_dumps_params={"ensure_ascii": False}
    )
    return _as_listed(response, page)


def _page_of_this_site(request: HttpRequest, pk: int) -> CasePage:
    """The live page of that number, on the site of the organization whose case it shows."""
    page: CasePage = get_object_or_404(
        CasePage.objects.live().public().select_related("case__organization", "locale"), pk=pk
    )
    _site, identity = know_site(request)
    if identity is None or page.case.organization_id != identity.organization_id:
        raise Http404
    return page


def _as_listed(response: HttpResponse, page: CasePage) -> HttpResponse:
    """A case that lists do not name is not to be found by this way either."""
    if page.case.aftermath != Case.Aftermath.SHOWN:
        response.headers["X-Robots-Tag"] = "noindex"
    return response
