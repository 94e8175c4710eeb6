"""What to try in a demonstration, and its mailbox. In English only: these pages belong to no site."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from amparo.web.demo import logins
from amparo.web.demo import mailbox as mails
from amparo.web.demo.places import MAILBOX, NEIGHBOUR

#: Shown on one page; older ones are found by nobody, and that is no loss.
MOST_SHOWN = 100


@never_cache
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """How to begin, whom to sign in as, and the one-time code of this half-minute."""
    context = {"staff": logins.STAFF, "logins": logins.read_or_make(), "neighbour": _neighbour()}
    return _in_english(request, "demo/guide.html", context)


@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """What arrived, the newest first."""
    directory = _directory()
    found = [mails.open_mail(name, directory=directory) for name in mails.names(directory)[:MOST_SHOWN]]
    return _in_english(request, "demo/mailbox.html", {"mails": [mail for mail in found if mail is not None]})


@never_cache
@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail as plain text. Only links to this site can be followed."""
    found = mails.open_mail(name, directory=_directory())
    if found is None:
        raise Http404
    context = {"mail": found, "pieces": found.pieces(sites=[settings.BASE_URL, _neighbour()])}
    return _in_english(request, "demo/mail.html", context)


def _neighbour() -> str:
    """The second organization's site."""
    return settings.BASE_URL.replace("127.0.0.1", NEIGHBOUR)


def _directory() -> Path:
    return Path(settings.AMPARO_VAR) / MAILBOX


def _in_english(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    # Links to pages name the first site: these may be read on the second one.
    with translation.override("en"):
        return render(request, template, {"first_site": settings.BASE_URL, **context})
