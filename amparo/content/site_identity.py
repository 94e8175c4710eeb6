"""Which organization's site a request came to: for templates, and for every verb that a page starts."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import get_language, get_language_info

from amparo.content.known_sites import homes, know_site

if TYPE_CHECKING:
    from django.http import HttpRequest
    from wagtail.models import Site

    from amparo.content.models import SiteIdentity


def identity_of(request: HttpRequest) -> SiteIdentity | None:
    """The identity of the requested site."""
    return know_site(request)[1]


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
        "home_url": _known_home_url(know_site(request)[0]),
        "translations": _translations(request),
    }


def _known_home_url(site: Site | None) -> str:
    """The same, remembered for a second: every page asks it, and finding the translation asks the database."""
    key = (site.pk if site else None, get_language() or "")
    return homes.ask(key, lambda: _home_url(site))


def _home_url(site: Site | None) -> str:
    """The front page in the language being read, or else the site's own."""
    home = site.root_page.localized if site else None
    return (home.url if home else None) or "/"


def _translations(request: HttpRequest) -> list[dict[str, Any]]:
    """The page being read, in every language it exists in; empty on pages that are not Wagtail's."""
    page = getattr(request, "_read_page", None)
    if page is None:
        return []
    found = page.get_translations(inclusive=True).live().select_related("locale")
    return [
        {
            "code": each.locale.language_code,
            "name": get_language_info(each.locale.language_code)["name_local"],
            "url": each.url,
            "current": each.locale_id == page.locale_id,
        }
        for each in found
    ]


def theme_url(identity: SiteIdentity) -> str:
    """The address of the site's colours; it changes when they do, so that it may be cached for ever."""
    mark = sha256(f"{identity.accent}{identity.accent_ink}".encode()).hexdigest()[:10]
    return reverse("theme", args=[identity.pk, mark])
