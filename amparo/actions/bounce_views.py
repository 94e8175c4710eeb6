"""Where a mail server or a provider hands over what came back, when it has no mailbox that we can read."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from amparo.actions.bouncing import take_back
from amparo.mailings.bounce_mailbox import Outcome
from amparo.mailings.delivery_reports import LARGEST

#: What the caller shall do: forget the mail, keep it because it is not ours, or come again in a minute.
_ANSWERS = {Outcome.BOUNCED: 200, Outcome.IGNORED: 200, Outcome.UNMATCHED: 422, Outcome.LATER: 503}


@csrf_exempt
@never_cache
@require_POST
def bounces(request: HttpRequest) -> JsonResponse:
    """One returned mail, as it is on the wire, in the body of the request; the caller shows AMPARO_BOUNCE_TOKEN."""
    token = settings.AMPARO_BOUNCE_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(token.encode(), given.encode()):
        raise Http404
    if _length(request) > LARGEST:
        return JsonResponse({"outcome": "too large"}, status=413)
    outcome = take_back(raw=request.body, now=timezone.now())
    answer = JsonResponse({"outcome": outcome.value}, status=_ANSWERS[outcome])
    if outcome is Outcome.LATER:
        answer.headers["Retry-After"] = "60"
    return answer


def _length(request: HttpRequest) -> int:
    """The length that the caller declares, without which the server reads nothing."""
    declared = request.headers.get("Content-Length", "")
    return int(declared) if declared.isdecimal() else 0
