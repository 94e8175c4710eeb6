"""Under which address an organization is met: for links in mails and documents, which no request brings a host for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http.request import validate_host
from wagtail.models import Site

from amparo.content.models import SiteIdentity
from amparo.kit.remembering import Remembered

if TYPE_CHECKING:
    from amparo.organizations.models import Organization

#: Asked for by every mail of a mailing, and changed by hand once in a year.
_known: Remembered[tuple[UUID, str], str] = Remembered(most=1000)
#: Ports that an address does not name.
_USUAL_PORTS = {80, 443}


def identity_for(organization: Organization) -> SiteIdentity | None:
    """The identity of the organization's site; of its first one when it has several, None when it has none yet."""
    found = SiteIdentity.objects.filter(organization=organization).select_related("site")
    return found.order_by("-site__is_default_site", "pk").first()


def address_of(organization: Organization) -> str:
    """Where the organization's own site answers, without a stroke at the end, such as https://example.org.

    It is BASE_URL for the site that answers there, and for an organization without a site, or with one whose host this
    server does not let in. Another site has the scheme of BASE_URL, since one proxy stands before all of them.
    """
    found: str = _known.ask((organization.pk, settings.BASE_URL), lambda: _ask(organization))
    return found


def _ask(organization: Organization) -> str:
    base: str = settings.BASE_URL
    identity = identity_for(organization)
    if identity is None or _answers_at(identity.site, urlsplit(base).hostname or ""):
        return base
    site = identity.site
    if not validate_host(site.hostname, settings.ALLOWED_HOSTS):
        return base
    scheme = urlsplit(base).scheme
    port = "" if site.port in _USUAL_PORTS else f":{site.port}"
    return f"{scheme}://{site.hostname}{port}"


def _answers_at(site: Site, host: str) -> bool:
    """Whether requests for this host come to this site: by name, or because no site has it and this is the default."""
    if site.hostname == host:
        return True
    return site.is_default_site and not Site.objects.filter(hostname=host).exists()
