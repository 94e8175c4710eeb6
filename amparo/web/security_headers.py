"""The headers of guarantee S4 on every answer: nothing from elsewhere, nothing inline, no framing, no referrer.

Staff screens are Wagtail's and need inline style and script from themselves; readers' pages get the strict policy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

PUBLIC_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STAFF_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-src 'self'; frame-ancestors 'self'; object-src 'none'"
)
#: The account screens draw the QR code of a one-time code as a data: image.
ACCOUNTS_POLICY = PUBLIC_POLICY.replace("img-src 'self'", "img-src 'self' data:")
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


class SecurityHeadersMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy_for(request.path))
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Referrer-Policy", _referrer_policy_for(request.path))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if policy_for(request.path) is STAFF_POLICY:
            headers["X-Frame-Options"] = "SAMEORIGIN"
        return response


def policy_for(path: str) -> str:
    """The Content-Security-Policy of an address."""
    if path.startswith("/staff/"):
        return STAFF_POLICY
    if path.startswith("/accounts/"):
        return ACCOUNTS_POLICY
    return PUBLIC_POLICY


def _referrer_policy_for(path: str) -> str:
    """Nothing for anybody; except that screens with a session tell this very site, and no other, where a form stood.

    Under "no-referrer" a browser sends a form's `Origin` as "null" (Fetch, 3.2), which the protection against forged
    forms must refuse: nobody could sign in.
    """
    return "same-origin" if path.startswith(("/staff/", "/accounts/")) else "no-referrer"
