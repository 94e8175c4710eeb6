"""Addresses of Wagtail and of the sign-in library that this house does not open, each with its reason."""

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
    # An administrator lets staff back in: a mail to whoever reads a mailbox would be a weaker door than the front one.
    re_path(r"^accounts/password/reset/$", shut, name="shut_password_reset"),
    # Lists every site by name, and the page of any organization that was edited last.
    re_path(r"^staff/reports/page-types-usage/", shut, name="shut_page_types_usage"),
]
