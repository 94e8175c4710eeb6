"""What links in mails open besides a supporter's own page: a new address, the way out, and a link for a lost one."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from amparo.content.site_identity import identity_of
from amparo.kit.client_address import network_asking
from amparo.supporters import changing_address, linking
from amparo.supporters.models import Origin
from amparo.supporters.own_pages import own_page, preferences
from amparo.supporters.own_pages.dead_links import no_link
from amparo.supporters.own_pages.forms import LostLinkForm

# --- Another address ------------------------------------------------------------------------------------------------


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """What the link in the mail to a new address opens: a button that makes it theirs."""
    now = timezone.now()
    try:
        if request.method == "POST":
            changing_address.confirm(token=token, now=now)
            return HttpResponseRedirect(request.path, status=303)
        change = changing_address.look_up(token=token, now=now)
    except changing_address.ChangeExpired as refusal:
        return no_link(request, refusal)
    except changing_address.AddressTaken as refusal:
        taken = {"page": None, "problem": str(refusal)}
        return render(request, "supporters/new_address.html", taken, status=409)
    context = {
        "page": None,
        "change": change,
        "address": own_page.masked(change.email or ""),
        "step_url": request.path,
        "my_url": linking.url_of(change.supporter, language=get_language() or "")
        if change.confirmed_at
        else "",
    }
    return render(request, "supporters/new_address.html", context)


# --- Unsubscribing --------------------------------------------------------------------------------------------------


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: POST ends news by e-mail at once, and answers 200 without a redirect; GET shows a button.

    The link in a text message says so, and ends text messages.

    Mail programs send the POST by themselves, with no cookie, no referrer and no page before it. The link opens nothing
    else: who has only this one cannot read anything.
    """
    now = timezone.now()
    of_texts = linking.OF_TEXTS in request.GET
    context: dict[str, Any] = {
        "page": None,
        "step_url": f"{request.path}?{linking.OF_TEXTS}" if of_texts else request.path,
        "is_done": request.method == "POST",
        "of_texts": of_texts,
    }
    try:
        person = linking.person_behind(token=token, purpose=linking.UNSUBSCRIBE)
        context["organization"] = person.organization
        if request.method == "POST":
            context["everything"] = request.POST.get("what") == "everything"
            if context["everything"]:
                preferences.stop_everything(supporter=person, origin=Origin.ONE_CLICK, now=now)
            elif of_texts:
                preferences.unsubscribe_from_texts(supporter=person, now=now)
            else:
                preferences.unsubscribe(supporter=person, now=now)
    except linking.PersonGone as refusal:
        # Nothing can be sent to somebody erased, which is all that the button asked for.
        if request.method != "POST":
            return no_link(request, refusal)
        context["everything"] = True
    except linking.LinkUnknown as refusal:
        return no_link(request, refusal)
    return render(request, "supporters/unsubscribe.html", context)


# --- A lost link ----------------------------------------------------------------------------------------------------


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def lost_link(request: HttpRequest) -> HttpResponse:
    """Asks for an address, and answers the same whoever's it is."""
    identity = identity_of(request)
    if identity is None:
        raise Http404
    form = LostLinkForm(request.POST if request.method == "POST" else None)
    context = {
        "page": None,
        "form": form,
        "step_url": reverse("my_link"),
        "challenge_url": reverse("proof"),
        "asked": request.method != "POST" and "asked" in request.GET,
    }
    if request.method != "POST":
        return render(request, "supporters/lost_link.html", context)
    if not form.is_valid():
        return render(request, "supporters/lost_link.html", context, status=422)
    try:
        linking.ask_for_link(
            organization=identity.organization,
            email=form.cleaned_data["email"],
            language=get_language() or "en",
            network=network_asking(request),
            proof=request.POST.get("proof", "")[:4000],
            trapped=bool(request.POST.get("website")),
            now=timezone.now(),
        )
    except linking.TooManyLinksAsked as refusal:
        form.add_error(None, str(refusal))
        response = render(request, "supporters/lost_link.html", context, status=429)
        response.headers["Retry-After"] = str(linking.FROM_ONE_NETWORK.seconds)
        return response
    return HttpResponseRedirect(reverse("my_link") + "?asked", status=303)
