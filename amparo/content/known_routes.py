"""Which page a path leads to: remembered for a second, as walking down the tree costs more than reading the page.

Only where the page lies is remembered. The page itself is read anew for each request, and one that was taken down since
is not served; who may read it is asked by Wagtail as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from amparo.content.known_sites import know_site
from amparo.kit.published import published_stamp
from amparo.kit.remembering import Remembered

if TYPE_CHECKING:
    from django.http import HttpRequest

#: By host, language and path: the page's type and key. Only paths that lead to a page are kept.
_known: Remembered[tuple[str, str, str], tuple[type[Page], int]] = Remembered(most=1000)


def know_route(request: HttpRequest, path: str) -> None:
    """Let Wagtail find on the request where `path` leads, when that was worked out a moment ago."""
    key = (request.get_host(), get_language() or "", path)
    known = _known.get(key)
    if known is not None:
        model, pk = known
        page = model._default_manager.filter(pk=pk, live=True).first()
        if page is not None:
            _lend_organization(page, request)
            request._wagtail_route_for_request = RouteResult(page)  # type: ignore[attr-defined]
        return
    stamp = published_stamp()
    result = Page.route_for_request(request, path)
    if result is not None and not result.args and not result.kwargs:
        _known.keep(key, (type(result.page), result.page.pk), stamp=stamp)


def _lend_organization(page: Any, request: HttpRequest) -> None:
    """What is known of the site's organization spares a page of its own the question."""
    _site, identity = know_site(request)
    if identity is not None and getattr(page, "organization_id", None) == identity.organization_id:
        page.organization = identity.organization


def forget_routes() -> None:
    """Walk down the tree again next time."""
    _known.forget()
