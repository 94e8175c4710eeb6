"""What actions that are one form share at their door: sign up, sign. Taken, asked about a slip, or over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from amparo.actions import one_form, showing, taking
from amparo.kit import addresses
from amparo.kit.client_address import network_asking
from amparo.organizations import limits
from amparo.supporters import wordings
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import QueryDict

    from amparo.actions.models import ActionPage
    from amparo.actions.person_form import PersonForm
    from amparo.supporters.models import ConsentWording

#: A browser's proof, which is carried from step to step, is shorter than this.
LONGEST_PROOF = 4000


def serve(
    request: HttpRequest,
    *,
    show: Callable[[datetime], HttpResponse],
    posted: Callable[[QueryDict, datetime], HttpResponse],
) -> HttpResponse:
    """The page on GET, which is the same for everybody; on POST what came of it, which is nobody else's."""
    now = timezone.now()
    if request.method in {"GET", "HEAD"}:
        return show(now)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    answers = request.POST.copy()
    if answers.get("step") == "corrected":
        answers["email"] = one_form.as_suggested(answers.get("email", ""))
    response = posted(answers, now)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def questions_of(page: ActionPage) -> list[ConsentWording]:
    """What the organization asks for e-mail, in the language being read."""
    asked = wordings.questions(organization=page.organization, language=get_language() or "en")
    return [question for question in asked if question.channel == Channel.EMAIL]


def person_of(form: PersonForm, *, area: str = "") -> taking.Person:
    """Who takes part, as they typed it."""
    typed = form.cleaned_data
    return taking.Person(
        email=typed["email"],
        given_name=typed.get("given_name", ""),
        family_name=typed.get("family_name", ""),
        postal_code=typed.get("postal_code", ""),
        country=typed.get("country", ""),
        language=get_language() or "en",
        area=area,
    )


def is_a_slip(form: PersonForm, *, step: str, first_step: str) -> bool:
    """Whether the address is asked about once: it looks like a slip of the finger in a common domain."""
    return step == first_step and bool(addresses.suggest_domain(form.cleaned_data["email"]))


def ask_about_address(request: HttpRequest, page: ActionPage, form: PersonForm) -> HttpResponse:
    """A slip of the finger: offered, never forced."""
    email = form.cleaned_data["email"]
    context = form_context(page, None) | {
        "page": page,
        "email": email,
        "suggested": one_form.as_suggested(email),
        "carried": form.carried(),
        "proof": proof_in(request),
    }
    return render(request, "actions/sign_up_check.html", context)


def take(
    request: HttpRequest, page: ActionPage, deed: taking.Deed, *, now: datetime, **more: Any
) -> HttpResponse:
    """Store it, and answer in the same words whoever it is; `more` is what the kind's own answer needs."""
    try:
        taking.take_from_stranger(
            page=page,
            deed=deed,
            network=network_asking(request),
            proof=request.POST.get("proof", ""),
            trapped=bool(request.POST.get("website")),
            now=now,
        )
    except taking.PageClosed as refusal:
        return closed(request, page, sentence=str(refusal))
    except taking.TooManyFromNetwork as refusal:
        response = closed(request, page, sentence=str(refusal), reason="busy", status=429)
        response.headers["Retry-After"] = str(limits.FROM_ONE_NETWORK.seconds)
        return response
    context = {"page": page, "email": deed.person.email, "share": showing.share_of(page), **more}
    if deed.known:
        context |= {"name": deed.person.given_name, "thank_you": page.thank_you or page.words().thanks}
        return render(request, "actions/confirmed.html", context)
    return render(request, page.taken_template, context)


def closed(
    request: HttpRequest,
    page: ActionPage,
    *,
    sentence: str = "",
    reason: str = "closed",
    status: int = 410,
) -> HttpResponse:
    """It is over, or too much came from there; nothing was stored."""
    context = {"page": page, "reason": reason, "sentence": sentence or page.words().closed, "text": ""}
    return render(request, "actions/closed.html", context, status=status)


def form_context(page: ActionPage, form: PersonForm | None) -> dict[str, Any]:
    """What every template with the form needs."""
    return {
        "form": form,
        "step_url": page.url,
        "challenge_url": reverse("proof"),
        "carried": [],
        "key": "",
        "proof": "",
    }


def proof_in(request: HttpRequest) -> str:
    """The proof that came with a form, to be carried on."""
    return request.POST.get("proof", "")[:LONGEST_PROOF]
