"""A letter on paper, step by step: whom to, the letter, how it looks, the PDF; and was it posted? Nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from amparo.actions import drafting, writing
from amparo.actions.addressing_views import (
    closed,
    show_choice,
    show_nobody,
    step,
    target_cards,
    too_many,
)
from amparo.actions.forms import LetterForm
from amparo.actions.journey import AddressedJourney, postcode_format_of
from amparo.actions.other_ways import postal_addresses, postal_pdf, reporting, reporting_views
from amparo.actions.other_ways.place_form import PlaceForm
from amparo.actions.other_ways.postal_form import SenderForm
from amparo.actions.other_ways.postal_pdf import PaperLetter
from amparo.actions.taking import TooManyFromNetwork
from amparo.kit import pdf
from amparo.kit.client_address import network_asking
from amparo.kit.throttle import Limit
from amparo.organizations import limits
from amparo.targets import finding

if TYPE_CHECKING:
    from amparo.actions.addressing import Way
    from amparo.actions.models import PostalLetterPage
    from amparo.actions.other_ways.outcome_form import OutcomeForm

#: Letters drawn for one network in an hour: each takes a third of a second of a processor.
DRAWN_FOR_ONE_NETWORK = Limit("postal-letters-for-network", count=60, seconds=3600)


@dataclass(frozen=True)
class PostalJourney(AddressedJourney):
    """One writer's way to a sheet of paper."""

    page: PostalLetterPage
    way: ClassVar[Way] = postal_addresses.POSTED

    @cached_property
    def details(self) -> PlaceForm:
        return PlaceForm(self.posted, postcode_format=postcode_format_of(self.page))

    @property
    def offices(self) -> list[tuple[str, str]]:
        return [(each.target.key, each.target.holder or each.target.label) for each in self.addressees]

    @cached_property
    def draft(self) -> drafting.Draft:
        return drafting.draft(
            page=self.page,
            targets=[each.target for each in self.addressees],
            my_name="",
            key=self.key,
            now=self.now,
        )

    def letter_form(self, *, bound: bool) -> LetterForm:
        """The letter as posted, or as drafted when it was not written yet."""
        return LetterForm(
            self.posted if bound else None,
            initial={"subject": self.draft.subject, "body": self.draft.body},
            reasons=[
                (str(block.value["sentence"]), str(block.value["label"])) for block in self.page.reasons
            ],
            shortest=self.page.shortest,
            longest=self.page.longest,
            needs_address=False,
            consents=(),
        )

    def sender_form(self, *, bound: bool) -> SenderForm:
        typed = self.details.cleaned_data.get("postal_code", "")
        return SenderForm(self.posted if bound else None, initial={"postal_code": typed})

    def letters(self, form: LetterForm, sender: SenderForm) -> list[PaperLetter]:
        """One letter for each office, as it is printed."""
        body = drafting.add_reasons(form.cleaned_data["body"], form.cleaned_data.get("reasons", []))
        home = sender.cleaned_data["country"]
        return [
            PaperLetter(
                envelope=postal_addresses.envelope_of(
                    each.target,
                    language=self.language,
                    home=home,
                    country=finding.country_of(each.target.key),
                ),
                greeting=writing.greeting(each.target, language=self.language),
                body=body,
                closing=writing.with_comma(each.target.closing(self.language), language=self.language),
            )
            for each in self.addressees
        ]


def serve_postal_letter_page(request: HttpRequest, page: PostalLetterPage) -> HttpResponse:
    """The case on GET; one step of the letter on POST."""
    now = timezone.now()
    if request.method in {"GET", "HEAD"}:
        return _show_page(request, page, PlaceForm(postcode_format=postcode_format_of(page)))
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    journey = PostalJourney(page=page, posted=request.POST, now=now)
    response = _beyond_place(request, journey) or _STEPS.get(request.POST.get("step", ""), _compose)(
        request, journey
    )
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _beyond_place(request: HttpRequest, journey: PostalJourney) -> HttpResponse | None:
    """What stands between the place and the letter; None when nothing does."""
    page = journey.page
    if not page.takes_actions(now=journey.now):
        return closed(request, page)
    if not journey.details.is_valid():
        return _show_page(request, page, journey.details, key=str(journey.key), status=422)
    if journey.addressing.needs_choice:
        return show_choice(request, journey)
    if not journey.addressees:
        return show_nobody(request, journey)
    return None


def _compose(request: HttpRequest, journey: PostalJourney) -> HttpResponse:
    return _show_letter(request, journey, journey.letter_form(bound=False), journey.sender_form(bound=False))


def _edit(request: HttpRequest, journey: PostalJourney) -> HttpResponse:
    return _show_letter(request, journey, journey.letter_form(bound=True), journey.sender_form(bound=True))


def _preview(request: HttpRequest, journey: PostalJourney) -> HttpResponse:
    return _with_letter(request, journey, _show_preview)


def _pdf(request: HttpRequest, journey: PostalJourney) -> HttpResponse:
    return _with_letter(request, journey, _draw)


def _said(request: HttpRequest, journey: PostalJourney) -> HttpResponse:
    form = reporting_views.form_of(journey.page, request.POST, offices=journey.offices)
    if not form.is_valid():
        context = {"outcome_form": form, "form": form}
        return step(request, journey, "actions/postal_posted.html", context, status=422)
    areas = [each.target.area_code for each in journey.addressees if each.target.area_code]
    area = f"{journey.page.dataset_slug}/{areas[0]}" if areas else ""
    return reporting_views.take(request, journey.page, form, key=journey.key, area=area, now=journey.now)


_STEPS: dict[str, Callable[[HttpRequest, PostalJourney], HttpResponse]] = {
    "edit": _edit,
    "preview": _preview,
    "pdf": _pdf,
    reporting_views.STEP: _said,
}


def _with_letter(
    request: HttpRequest,
    journey: PostalJourney,
    go_on: Callable[[HttpRequest, PostalJourney, LetterForm, SenderForm], HttpResponse],
) -> HttpResponse:
    form, sender = journey.letter_form(bound=True), journey.sender_form(bound=True)
    if not (form.is_valid() and sender.is_valid()):
        return _show_letter(request, journey, form, sender, status=422)
    return go_on(request, journey, form, sender)


# --- What they show -----------------------------------------------------------------------------------------------


def _show_page(
    request: HttpRequest, page: PostalLetterPage, form: PlaceForm, *, key: str = "", status: int = 200
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


def _show_letter(
    request: HttpRequest, journey: PostalJourney, form: LetterForm, sender: SenderForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "targets": target_cards(journey),
        "excluded": journey.addressing.excluded,
        "draft": journey.draft.body,
        "form": form,
        "sender": sender if journey.page.asks_name_and_address else None,
        "closing": writing.with_comma(
            journey.addressees[0].target.closing(journey.language), language=journey.language
        ),
    }
    return step(request, journey, "actions/postal_compose.html", context, status=status)


def _show_preview(
    request: HttpRequest, journey: PostalJourney, form: LetterForm, sender: SenderForm
) -> HttpResponse:
    outcome: OutcomeForm = reporting_views.form_of(journey.page, offices=journey.offices)
    context = {
        "letters": journey.letters(form, sender),
        "sender": sender.sender(),
        "subject": form.cleaned_data["subject"],
        "kept": [*form.carried(), *sender.carried()],
        "outcome_form": outcome,
    }
    return step(request, journey, "actions/postal_print.html", context)


def _draw(request: HttpRequest, journey: PostalJourney, form: LetterForm, sender: SenderForm) -> HttpResponse:
    """The PDF itself: made for this answer, kept by nobody. 503 where PDFs cannot be made at all."""
    page, organization = journey.page, journey.page.organization
    if not limits.allow(DRAWN_FOR_ONE_NETWORK, value=network_asking(request), now=journey.now):
        return too_many(request, page, TooManyFromNetwork(page.words().too_many))
    try:
        drawn = postal_pdf.draw(
            letters=journey.letters(form, sender),
            subject=form.cleaned_data["subject"],
            sender=sender.sender(),
            on=journey.now.astimezone(ZoneInfo(organization.time_zone)).date(),
            language=journey.language,
            paper=postal_pdf.paper_for(organization.jurisdiction),
        )
    except pdf.CannotDraw as refusal:
        context = {"page": page, "reason": "paused", "sentence": str(refusal), "text": ""}
        return render(request, "actions/closed.html", context, status=503)
    response = HttpResponse(drawn, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{page.slug}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
