"""Found an organization with its own site: the tenant, a front page in each of its languages, and who may edit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.http.request import validate_host
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection, Locale, Page, Site

from amparo.accounts.roles import open_pages
from amparo.content.models import HomePage, SiteIdentity
from amparo.kit.refusal import Refusal
from amparo.organizations.founding import found
from amparo.organizations.models import Organization
from amparo.supporters import asking

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class SlugTaken(Refusal):
    sentence = _("There is an organization called “%(slug)s” already; nothing was changed.")


class HostTaken(Refusal):
    sentence = _("There is a site at %(host)s already; nothing was changed.")


class HostNotLetIn(Refusal):
    sentence = _(
        "This server does not answer for %(host)s: write it into BASE_URL, or into AMPARO_EXTRA_HOSTS when BASE_URL"
        " names another site."
    )


class BadLanguage(Refusal):
    sentence = _("The site does not speak “%(language)s”; it speaks: %(known)s.")


class BadValue(Refusal):
    sentence = _("“%(value)s” cannot be used as %(what)s.")


def open_organization(
    *,
    name: str,
    slug: str,
    host: str,
    sender_email: str,
    contact_email: str,
    language: str = "en",
    also: Sequence[str] = (),
    now: datetime,
    **details: Any,
) -> Organization:
    """A new organization with a live front page at `host`, all or nothing. `details` are further fields of its row.

    The first site of an installation answers for unknown hosts too. Raises `SlugTaken`, `HostTaken`, `HostNotLetIn`,
    `BadLanguage` and `BadValue`.
    """
    languages = list(dict.fromkeys([language, *also]))
    _check(slug=slug, host=host, languages=languages, emails=[sender_email, contact_email])
    with transaction.atomic():
        organization = found(
            name=name,
            slug=slug,
            sender_email=sender_email,
            contact_email=contact_email,
            locale=language,
            now=now,
            **details,
        )
        _clear_the_ground()
        home = _front_page(organization, language=language)
        _site_at(host, home=home, organization=organization)
        collection = Collection.get_first_root_node().add_child(name=organization.name)
        open_pages(organization=organization, root=home, collection=collection)
        for other in languages[1:]:
            locale, _made = Locale.objects.get_or_create(language_code=other)
            twin = home.copy_for_translation(locale).specific
            twin.save_revision().publish()
            open_pages(organization=organization, root=twin, collection=collection)
        asking.ask_for_news(organization=organization, languages=languages, now=now)
    Site.clear_site_root_paths_cache()
    return organization


def _check(*, slug: str, host: str, languages: Sequence[str], emails: Sequence[str]) -> None:
    known = dict(settings.LANGUAGES)
    for language in languages:
        if language not in known:
            raise BadLanguage(language=language, known=", ".join(known))
    for email in emails:
        _valid(validate_email, email, what=_("an e-mail address"))
    _valid(validate_slug, slug, what=_("a short name: write small letters, digits and hyphens"))
    if Organization.objects.filter(slug=slug).exists():
        raise SlugTaken(slug=slug)
    if Site.objects.filter(hostname=host).exists() and SiteIdentity.objects.exists():
        raise HostTaken(host=host)
    if not validate_host(host, settings.ALLOWED_HOSTS):
        raise HostNotLetIn(host=host)


def _valid(validate: Any, value: str, *, what: Any) -> None:
    try:
        validate(value)
    except ValidationError:
        raise BadValue(value=value, what=what) from None


def _clear_the_ground() -> None:
    """Wagtail's own first page and site, which its migrations make; never those of an organization."""
    if SiteIdentity.objects.exists():
        return
    Site.objects.all().delete()
    for page in Page.objects.filter(depth=2):
        page.delete()


def _front_page(organization: Organization, *, language: str) -> HomePage:
    locale, _made = Locale.objects.get_or_create(language_code=language)
    home = HomePage(title=organization.name, slug=organization.slug, locale=locale)
    Page.get_first_root_node().add_child(instance=home)
    home.save_revision().publish()
    return home


def _site_at(host: str, *, home: HomePage, organization: Organization) -> Site:
    secure = settings.BASE_URL.startswith("https://")
    site: Site = Site.objects.create(
        hostname=host,
        port=443 if secure else 80,
        site_name=organization.name,
        root_page=home,
        is_default_site=not Site.objects.filter(is_default_site=True).exists(),
    )
    SiteIdentity.objects.create(site=site, organization=organization)
    return site
