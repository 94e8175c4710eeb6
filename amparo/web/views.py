"""Health, the site's colours, pictures and error pages."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from amparo.content.models import CreditedRendition, SiteIdentity
from amparo.kit import signing, work
from amparo.kit.heartbeat import read_heartbeat
from amparo.mailings import sending

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

#: An engine writes its heartbeat every few seconds; after this long it is taken to be gone.
SILENT_FOR = timedelta(seconds=60)
_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The parts a letter needs; 503 when one of those is missing without which no letter can be taken.

    While mail does not leave, letters are taken all the same and wait, so that alone takes no server out of service.
    """
    now = timezone.now()
    parts = {"database": _database_answers(), "engine": _engine_lives(now=now)}
    status = 200 if all(parts.values()) else 503
    parts["mail"] = sending.mail_leaves(now=now)
    return JsonResponse(parts, status=status, headers={"Cache-Control": "no-store"})


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _engine_lives(*, now: datetime) -> bool:
    """Whether a worker showed itself in the last minute; with Celery, RabbitMQ's own tools watch the workers."""
    if settings.AMPARO_ENGINE == "celery":
        return True
    beat = read_heartbeat()
    return beat is not None and beat.age(now=now) < SILENT_FOR


@require_safe
def signing_key(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The key that hand-overs are checked with, and how, for whoever received one (docs/campaign/hand-over.md)."""
    text = f"{_HOW_TO_CHECK}\n{signing.public_key()}"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


_HOW_TO_CHECK = """\
This is the public key (Ed25519) with which documents handed over by this site are signed.

To check a document, you need the document, the small file NAME.sig.txt that came with it, and this key.

1. Work out the SHA-256 of the document: sha256sum NAME
   It must be the one that stands in NAME.sig.txt after "sha256:".

2. Check the signature with OpenSSL 3, having saved this page as key.pem:
   sed -n 's/^signed: //p' NAME.sig.txt | tr -d '\\n' > signed
   sed -n 's/^ed25519: //p' NAME.sig.txt | base64 -d > signature
   openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile signature
"""


@require_safe
def theme(request: HttpRequest, pk: int, mark: str) -> HttpResponse:  # noqa: ARG001
    """The organization's colours as CSS custom properties; a file of its own because inline style is forbidden."""
    identity = get_object_or_404(SiteIdentity, pk=pk)
    css = f":root{{--accent:{identity.accent};--accent-ink:{identity.accent_ink}}}\n"
    return HttpResponse(css, content_type="text/css; charset=utf-8", headers={"Cache-Control": _FOR_EVER})


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:  # noqa: ARG001
    """One size of a picture. Originals, which may carry where and when they were taken, are never served."""
    rendition = get_object_or_404(CreditedRendition, file=f"images/{name}")
    path = Path(rendition.file.path)
    if not path.is_file():
        raise Http404
    return FileResponse(
        path.open("rb"),
        headers={
            "Cache-Control": _FOR_EVER,
            "X-Content-Type-Options": "nosniff",
            # Mailings show pictures of ours in whatever web page somebody reads their mail.
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts per line of work in Prometheus' text format, behind a token."""
    token = settings.AMPARO_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(token.encode(), given.encode()):
        raise Http404
    lines = [
        f'amparo_line_{name}{{line="{line}"}} {count}'
        for line, counts in _counts_by_line(now=timezone.now()).items()
        for name, count in counts.items()
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; version=0.0.4")


def _counts_by_line(*, now: datetime) -> dict[str, dict[str, int]]:
    lines = {name: work.line_called(name) for name in work.lines}
    return {name: {"due": line.due(now=now), **line.counts(now=now)} for name, line in lines.items()}
