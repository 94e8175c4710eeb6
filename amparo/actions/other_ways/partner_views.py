"""A partner's action: what is met there, the way there, and whether it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.actions.other_ways import reporting_views

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from amparo.actions.models import PartnerPage


def serve_partner_page(request: HttpRequest, page: PartnerPage) -> HttpResponse:
    """The page on GET; on POST that it was done."""
    return reporting_views.serve(request, page)
