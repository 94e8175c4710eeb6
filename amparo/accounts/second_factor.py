"""Staff without a second factor can do nothing but enrol one (guarantee S11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.urls import reverse

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

_STAFF = "/staff/"


class SecondFactorMiddleware:
    """Keeps the staff screens shut until the signed-in user has a passkey or a one-time code."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (
            request.path.startswith(_STAFF)
            and request.user.is_authenticated
            and not is_mfa_enabled(request.user)
        ):
            if request.method == "GET":
                return HttpResponseRedirect(reverse("mfa_index"))
            return HttpResponseForbidden("Set up a passkey or a one-time code first.")
        response: HttpResponse = self.get_response(request)  # type: ignore[assignment]
        return response
