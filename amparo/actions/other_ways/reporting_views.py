"""The end of every action that people do by themselves: how did it go, and may we write to you about it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from amparo.actions import attribution, one_form, showing, taking
from amparo.actions.addressing_views import closed, too_many
from amparo.actions.other_ways import reporting
from amparo.actions.other_ways.outcome_form import OutcomeForm
from amparo.kit.client_address import network_asking
from amparo.supporters import wordings
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.http import QueryDict

    from amparo.actions.models import ActionPage

#: The step that every such form posts.
STEP = "said"


def form_of(
    page: ActionPage,
    posted: QueryDict | None = None,
    *,
    offices: Sequence[tuple[str, str]] = (("", ""),),
    asks_channel: bool = False,
) -> OutcomeForm:
    """The page's question in the language being read, with the organization's own about news by e-mail."""
    questions = [
        question
        for question in wordings.questions(organization=page.organization, language=get_language() or "en")
        if question.channel == Channel.EMAIL
    ]
    return OutcomeForm(posted, page=page, offices=offices, questions=questions, asks_channel=asks_channel)


def context_of(page: ActionPage, form: OutcomeForm) -> dict[str, Any]:
    """What `actions/_outcome_form.html` needs."""
    return {
        "page": page,
        "outcome_form": form,
        "form": form,
        "step_url": page.url,
        "challenge_url": reverse("proof"),
        "carried": [],
        "key": "",
        "proof": "",
        "tally": reporting.tally_of(page),
    }


def serve(request: HttpRequest, page: ActionPage, *, asks_channel: bool = False) -> HttpResponse:
    """A page that is one form, and that form is about what was done elsewhere."""
    if request.method in {"GET", "HEAD"}:
        return show_page(request, page, form_of(page, asks_channel=asks_channel))
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    form = form_of(page, request.POST, asks_channel=asks_channel)
    if form.is_valid():
        response = take(request, page, form, now=timezone.now())
    else:
        response = show_page(request, page, form, status=422)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def show_page(
    request: HttpRequest, page: ActionPage, form: OutcomeForm, *, status: int = 200
) -> HttpResponse:
    """A page whose question stands on the page itself."""
    context = page.get_context(request) | context_of(page, form)
    context["proof"] = request.POST.get("proof", "")[:4000]
    return render(request, page.template, context, status=status)


def take(
    request: HttpRequest,
    page: ActionPage,
    form: OutcomeForm,
    *,
    key: UUID | None = None,
    area: str = "",
    now: datetime,
) -> HttpResponse:
    """Keep a valid form, and thank. Whoever left an address is told to look into the mailbox, whoever they are.

    `key` is the form's own, where a page brought one.
    """
    told = form.told()
    answers = sorted((name, str(value)) for name, value in form.cleaned_data.items())
    posted = request.POST
    door: dict[str, Any] = {
        "network": network_asking(request),
        "proof": posted.get("proof", ""),
        "trapped": bool(posted.get("website")),
        "now": now,
    }
    by_name = bool(form.email_address and told.something_done)
    try:
        if by_name:
            person = taking.Person(
                email=form.email_address,
                given_name=form.cleaned_data["given_name"],
                language=get_language() or "en",
                area=area,
            )
            deed = taking.Deed(
                key=key or one_form.key_of(page, answers, now=now),
                person=person,
                consents=form.consent_answers(),
                source=page.url or "",
                via=attribution.via_of(posted),
                beside=reporting.beside(told),
            )
            taking.take_from_stranger(page=page, deed=deed, **door)
        else:
            reporting.report(page=page, key=key, told=told, **door)
    except taking.PageClosed:
        return closed(request, page)
    except taking.TooManyFromNetwork as refusal:
        return too_many(request, page, refusal)
    context = {
        "page": page,
        "email": form.email_address,
        "share": showing.share_of(page),
        "something_done": told.something_done,
    }
    template = page.taken_template if by_name else "actions/reported.html"
    return render(request, template, context)
