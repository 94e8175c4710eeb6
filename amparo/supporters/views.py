"""The pages of a supporter's own: everything about them, by a link from their mailbox and without a password.

Opening any of them changes nothing. The link is the key, so that there is neither session nor cookie, and nothing for
another site's form to ride on. Every deed answers with the page anew, and one sentence that says what is now the case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.kit.refusal import Refusal
from amparo.supporters import changing_address, linking
from amparo.supporters.deeds import end_subscription
from amparo.supporters.models import Origin, Supporter
from amparo.supporters.own_pages import own_page, preferences
from amparo.supporters.own_pages.dead_links import no_link
from amparo.supporters.own_pages.forms import (
    AddressForm,
    ComplaintForm,
    FrequencyForm,
    OwnDetailsForm,
    OwnPageForm,
)
from amparo.supporters.rights import complaining, erasure
from amparo.supporters.rights.exporting_person import PersonExport, export_person

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request of one person on their own page."""

    request: HttpRequest
    token: str
    person: Supporter
    now: datetime

    @property
    def language(self) -> str:
        return get_language() or "en"

    def asked(self, name: str) -> str:
        return str(self.request.POST.get(name, ""))[:200]


class _NotValid(Exception):  # noqa: N818 - named as the fact
    """What was typed cannot be taken; the form says why, and keeps what was typed."""

    def __init__(self, form: OwnPageForm) -> None:
        super().__init__()
        self.form = form


# --- The page -----------------------------------------------------------------------------------------------------


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def my_page(request: HttpRequest, token: str) -> HttpResponse:
    """Everything about one person; POST does one of the deeds below."""
    now = timezone.now()
    try:
        visit = _Visit(request, token, linking.person_behind(token=token), now)
        if request.method != "POST":
            return _show(visit)
        return _do(visit)
    except linking.LinkUnknown as refusal:
        return no_link(request, refusal)


def _do(visit: _Visit) -> HttpResponse:
    deed = _DEEDS.get(visit.asked("deed"))
    if deed is None:
        return _show(visit)
    try:
        done = deed(visit)
    except _NotValid as found:
        return _show(visit, wrong=found.form, status=422)
    except linking.LinkUnknown:
        raise
    except Refusal as refusal:
        return _show(visit, problem=str(refusal), status=422)
    return _see(visit, done)


def _see(visit: _Visit, done: str) -> HttpResponse:
    """Back to the page, in the language that is now the person's if that is what was changed."""
    language = visit.language
    if done == "details":
        chosen = Supporter.objects.values_list("language", flat=True).get(pk=visit.person.pk)
        language = linking.spoken(chosen)
    with translation.override(language):
        place = reverse("my_page", args=[visit.token])
    return HttpResponseRedirect(f"{place}?done={done}", status=303)


def _show(
    visit: _Visit, *, wrong: OwnPageForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    context = own_page.read(visit.person, language=visit.language, now=visit.now)
    forms: dict[str, OwnPageForm] = {
        "frequency_form": FrequencyForm(initial={"frequency": visit.person.frequency}),
        "details_form": OwnDetailsForm(
            initial=_details_of(visit.person), language=visit.person.language, country=visit.person.country
        ),
        "address_form": AddressForm(),
        "complaint_form": ComplaintForm(initial={"key": own_page.new_key()}),
    }
    if wrong is not None:
        forms[_NAMES[type(wrong)]] = wrong
    if visit.request.method != "POST":
        done = visit.request.GET.get("done", "")[:40]
        context["done"] = own_page.sentence_about(done, visit.person, now=visit.now)
    frame = {
        "page": None,
        "step_url": reverse("my_page", args=[visit.token]),
        "data_url": reverse("my_data", args=[visit.token]),
        "erase_url": reverse("my_erasure", args=[visit.token]),
        "form": wrong,
        "problem": problem,
    }
    return render(visit.request, "supporters/my_page.html", {**context, **forms, **frame}, status=status)


_NAMES: dict[type[OwnPageForm], str] = {
    FrequencyForm: "frequency_form",
    OwnDetailsForm: "details_form",
    AddressForm: "address_form",
    ComplaintForm: "complaint_form",
}


def _details_of(person: Supporter) -> dict[str, Any]:
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "phone": person.phone,
        "postal_code": person.postal_code,
        "language": person.language,
    }


# --- The deeds: each does one thing and names the sentence to say ---------------------------------------------------


def _give(visit: _Visit) -> str:
    preferences.give(supporter=visit.person, slug=visit.asked("what"), language=visit.language, now=visit.now)
    return "given"


def _take_back(visit: _Visit) -> str:
    preferences.take_back(
        supporter=visit.person, slug=visit.asked("what"), language=visit.language, now=visit.now
    )
    return "taken_back"


def _end(visit: _Visit) -> str:
    kind, _stroke, written = visit.asked("what").partition("/")
    try:
        end_subscription(visit.person, kind=kind, id=UUID(written), now=visit.now)
    except ValueError:
        raise preferences.NotAsked from None
    return "ended"


def _stop(visit: _Visit) -> str:
    preferences.stop_everything(supporter=visit.person, origin=Origin.PREFERENCES, now=visit.now)
    return "stopped"


def _frequency(visit: _Visit) -> str:
    form = _valid(FrequencyForm(visit.request.POST))
    wanted = Supporter.Frequency(form.cleaned_data["frequency"])
    preferences.set_frequency(supporter=visit.person, frequency=wanted, now=visit.now)
    return "frequency"


def _pause(visit: _Visit) -> str:
    preferences.pause(supporter=visit.person, now=visit.now)
    return "paused"


def _resume(visit: _Visit) -> str:
    preferences.end_pause(supporter=visit.person, now=visit.now)
    return "resumed"


def _details(visit: _Visit) -> str:
    person = visit.person
    form = _valid(
        OwnDetailsForm(
            visit.request.POST,
            initial=_details_of(person),
            language=person.language,
            country=person.country,
        )
    )
    preferences.change_details(supporter=visit.person, **form.cleaned_data, now=visit.now)
    return "details"


def _address(visit: _Visit) -> str:
    form = _valid(AddressForm(visit.request.POST))
    try:
        changing_address.request_change(
            supporter=visit.person, email=form.cleaned_data["email"], now=visit.now
        )
    except Refusal as refusal:
        form.add_error("email", str(refusal))
        raise _NotValid(form) from None
    return "address_asked"


def _keep_address(visit: _Visit) -> str:
    changing_address.take_back(supporter=visit.person, now=visit.now)
    return "address_kept"


def _complain(visit: _Visit) -> str:
    form = _valid(ComplaintForm(visit.request.POST))
    complaining.complain(supporter=visit.person, **form.cleaned_data, language=visit.language, now=visit.now)
    return "complained"


_DEEDS: dict[str, Callable[[_Visit], str]] = {
    "give": _give,
    "take_back": _take_back,
    "end": _end,
    "stop": _stop,
    "frequency": _frequency,
    "pause": _pause,
    "resume": _resume,
    "details": _details,
    "address": _address,
    "keep_address": _keep_address,
    "complain": _complain,
}


def _valid(form: OwnPageForm) -> OwnPageForm:
    if not form.is_valid():
        raise _NotValid(form)
    return form


# --- A copy ---------------------------------------------------------------------------------------------------------


@never_cache
@csrf_exempt
@require_POST
def my_data(request: HttpRequest, token: str) -> HttpResponse:
    """Everything about them, as a file. It is asked for by POST: what only opens links takes no copies."""
    try:
        person = linking.person_behind(token=token)
    except linking.LinkUnknown as refusal:
        return no_link(request, refusal)
    make = _FILES.get(request.POST.get("as", ""))
    if make is None:
        return HttpResponseRedirect(reverse("my_page", args=[token]), status=303)
    content, content_type, name = make(export_person(supporter=person, now=timezone.now()))
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


_FILES: dict[str, Callable[[PersonExport], tuple[str | bytes, str, str]]] = {
    "html": lambda export: (export.as_html(), "text/html; charset=utf-8", "my-data.html"),
    "csv": lambda export: (export.as_csv_zip(), "application/zip", "my-data.zip"),
    "json": lambda export: (export.as_json(), "application/json", "my-data.json"),
}


# --- Being erased ---------------------------------------------------------------------------------------------------


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def erase_me(request: HttpRequest, token: str) -> HttpResponse:
    """The second of two steps: what goes and what stays, and the button. Pressed twice, it is pressed once."""
    try:
        person = linking.person_behind(token=token)
        if request.method == "POST" and request.POST.get("deed") == "erase":
            erasure.erase(supporter=person, by=None, origin=Origin.PREFERENCES, now=timezone.now())
            return HttpResponseRedirect(reverse("my_erased"), status=303)
    except linking.PersonGone as refusal:
        if request.method == "POST":
            return HttpResponseRedirect(reverse("my_erased"), status=303)
        return no_link(request, refusal)
    except linking.LinkUnknown as refusal:
        return no_link(request, refusal)
    context = {
        "page": None,
        "organization": person.organization,
        "step_url": request.path,
        "back_url": reverse("my_page", args=[token]),
    }
    return render(request, "supporters/erase.html", context)


@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """Where somebody erased arrives; the same for everybody."""
    return render(request, "supporters/erased.html", {"page": None})
