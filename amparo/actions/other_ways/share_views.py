"""Asking others: a link and a text for each way that people talk to one another. Nobody else is asked for anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amparo.actions import sharing
from amparo.actions.other_ways import reporting_views

if TYPE_CHECKING:
    from amparo.actions.models import SharePage

#: A Mastodon server's name, as people type it after their own.
_SERVER = re.compile(r"(?:https?://)?(?:@?[\w.]+@)?((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})/?", re.IGNORECASE)


def serve_share_page(request: HttpRequest, page: SharePage) -> HttpResponse:
    """The ways on GET; on POST that somebody was asked, or the name of a Mastodon server."""
    if request.method == "POST" and request.POST.get("step") == "mastodon":
        return _show_mastodon(request, page)
    return reporting_views.serve(request, page, asks_channel=True)


def _show_mastodon(request: HttpRequest, page: SharePage) -> HttpResponse:
    """The link to somebody's own server, made from its name; or the page again, where that was no name."""
    server = _SERVER.fullmatch(request.POST.get("server", "").strip())
    text = next(way.text for way in sharing.ways_of(page) if way.code == "mastodon")
    context: dict[str, Any] = {
        "page": page,
        "text": text,
        "server": server[1].lower() if server else "",
        "opens": f"https://{server[1].lower()}/share?text={quote(text, safe='')}" if server else "",
    }
    response = render(request, "actions/share_mastodon.html", context, status=200 if server else 422)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
