"""What a reader sees who is lost, and what they see when we broke: in their language, like every other page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """The answer 404."""
    return render(request, "web/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The answer 500, drawn without the database and without the request, either of which may be what broke."""
    return HttpResponse(loader.get_template("web/500.html").render({}), status=500)
