"""Addresses of Wagtail's that this house does not open, because they look across organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.urls import re_path

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def shut(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """As if it had never been there."""
    raise Http404


urlpatterns = [
    # Lists every site by name, and the page of any organization that was edited last.
    re_path(r"^staff/reports/page-types-usage/", shut, name="shut_page_types_usage"),
]
