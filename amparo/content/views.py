"""The door to pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.csrf import csrf_exempt
from wagtail import views as wagtail_views

from amparo.content.known_routes import know_route
from amparo.content.known_sites import know_site

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@csrf_exempt
def serve_page(request: HttpRequest, path: str) -> HttpResponseBase:
    """A page for readers, by its path.

    It is the same for everybody and sets no cookie, so its form can carry no token; what it posts is accepted from
    anybody anyway, and confirmed by mail.
    """
    know_site(request)
    know_route(request, path)
    response: HttpResponseBase = wagtail_views.serve(request, path)
    return response
