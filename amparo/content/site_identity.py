"""Which organization's site a request came to: for templates, and for every verb that a page starts."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import get_language, get_language_info
from wagtail.models import Site

from amparo.content.models import SiteIdentity

if TYPE_CHECKING:
    from django.http import HttpRequest


def identity_of(request: HttpRequest) -> SiteIdentity | None:
    """The identity of the requested site, read once per request."""
    if not hasattr(request, "_site_identity"):
        site = Site.find_for_request(request)
        request._site_identity = (  # type: ignore[attr-defined]
            SiteIdentity.objects.filter(site=site).select_related("organization", "logo").first()
            if site
            else None
        )
    found: SiteIdentity | None = request._site_identity  # type: ignore[attr-defined]
    return found


def site_identity(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site` and the address of its colours; empty on staff screens."""
    if request.path.startswith("/staff/"):
        return {}
    identity = identity_of(request)
    if identity is None:
        return {"site": None, "theme_url": None}
    return {
        "site": identity,
        "theme_url": theme_url(identity),
        "language": get_language_info(get_language() or "en"),
    }


def theme_url(identity: SiteIdentity) -> str:
    """The address of the site's colours; it changes when they do, so that it may be cached for ever."""
    mark = sha256(f"{identity.accent}{identity.accent_ink}".encode()).hexdigest()[:10]
    return reverse("theme", args=[identity.pk, mark])
