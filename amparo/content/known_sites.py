"""Which site, and whose, belongs to the host that was asked for: remembered, because every request has to know.

Asking the database costs more than everything else that a look-up of a postcode does. What is remembered is asked
again after a second, and at once when something was published. Each request unpacks its own copy: a page or an
organization that one request has in hand is never another's.
"""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from wagtail.models import Site

from amparo.content.models import SiteIdentity
from amparo.kit.remembering import Remembered

if TYPE_CHECKING:
    from django.http import HttpRequest

#: By host and port; more than ALLOWED_HOSTS lets through are somebody's experiment.
_known: Remembered[tuple[str, str], bytes] = Remembered(most=100)
#: Where its front page is, by site and language (`site_identity`).
homes: Remembered[tuple[int | None, str], str] = Remembered(most=1000)


def know_site(request: HttpRequest) -> tuple[Site | None, SiteIdentity | None]:
    """The site of a request and its identity. Wagtail then finds the site on the request, and asks nobody."""
    if not hasattr(request, "_site_identity"):
        packed = _known.ask((request.get_host(), request.get_port()), lambda: pickle.dumps(_ask(request)))
        # Packed by ourselves a moment ago, in this very process.
        site, identity = pickle.loads(packed)  # noqa: S301
        request._wagtail_site, request._site_identity = site, identity  # type: ignore[attr-defined]
    return request._wagtail_site, request._site_identity  # type: ignore[attr-defined]


def forget_sites() -> None:
    """Ask again next time: something was changed in this process, and need not be committed yet."""
    _known.forget()
    homes.forget()


def _ask(request: HttpRequest) -> tuple[Site | None, SiteIdentity | None]:
    site = Site.find_for_request(request)
    if site is None:
        return None, None
    return site, SiteIdentity.objects.filter(site=site).select_related("organization", "logo").first()
