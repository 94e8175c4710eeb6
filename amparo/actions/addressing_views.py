"""What every page that is addressed to targets shows on the way: a choice to make, nobody there, too late, too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.actions import addressing, showing
from amparo.actions.forms import Choice, ChoiceForm
from amparo.organizations import limits

if TYPE_CHECKING:
    from amparo.actions.journey import AddressedJourney
    from amparo.actions.models import ActionPage
    from amparo.kit.refusal import Refusal

DO_NOT_KNOW = "unknown"


def step(
    request: HttpRequest,
    journey: AddressedJourney,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    page = journey.page
    frame = {
        "page": page,
        "step_url": page.url,
        "challenge_url": reverse("proof"),
        "carried": journey.carried() if journey.details.is_valid() else [],
        "key": str(journey.key),
        "proof": request.POST.get("proof", "")[:4000],
    }
    return render(request, template, frame | context, status=status)


def show_choice(request: HttpRequest, journey: AddressedJourney) -> HttpResponse:
    answer = journey.addressing.answer
    assert answer is not None
    choices: dict[str, Choice] = {}
    for candidate in answer.choices:
        label = _("%(area)s: %(holder)s") % {
            "area": candidate.area_name,
            "holder": candidate.holder_name or _("nobody at the moment"),
        }
        choices.setdefault(candidate.area_code, Choice(label, _share_sentence(candidate.share)))
    offered = [*choices.items(), (DO_NOT_KNOW, Choice(_("I do not know")))]
    asked = request.POST.get("step") == "choose"
    form = ChoiceForm(request.POST if asked else None, choices=offered)
    if asked and form.is_valid() and form.cleaned_data["choice"] == DO_NOT_KNOW:
        return show_nobody(request, journey, sentence=_help_to_find_out())
    context = {"form": form, "postal_code": answer.postcode, "is_guess": len(choices) == 1}
    return step(request, journey, "actions/choose.html", context, status=422 if form.errors else 200)


def _help_to_find_out() -> str:
    return _(
        "Your polling card or your council's website names your area. Until then you can write to somebody else."
    )


def _share_sentence(share: float | None) -> str:
    if share is None:
        return ""
    return _("%(percent)d %% of the people with this postcode live here") % {"percent": round(share * 100)}


def show_nobody(request: HttpRequest, journey: AddressedJourney, *, sentence: str = "") -> HttpResponse:
    result = journey.addressing
    if result.agreed and not result.addressees and not sentence:
        return _show_agreed(request, journey)
    fallbacks = addressing.fallback_targets(page=journey.page, now=journey.now, way=journey.way)
    context = {
        "reason": result.reason or "unknown",
        "excluded": result.excluded,
        "sentence": sentence or result.sentence,
        "postal_code": journey.details.cleaned_data.get("postal_code", ""),
        "form": journey.details if "postal_code" in journey.details.fields else None,
        "fallbacks": [
            {"value": target.key, "target": showing.card_of(target, language=journey.language)}
            for target in fallbacks
        ],
        "carried": [pair for pair in journey.carried() if pair[0] not in {"area", "fallback", "postal-code"}],
        "kept_postal_code": journey.details.cleaned_data.get("postal_code", ""),
    }
    return step(request, journey, "actions/no_target.html", context)


def _show_agreed(request: HttpRequest, journey: AddressedJourney) -> HttpResponse:
    """Everybody supports it already: said plainly, with the way on for whoever wants to write all the same."""
    context = {
        "agreed": [
            showing.card_of(addressee.target, language=journey.language)
            for addressee in journey.addressing.agreed
        ],
        "share": showing.share_of(journey.page),
    }
    return step(request, journey, "actions/agreed.html", context)


def target_cards(journey: AddressedJourney) -> list[showing.TargetCard]:
    postal_code = journey.details.cleaned_data.get("postal_code", "")
    return [
        showing.target_card(addressee, postal_code=postal_code, language=journey.language)
        for addressee in journey.addressees
    ]


def closed(request: HttpRequest, page: ActionPage) -> HttpResponse:
    context = {
        "page": page,
        "reason": "closed",
        "sentence": page.words().closed,
        "text": request.POST.get("body", "")[: getattr(page, "longest", 0)],
    }
    return render(request, "actions/closed.html", context, status=410)


def too_many(request: HttpRequest, page: ActionPage, refusal: Refusal) -> HttpResponse:
    """Said openly, because it depends on the network and tells nothing about any address."""
    context = {
        "page": page,
        "reason": "busy",
        "sentence": str(refusal),
        "text": request.POST.get("body", "")[: getattr(page, "longest", 0)],
    }
    response = render(request, "actions/closed.html", context, status=429)
    response.headers["Retry-After"] = str(limits.FROM_ONE_NETWORK.seconds)
    return response
