"""A small cache of whole pages for readers, in this process, and the headers that let caches between keep them too.

A page is kept when it was asked for by GET without a cookie or a query, answered 200 and set no cookie. It
is thrown away when anything is published: every process looks at the time stamp of one file, which
publishing touches. The cache lives before sessions and database, so a page that was read once can be read
while the database is away, however long, unless something was published since.

One query is let through: the mark by which means a link came (`?via=`), the same for all readers of a mailing. Such
pages have a shelf of their own, so that invented marks push out nothing but one another.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse

from amparo.actions import attribution
from amparo.kit.published import note_publication, published_stamp

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

#: Pages kept at most; at 50 KB each this is ten megabytes.
MOST_PAGES = 200
MOST_MARKED = 100
#: Seconds for which an old page is shown without asking again, once the database was found to be away.
WHILE_AWAY = 2.0
_KEPT_HEADERS = (
    "Content-Type", "Content-Language", "Content-Disposition", "ETag", "Cache-Control", "Vary", "Last-Modified",
    "X-Robots-Tag",
)  # fmt: skip
_NEVER = ("/staff/", "/accounts/", "/static/", "/media/", "/healthz", "/readyz", "/metrics", "/demo/")


@dataclass(frozen=True, slots=True)
class KeptPage:
    body: bytes
    headers: dict[str, str]
    until: float
    stamp: int


Key = tuple[str, str, str, str]
Shelf = OrderedDict[Key, KeptPage]


class PageCacheMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._pages: Shelf = OrderedDict()
        self._marked: Shelf = OrderedDict()
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_for_any_reader(request):
            return self.get_response(request)
        mark = mark_of(request)
        key = (request.get_host(), request.path, language_asked(request), mark or "")
        shelf = self._marked if mark else self._pages
        stamp = published_stamp()
        kept = shelf.get(key)
        if kept and kept.stamp != stamp:
            kept = None
        if kept and kept.until > time.monotonic():
            return HttpResponse(kept.body, headers=kept.headers)
        response = self.get_response(request)
        if may_keep(response):
            self._keep(shelf, key, response, stamp)  # type: ignore[arg-type]
        elif kept and response.status_code == 503:
            # The next readers need not wait to hear that the database is still away.
            with self._lock:
                shelf[key] = replace(kept, until=time.monotonic() + WHILE_AWAY)
            return HttpResponse(kept.body, headers=kept.headers)
        return response

    def _keep(self, shelf: Shelf, key: Key, response: HttpResponse, stamp: int) -> None:
        seconds = settings.AMPARO_PAGE_CACHE_SECONDS
        response.headers.setdefault("Cache-Control", f"public, max-age={seconds}, stale-if-error=86400")
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        # Set further in for other answers, and without it the web server sends the page in chunks.
        headers["Content-Length"] = str(len(response.content))
        with self._lock:
            shelf[key] = KeptPage(response.content, headers, time.monotonic() + seconds, stamp)
            shelf.move_to_end(key)
            while len(shelf) > (MOST_PAGES if shelf is self._pages else MOST_MARKED):
                shelf.popitem(last=False)


def is_for_any_reader(request: HttpRequest) -> bool:
    """Whether the answer cannot depend on who asks: a plain GET with no cookie, and no query but a known mark."""
    return (
        request.method == "GET"
        and settings.AMPARO_PAGE_CACHE_SECONDS > 0
        and mark_of(request) is not None
        and not request.META.get("HTTP_COOKIE")
        and not request.path.startswith(_NEVER)
    )


def mark_of(request: HttpRequest) -> str | None:
    """By which means the link came; empty without a query, None with any other query."""
    query: str = request.META.get("QUERY_STRING", "")
    name, _equals, code = query.partition("=")
    if not query:
        return ""
    return attribution.known(code) or None if name == attribution.NAME else None


def may_keep(response: HttpResponseBase) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "no-store" not in response.headers.get("Cache-Control", "")
    )


def language_asked(request: HttpRequest) -> str:
    """Pages carry their language in the address; only the root chooses by header."""
    return request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:40] if request.path == "/" else ""


def forget_pages() -> None:
    """Every process reads its pages afresh from now on."""
    note_publication()
