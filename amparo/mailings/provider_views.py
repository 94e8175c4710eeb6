"""Where the provider by which mailings leave says what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from amparo.mailings.carriers import known_providers, provider_reports

if TYPE_CHECKING:
    from django.http import HttpRequest

#: What django-anymail's readers raise for a report that has not the form they know.
_NO_REPORT = (
    AnymailError,
    AnymailConfigurationError,
    AttributeError,
    KeyError,
    IndexError,
    TypeError,
    ValueError,
)


@csrf_exempt
@never_cache
@require_POST
def provider_report(request: HttpRequest, provider: str) -> HttpResponse:
    """Some reports of the provider in use, signed or with the secret that it was given.

    Whoever is known, and whoever is not, the answer is the same; an error of ours lets the provider come again.
    """
    known = known_providers.chosen()
    if known is None or provider != known.name or not settings.AMPARO_MAIL_REPORTS_SECRET:
        raise Http404
    reader = import_string(known.reports)()
    try:
        reader.run_validators(request)
    except (AnymailWebhookValidationFailure, *_NO_REPORT):
        # Whoever has not shown who they are does not make us stumble either.
        return HttpResponse(status=403)
    try:
        events = reader.parse_events(request)
    except _NO_REPORT:
        return HttpResponse(status=400)
    now = timezone.now()
    for event in events:
        provider_reports.take(event, provider=known, now=now)
    return HttpResponse()
