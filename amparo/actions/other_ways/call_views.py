"""Calling: find whom to call, show the number and what to say, ask how it went. Nobody's own number is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from amparo.actions import addressing, showing
from amparo.actions.addressing_views import closed, show_choice, show_nobody, step, target_cards
from amparo.actions.journey import AddressedJourney, postcode_format_of
from amparo.actions.other_ways import reporting, reporting_views, scripting, telephones
from amparo.actions.other_ways.place_form import PlaceForm
from amparo.targets import finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.actions.addressing import Way
    from amparo.actions.models import CallPage
    from amparo.actions.other_ways.outcome_form import OutcomeForm
    from amparo.actions.other_ways.telephones import Number
    from amparo.actions.showing import TargetCard
    from amparo.targets.finding import Target


@dataclass(frozen=True, slots=True)
class Call:
    """One telephone: whose it is, its numbers, and what to say, line by line."""

    target: TargetCard
    numbers: Sequence[Number]
    script: Sequence[str]


@dataclass(frozen=True)
class CallJourney(AddressedJourney):
    """One reader's way to a telephone: a postcode, and then the number."""

    page: CallPage
    way: ClassVar[Way] = telephones.CALLED

    @cached_property
    def details(self) -> PlaceForm:
        return PlaceForm(self.posted, postcode_format=postcode_format_of(self.page))

    @property
    def offices(self) -> list[tuple[str, str]]:
        """Keys and names of those who are called."""
        return [(each.target.key, each.target.holder or each.target.label) for each in self.addressees]


def serve_call_page(request: HttpRequest, page: CallPage) -> HttpResponse:
    """The case on GET; on POST the numbers, or how the call went."""
    now = timezone.now()
    if request.method in {"GET", "HEAD"}:
        return _show_page(request, page, PlaceForm(postcode_format=postcode_format_of(page)))
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    response = _posted(request, CallJourney(page=page, posted=request.POST, now=now))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _posted(request: HttpRequest, journey: CallJourney) -> HttpResponse:
    page, now = journey.page, journey.now
    if not page.takes_actions(now=now):
        return closed(request, page)
    if not journey.details.is_valid():
        return _show_page(request, page, journey.details, key=str(journey.key), status=422)
    if journey.addressing.needs_choice:
        return show_choice(request, journey)
    if not journey.addressees:
        return show_nobody(request, journey)
    if request.POST.get("step") != reporting_views.STEP:
        form = reporting_views.form_of(page, offices=journey.offices)
        return _show_call(request, journey, form)
    form = reporting_views.form_of(page, request.POST, offices=journey.offices)
    if not form.is_valid():
        return _show_call(request, journey, form, status=422)
    return reporting_views.take(request, page, form, key=journey.key, area=_area_of(journey), now=now)


def _area_of(journey: CallJourney) -> str:
    areas = [each.target.area_code for each in journey.addressees if each.target.area_code]
    return f"{journey.page.dataset_slug}/{areas[0]}" if areas else ""


def _show_page(
    request: HttpRequest, page: CallPage, form: PlaceForm, *, key: str = "", status: int = 200
) -> HttpResponse:
    context = page.get_context(request) | {
        "tally": reporting.tally_of(page),
        "form": form,
        "step_url": page.url,
        "challenge_url": reverse("proof"),
        "carried": [],
        "key": key,
    }
    return render(request, page.template, context, status=status)


def _show_call(
    request: HttpRequest, journey: CallJourney, form: OutcomeForm, *, status: int = 200
) -> HttpResponse:
    targets = [each.target for each in journey.addressees]
    context = _context(journey.page, targets, target_cards(journey), form, now=journey.now)
    context["excluded"] = journey.addressing.excluded
    return step(request, journey, "actions/call.html", context, status=status)


def _context(
    page: CallPage,
    targets: Sequence[Target],
    cards: Sequence[TargetCard],
    form: OutcomeForm,
    *,
    now: datetime,
) -> dict[str, Any]:
    return {
        "page": page,
        "calls": calls_of(page, targets, cards, now=now),
        "hours": telephones.hours_of(page, now=now),
        "they_may_say": scripting.answers(page=page, targets=targets, now=now),
        "outcome_form": form,
        "form": form,
    }


def calls_of(
    page: CallPage, targets: Sequence[Target], cards: Sequence[TargetCard], *, now: datetime
) -> list[Call]:
    """Each target with its numbers and what to say to it."""
    return [
        Call(
            target=card,
            numbers=telephones.numbers_of(target, country=finding.country_of(target.key)),
            script=scripting.script(page=page, target=target, now=now),
        )
        for target, card in zip(targets, cards, strict=True)
    ]


def preview_call(request: HttpRequest, page: CallPage, *, now: datetime) -> HttpResponse:
    """What stands on the second page, for the first office that is known without a postcode."""
    language = page.locale.language_code
    known = [
        *addressing.named_targets(page=page, now=now),
        *addressing.fallback_targets(page=page, now=now, way=telephones.CALLED),
    ][:1]
    cards = [showing.card_of(target, language=language) for target in known]
    context = _context(page, known, cards, reporting_views.form_of(page), now=now)
    return render(request, "actions/call.html", context | {"step_url": page.url or ""})
