"""Which site, and whose, belongs to the host that was asked for: remembered, because every request has to know.

Asking the database costs more than everything else that a look-up of a postcode does. What is remembered is asked
again after a second, and at once when something was published. Each request unpacks its own copy: a page or an
organization that one request has in hand is never another's.
"""

from __future__ import annotations

import pickle
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wagtail.models import Site

from amparo.content.models import SiteIdentity
from amparo.kit.published import published_stamp

if TYPE_CHECKING:
    from django.http import HttpRequest

#: Seconds for which a machine that does not share our state directory may not notice a change.
CHECK_SECONDS = 1.0
#: Hosts remembered at most; more than ALLOWED_HOSTS lets through are somebody's experiment.
MOST_HOSTS = 100


@dataclass(frozen=True, slots=True)
class _Known:
    """A site and its identity, packed."""

    packed: bytes
    stamp: int
    checked: float


_known: dict[tuple[str, str], _Known] = {}


def know_site(request: HttpRequest) -> tuple[Site | None, SiteIdentity | None]:
    """The site of a request and its identity. Wagtail then finds the site on the request, and asks nobody."""
    if not hasattr(request, "_site_identity"):
        key, stamp, now = (request.get_host(), request.get_port()), published_stamp(), time.monotonic()
        known = _known.get(key)
        if known is None or known.stamp != stamp or now - known.checked >= CHECK_SECONDS:
            if len(_known) >= MOST_HOSTS:
                _known.clear()
            known = _known[key] = _Known(pickle.dumps(_ask(request)), stamp, now)
        # Packed by ourselves a moment ago, in this very process.
        site, identity = pickle.loads(known.packed)  # noqa: S301
        request._wagtail_site, request._site_identity = site, identity  # type: ignore[attr-defined]
    return request._wagtail_site, request._site_identity  # type: ignore[attr-defined]


def forget_sites() -> None:
    """Ask again next time: something was changed in this process, and need not be committed yet."""
    _known.clear()


def _ask(request: HttpRequest) -> tuple[Site | None, SiteIdentity | None]:
    site = Site.find_for_request(request)
    if site is None:
        return None, None
    return site, SiteIdentity.objects.filter(site=site).select_related("organization", "logo").first()
