"""Finding by postcode for the form, as JSON, and the report-a-mistake page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from amparo.content.site_identity import identity_of
from amparo.kit.client_address import network_asking
from amparo.kit.refusal import Refusal
from amparo.organizations import limits
from amparo.targets import contacting, finding
from amparo.targets.forms import ReportMistakeForm


@never_cache
@csrf_exempt
@require_POST
def find(request: HttpRequest, slug: str) -> JsonResponse:
    """Who answers for a postcode. It is posted, not asked for by address, because addresses end up in logs."""
    identity = identity_of(request)
    try:
        answer = finding.find(
            slug=slug,
            postcode=request.POST.get("postal-code", "")[:200],
            legislature=request.POST.getlist("legislature") or None,
            area_code=request.POST.get("area", "")[:60],
            language=get_language() or "en",
            organization=identity.organization if identity else None,
            now=timezone.now(),
        )
    except Refusal as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=422)
    return JsonResponse(finding.as_json(answer))


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report_mistake(request: HttpRequest, target_key: str) -> HttpResponse:
    """Somebody tells us that a target is wrong; the answer is the same whatever they wrote."""
    now = timezone.now()
    identity = identity_of(request)
    target = (
        finding.target_by_key(target_key, organization=identity.organization, now=now) if identity else None
    )
    if identity is None or target is None:
        raise Http404
    form = ReportMistakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        welcome = limits.allow(limits.REPORTS_FROM_ONE_NETWORK, value=network_asking(request), now=now)
        if welcome and not request.POST.get("website"):
            contacting.report_mistake(
                organization=identity.organization,
                target_key=target_key,
                dataset_label=target.dataset,
                what=form.in_words(),
                email=form.cleaned_data["email"],
                now=now,
            )
        return render(request, "actions/report_mistake_thanks.html", {"page": None})
    card = {
        "name": target.holder or target.label,
        "office": target.label,
        "area": target.area_name,
        "party": "",
    }
    context = {"form": form, "target": card, "step_url": request.path, "page": None, "carried": [], "key": ""}
    return render(request, "actions/report_mistake.html", context, status=422 if form.errors else 200)
