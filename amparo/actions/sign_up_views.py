"""Signing up: the page, its form inside other pages, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amparo.actions import attribution, one_form, one_form_views, taking
from amparo.actions.models import SignUpPage
from amparo.actions.sign_up_form import SignUpForm
from amparo.content.insets import Inset

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import QueryDict


def inset_of(page: SignUpPage) -> Inset:
    """The empty form, for the body of another page."""
    return Inset("actions/_sign_up_form.html", _form_context(page, form_for(page)))


def serve_sign_up_page(request: HttpRequest, page: SignUpPage) -> HttpResponse:
    """The page on GET; on POST the form, which may have been filled in on another page."""
    return one_form_views.serve(
        request,
        show=lambda now: _show(request, page, form_for(page), now=now),
        posted=lambda answers, now: _posted(request, page, answers, now=now),
    )


def form_for(page: SignUpPage, posted: QueryDict | None = None) -> SignUpForm | None:
    """The page's form in the language being read; None while the organization has no question to ask."""
    questions = one_form_views.questions_of(page)
    return SignUpForm(posted, page=page, questions=questions) if questions else None


def _posted(request: HttpRequest, page: SignUpPage, answers: QueryDict, *, now: datetime) -> HttpResponse:
    form = form_for(page, answers)
    if form is None or not page.takes_actions(now=now):
        return one_form_views.closed(request, page)
    if not form.is_valid():
        return _show(request, page, form, now=now, status=422)
    if one_form_views.is_a_slip(form, step=answers.get("step", ""), first_step="sign_up"):
        return one_form_views.ask_about_address(request, page, form)
    deed = taking.Deed(
        key=one_form.key_of(page, form.carried(), now=now),
        person=one_form_views.person_of(form),
        consents=form.agreed(),
        source=page.url or "",
        via=attribution.via_of(answers),
    )
    return one_form_views.take(request, page, deed, now=now)


def _form_context(page: SignUpPage, form: SignUpForm | None) -> dict[str, Any]:
    return {"sign_up": page, **one_form_views.form_context(page, form)}


def _show(
    request: HttpRequest, page: SignUpPage, form: SignUpForm | None, *, now: datetime, status: int = 200
) -> HttpResponse:
    context = page.get_context(request) | _form_context(page, form)
    context |= {"is_open": page.takes_actions(now=now), "proof": one_form_views.proof_in(request)}
    return render(request, page.template, context, status=status)
