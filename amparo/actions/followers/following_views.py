"""Following a case: the form on its page comes in here, and the link at the foot of its news ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from amparo.actions import one_form, taking
from amparo.actions.followers import following
from amparo.actions.followers.following_form import FollowForm
from amparo.cases.models import CasePage
from amparo.content.known_sites import know_site
from amparo.kit import addresses
from amparo.kit.client_address import network_asking
from amparo.kit.refusal import Refusal
from amparo.organizations import limits

if TYPE_CHECKING:
    from datetime import datetime


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of one case page, which is the same for everybody and carries no token; GET leads back to the page."""
    now = timezone.now()
    page = _page(request, pk)
    if request.method != "POST":
        return HttpResponseRedirect(page.url or "/")
    if following.public_case(page.case, today=now.date()) is None:
        raise Http404
    response = _posted(request, page, now=now)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _posted(request: HttpRequest, page: CasePage, *, now: datetime) -> HttpResponse:
    posted = request.POST.copy()
    if posted.get("step") == "corrected":
        posted["email"] = one_form.as_suggested(posted.get("email", ""))
    form = FollowForm(posted, page=page)
    if not form.is_valid():
        return _show(
            request, page, "actions/follow.html", {"follow": form, "form": form}, now=now, status=422
        )
    email = form.cleaned_data["email"]
    if posted.get("step") == "follow" and addresses.suggest_domain(email):
        asked = {"email": email, "suggested": one_form.as_suggested(email), "carried": form.carried()}
        return _show(request, page, "actions/sign_up_check.html", asked, now=now)
    try:
        following.follow(
            case=page.case,
            wish=form.wish(language=get_language() or "en"),
            network=network_asking(request),
            proof=request.POST.get("proof", ""),
            trapped=bool(request.POST.get("website")),
            now=now,
        )
    except taking.TooManyFromNetwork as refusal:
        context = {"reason": "busy", "sentence": str(refusal), "text": ""}
        response = _show(request, page, "actions/closed.html", context, now=now, status=429)
        response.headers["Retry-After"] = str(limits.FROM_ONE_NETWORK.seconds)
        return response
    return _show(request, page, "actions/follow_taken.html", {"email": email, "share": None}, now=now)


def _show(
    request: HttpRequest,
    page: CasePage,
    template: str,
    context: dict[str, Any],
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    """One step, headed by what readers call the case; the page's own title is for staff."""
    frame = {
        "page": {"title": following.heading(page.case, today=now.date()), "url": page.url},
        "step_url": reverse("follow_case", args=[page.pk]),
        "follow_url": reverse("follow_case", args=[page.pk]),
        "challenge_url": reverse("proof"),
        "carried": [],
        "key": "",
        "proof": request.POST.get("proof", "")[:4000],
    }
    return render(request, template, frame | context, status=status)


def _page(request: HttpRequest, pk: int) -> CasePage:
    _site, identity = know_site(request)
    if identity is None:
        raise Http404
    pages = CasePage.objects.live().public().select_related("case__organization", "case__person")
    found: CasePage = get_object_or_404(pages, pk=pk, case__organization=identity.organization)
    return found


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_following(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks whether it is meant; POST, of a person or of a mail program (RFC 8058), ends it."""
    now = timezone.now()
    context: dict[str, Any] = {"page": None, "step_url": request.path, "done": request.method == "POST"}
    try:
        found = following.behind(token=token)
        context["title"] = following.heading(found.case, today=now.date())
        if context["done"]:
            following.end(following=found, now=now)
    except Refusal as refusal:
        return render(request, "actions/expired.html", {"page": None, "sentence": str(refusal)}, status=410)
    return render(request, "actions/stop_following.html", context)
