"""The sign-in pages are the organization's own: its name in their head and title, its contact in their foot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from django.template.response import SimpleTemplateResponse

_ACCOUNTS = "/accounts/"


class AccountPagesMiddleware:
    """Takes allauth's `site`, a bare host, out of what its pages are given; ours stands under the same name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: SimpleTemplateResponse
    ) -> SimpleTemplateResponse:
        if request.path.startswith(_ACCOUNTS) and response.context_data:
            response.context_data.pop("site", None)
        return response
