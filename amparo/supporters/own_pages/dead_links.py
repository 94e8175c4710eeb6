"""The one answer to every link that leads nowhere, so that it tells nothing about the link or about anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from amparo.kit.refusal import Refusal


def no_link(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The same words for a link that is unknown, altered, too old, or of somebody who was erased."""
    context = {"page": None, "sentence": str(refusal)}
    return render(request, "supporters/no_link.html", context, status=410)
