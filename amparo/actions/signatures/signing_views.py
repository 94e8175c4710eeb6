"""Signing a petition or an open letter: the page with its form, what comes of it, and the list of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amparo.actions import attribution, drafting, one_form, one_form_views, taking
from amparo.actions.models import ActionPage, OpenLetterPage, SignedPage
from amparo.actions.signatures import known_readers, letter_views, receipts, signing, versions
from amparo.actions.signatures.signing_form import SignForm
from amparo.content.known_sites import know_site

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import QueryDict

    from amparo.actions.models import LetterVersion


def serve_signed_page(request: HttpRequest, page: SignedPage) -> HttpResponse:
    """The page on GET; the signature on POST."""
    version = versions.current(page) if isinstance(page, OpenLetterPage) else None
    return one_form_views.serve(
        request,
        show=lambda now: _show(request, page, form_for(page, version=version), version, now=now),
        posted=lambda answers, now: _posted(request, page, answers, version, now=now),
    )


def form_for(
    page: SignedPage, posted: QueryDict | None = None, *, version: LetterVersion | None = None
) -> SignForm:
    """The page's form in the language being read."""
    return SignForm(posted, page=page, questions=one_form_views.questions_of(page), version=version)


def _posted(
    request: HttpRequest,
    page: SignedPage,
    answers: QueryDict,
    version: LetterVersion | None,
    *,
    now: datetime,
) -> HttpResponse:
    if not page.takes_actions(now=now):
        return one_form_views.closed(request, page)
    if answers.get("step") == known_readers.STEP:
        return _posted_by_known(request, page, answers, version, now=now)
    form = form_for(page, answers, version=version)
    if not form.is_valid():
        return _show(request, page, form, version, now=now, status=422)
    if one_form_views.is_a_slip(form, step=answers.get("step", ""), first_step="sign"):
        return one_form_views.ask_about_address(request, page, form)
    read = version if form.cleaned_data.get("version") else None
    deed = _deed(page, form, read, via=attribution.via_of(answers), now=now)
    return one_form_views.take(request, page, deed, now=now, version=read)


def _posted_by_known(
    request: HttpRequest,
    page: SignedPage,
    answers: QueryDict,
    version: LetterVersion | None,
    *,
    now: datetime,
) -> HttpResponse:
    """One press by somebody who came from our mail. Whatever is missing for that is asked for in the usual form."""
    via = attribution.via_of(answers)
    try:
        reader = known_readers.reader_behind(
            answers.get(known_readers.FIELD, ""), page=page, via=via, now=now
        )
    except known_readers.NotKnown as refusal:
        form = form_for(page, version=version)
        return _show(request, page, form, version, now=now, status=422, notice=str(refusal))
    blank = form_for(page, version=version)
    known = {blank.add_prefix(name): value for name, value in known_readers.answers_of(reader).items()}
    known["version"] = answers.get("version", "")
    form = SignForm(known, page=page, questions=(), version=version)
    if not form.is_valid():
        # A letter that was changed meanwhile says so itself.
        notice = " ".join(map(str, form.non_field_errors())) or _("Please add what is missing.")
        blank.initial = known_readers.answers_of(reader)
        return _show(request, page, blank, version, now=now, status=422, notice=notice)
    read = version if form.cleaned_data.get("version") else None
    deed = _deed(page, form, read, via=via, now=now, known=True)
    return one_form_views.take(request, page, deed, now=now, version=read)


def _deed(
    page: SignedPage,
    form: SignForm,
    version: LetterVersion | None,
    *,
    via: str,
    now: datetime,
    known: bool = False,
) -> taking.Deed:
    typed = form.cleaned_data
    wishes = signing.Wishes(
        shown_as=typed.get("shown_as", ""),
        place=typed.get("place", ""),
        comment=typed.get("comment", "").replace("\r\n", "\n"),
        represents=typed.get("represents", ""),
        role=typed.get("role", ""),
    )
    area = signing.area_of(page, postal_code=typed.get("postal_code", ""), now=now)
    return taking.Deed(
        key=one_form.key_of(page, form.carried(), now=now),
        person=one_form_views.person_of(form, area=area),
        consents=form.consent_answers(),
        source=page.url or "",
        via=via,
        beside=signing.beside(wishes, version=version, known=known),
        known=known,
    )


def _show(
    request: HttpRequest,
    page: SignedPage,
    form: SignForm,
    version: LetterVersion | None,
    *,
    now: datetime,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    context = page.get_context(request) | one_form_views.form_context(page, form)
    context |= {
        "is_open": page.takes_actions(now=now),
        "days_left": drafting.days_left(page.deadline, page=page, now=now),
        "tally": signing.tally_of(page),
        "newest": signing.newest_names(page),
        "names_url": reverse("signatures", args=[page.pk, 1]) if page.shows_names else "",
        "receipts": receipts.of(page),
        "proof": one_form_views.proof_in(request),
        "notice": notice,
    }
    if isinstance(page, OpenLetterPage):
        context |= {"letter": versions.letter_of(page), "version": version}
        context |= letter_views.citation(page, version) if version else {}
    return render(request, page.template, context, status=status)


@require_safe
def names(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Everybody who signed and wants to be seen, the newest first."""
    page = get_object_or_404(ActionPage.objects.live(), pk=pk).specific
    _site, identity = know_site(request)
    if (
        not isinstance(page, SignedPage)
        or not page.shows_names
        or identity is None
        or page.organization_id != identity.organization_id
        or number < 1
    ):
        raise Http404
    found, more = signing.names_on(page, number=number)
    if not found and number > 1:
        raise Http404
    context = {
        "page": page,
        "signatures": found,
        "number": number,
        "before": reverse("signatures", args=[page.pk, number - 1]) if number > 1 else "",
        "after": reverse("signatures", args=[page.pk, number + 1]) if more else "",
    }
    return render(request, "actions/signatures.html", context)
