"""When the database is away or the disk is full, say so honestly: 503, when to come back, nothing lost silently."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.template import loader

from amparo.kit.group_commit import Busy

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)

#: Seconds after which a browser or a form may try again.
RETRY_AFTER = 5


class AvailabilityMiddleware:
    """Turns a database that is away, busy or full into 503 with Retry-After; anything else stays a bug and is loud."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:  # noqa: ARG002
        if not is_unavailable(exception):
            return None
        logger.warning("unavailable: %s", type(exception).__name__)
        return unavailable()


def is_unavailable(exception: BaseException) -> bool:
    """Whether this will pass by itself: no connection, no space, too many waiting."""
    if isinstance(exception, OperationalError | InterfaceError | Busy):
        return True
    if isinstance(exception, DatabaseError):
        return "disk" in str(exception).lower() or "full" in str(exception).lower()
    return isinstance(exception, OSError) and exception.errno in {errno.ENOSPC, errno.EDQUOT}


def unavailable() -> HttpResponse:
    """The answer 503, drawn without the database."""
    response = HttpResponse(loader.get_template("web/503.html").render({}), status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    response.headers["Cache-Control"] = "no-store"
    return response
