"""What the provider of text messages tells us: who answered, and what became of a text. Signed, or not listened to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from amparo.mailings import answered_texts
from amparo.mailings.texts import senders
from amparo.mailings.texts.providers import NotSigned, provider

if TYPE_CHECKING:
    from amparo.mailings.texts.providers import TextProvider


@csrf_exempt
@never_cache
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Somebody answered a text. STOP is acted on; anything else is read by nobody and kept nowhere."""
    asked = _provider()
    try:
        received = asked.answer_in(request, url=_address(request))
    except NotSigned:
        raise Http404 from None
    answered_texts.take_answer(received, now=timezone.now())
    return asked.thanks()


@csrf_exempt
@never_cache
@require_POST
def report(request: HttpRequest, token: str) -> HttpResponse:
    """What became of one text; `token` is the opaque name of its recipient."""
    asked = _provider()
    try:
        received = asked.report_in(request, url=_address(request))
    except NotSigned:
        raise Http404 from None
    answered_texts.take_report(received, token=token, now=timezone.now())
    return asked.thanks()


def _provider() -> TextProvider:
    if not senders.is_set_up():
        raise Http404
    return provider()


def _address(request: HttpRequest) -> str:
    """The address as the provider knows it, whatever stands between the Internet and us."""
    base: str = settings.BASE_URL
    return base + request.get_full_path()
