"""Fill an empty database with the demonstration, once; later only what time has overtaken is written anew."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.images import ImageFile
from django.db import transaction
from wagtail.models import Collection, Page, Site

from amparo.accounts.models import User
from amparo.accounts.roles import appoint, open_pages
from amparo.actions.models import EmailTargetPage
from amparo.content.models import Campaign, CreditedImage, HomePage, SiteIdentity
from amparo.organizations.founding import found
from amparo.organizations.models import Organization
from amparo.supporters import wordings
from amparo.supporters.models import Channel, Purpose
from amparo.targets.activating import activate
from amparo.targets.sources import bundle
from amparo.targets.staging import stage
from amparo.web.demo import (
    automations,
    campaigns,
    doing_pages,
    logins,
    mailings,
    pages,
    people,
    portrait,
    register,
    signed_pages,
)
from amparo.web.demo.places import NEIGHBOUR
from amparo.web.demo.texts import DATA, LANGUAGES, Days, read

if TYPE_CHECKING:
    from datetime import datetime

OPEN_CELLS, LANTERNS = "open-cells", "lanterns"
ACCENT, LANTERNS_ACCENT = "#8a3b1d", "#2f5d50"
#: A hearing this near is moved: whoever tries the demonstration should have time for it.
ALMOST_OVER = timedelta(days=3)


def load(*, now: datetime) -> bool:
    """Make everything that is not there; True when that was the first time. Killed midway, it left nothing."""
    load_country(now=now)
    with transaction.atomic():
        first = not Organization.objects.filter(slug=OPEN_CELLS).exists()
        days = Days(now.date())
        if first:
            _clear_the_ground()
            _found_open_cells(days, now=now)
            _found_lanterns(days, now=now)
            _appoint_staff(now=now)
            _invent_supporters(now=now)
            _keep_a_case(days, now=now)
            _show_a_campaign(days, now=now)
            _compose_an_alert(days, now=now)
            _welcome_newcomers(now=now)
        else:
            _bring_up_to_date(days, now=now)
        _point_sites_here()
    return first


def load_country(*, now: datetime) -> None:
    """Vardania, by the verbs that load any country. Its data counts as published on the day it is first loaded."""
    source = bundle.read(DATA / "country", today=now.date())
    dataset = stage(bundle=dataclasses.replace(source, published=now.date()), now=now)
    activate(dataset=dataset, now=now, even_if_large=True)


def _clear_the_ground() -> None:
    """Wagtail's own first page and site, which its migrations make."""
    Site.objects.all().delete()
    for page in Page.objects.filter(depth=2):
        page.delete()


def _found_open_cells(days: Days, *, now: datetime) -> None:
    texts = {language: read(language, days) for language in LANGUAGES}
    organization = found(
        name="Open Cells",
        slug=OPEN_CELLS,
        sender_email="letters@opencells.example",
        contact_email="hello@opencells.example",
        postal_address="Open Cells\n4 Lighthouse Steps\nPort Amsel 41110\nVardania",
        boilerplate=texts["en"]["organization"]["boilerplate"],
        now=now,
    )
    for language in LANGUAGES:
        _ask(organization, texts[language]["organization"]["consent"], language=language)
    home, identity, collection = _a_site(
        organization, title="Open Cells", hostname="127.0.0.1", accent=ACCENT
    )
    campaign = Campaign.objects.create(
        organization=organization, title="Bring Mira home", hashtag="#TuesdayLessons"
    )
    picture = _a_portrait(texts["en"], collection)
    pages.add_case(home, texts["en"], days, campaign=campaign, portrait=picture)
    signed_pages.add_open_letter(home, texts["en"]["open_letter"], days, campaign=campaign, portrait=picture)
    doing_pages.add_doing_pages(home, days, campaign=campaign, portrait=picture)
    second = Campaign.objects.create(organization=organization, title="Open the visitors’ book")
    pages.add_senate_letter(home, texts["en"], campaign=second)
    signed_pages.add_petition(home, texts["en"]["petition"], campaign=second, now=now)
    identity.privacy_page = pages.add_standing_page(home, texts["en"]["privacy"])
    identity.save()
    pages.add_standing_page(home, texts["en"]["work"])
    sign_up = pages.add_sign_up(home, texts["en"], campaign=campaign)
    pages.write_home(home, texts["en"], days, sign_up=sign_up)
    for language in LANGUAGES[1:]:
        twin = pages.translate_home(home, language)
        translated = pages.translate_sign_up(sign_up, twin, texts[language])
        pages.write_home(twin, texts[language], days, sign_up=translated)
        pages.write_case(pages.case_below(twin), texts[language], days)
        open_pages(organization=organization, root=twin, collection=collection)


def _found_lanterns(days: Days, *, now: datetime) -> None:
    texts = read("en", days)
    words = texts["lanterns"]
    organization = found(
        name=words["name"],
        slug=LANTERNS,
        sender_email="letters@lanterns.example",
        contact_email="post@lanterns.example",
        boilerplate=words["boilerplate"],
        now=now,
    )
    _ask(organization, words["consent"], language="en")
    home, _identity, _collection = _a_site(
        organization, title=words["name"], hostname=NEIGHBOUR, accent=LANTERNS_ACCENT
    )
    campaign = Campaign.objects.create(organization=organization, title=words["title"])
    pages.add_minister_letter(home, texts, campaign=campaign)
    home.introduction = words["introduction"]
    home.save_revision().publish()


def _a_site(
    organization: Organization, *, title: str, hostname: str, accent: str
) -> tuple[HomePage, SiteIdentity, Collection]:
    """An empty site: the front page, whose it is, and the collection of its pictures."""
    home = HomePage(title=title, slug=organization.slug)
    Page.get_first_root_node().add_child(instance=home)
    site = Site.objects.create(
        hostname=hostname, site_name=title, root_page=home, is_default_site=hostname != NEIGHBOUR
    )
    identity = SiteIdentity.objects.create(site=site, organization=organization, accent=accent)
    collection = Collection.get_first_root_node().add_child(name=organization.name)
    open_pages(organization=organization, root=home, collection=collection)
    return home, identity, collection


def _a_portrait(texts: dict[str, Any], collection: Collection) -> CreditedImage:
    picture = CreditedImage(
        title="Mira Talvik",
        collection=collection,
        credit="Open Cells",
        licence="CC0 1.0",
        alt_text=texts["case"]["portrait_alt"],
        file=ImageFile(io.BytesIO(portrait.draw()), name="mira-talvik.webp"),
        # The face, so that every crop keeps it.
        focal_point_x=480,
        focal_point_y=590,
        focal_point_width=460,
        focal_point_height=560,
    )
    picture.save()
    return picture


def _ask(organization: Organization, text: str, *, language: str) -> None:
    wordings.word(
        organization=organization, purpose=Purpose.NEWS, channel=Channel.EMAIL, language=language, text=text
    )


def _appoint_staff(*, now: datetime) -> None:
    known = logins.read_or_make()
    for member in logins.STAFF:
        organization = Organization.objects.get(slug=member.organization)
        user = logins.user_for(member, known)
        appoint(user=user, organization=organization, role=member.role, by=None, now=now)


def _invent_supporters(*, now: datetime) -> None:
    organization = Organization.objects.get(slug=OPEN_CELLS)
    administrator = User.objects.get(email=logins.STAFF[0].email)
    people.add_supporters(organization, by=administrator, now=now)


def _keep_a_case(days: Days, *, now: datetime) -> None:
    campaign = Campaign.objects.get(organization__slug=OPEN_CELLS, title="Bring Mira home")
    asks, agrees = (User.objects.get(email=f"{name}@opencells.example") for name in ("bruno", "chidi"))
    home = SiteIdentity.objects.get(organization__slug=OPEN_CELLS).site.root_page.specific
    register.add_case(
        home, read("en", days)["register"], days, campaign=campaign, asks=asks, agrees=agrees, now=now
    )


def _compose_an_alert(days: Days, *, now: datetime) -> None:
    campaign = Campaign.objects.get(organization__slug=OPEN_CELLS, title="Bring Mira home")
    bruno = User.objects.get(email="bruno@opencells.example")
    mailings.compose_alert(campaign=campaign, days=days, by=bruno, now=now)


def _welcome_newcomers(*, now: datetime) -> None:
    campaign = Campaign.objects.get(organization__slug=OPEN_CELLS, title="Bring Mira home")
    bruno, chidi = (User.objects.get(email=f"{name}@opencells.example") for name in ("bruno", "chidi"))
    automations.welcome(campaign=campaign, written_by=bruno, switched_on_by=chidi, now=now)


def _show_a_campaign(days: Days, *, now: datetime) -> None:
    campaign = Campaign.objects.get(organization__slug=OPEN_CELLS, title="Bring Mira home")
    home = SiteIdentity.objects.get(organization__slug=OPEN_CELLS).site.root_page.specific
    texts = {language: read(language, days)["campaign"] for language in LANGUAGES}
    bruno = User.objects.get(email="bruno@opencells.example")
    picture = CreditedImage.objects.get(title="Mira Talvik")
    campaigns.add_campaign(home, texts, days, campaign=campaign, portrait=picture, by=bruno, now=now)


def _bring_up_to_date(days: Days, *, now: datetime) -> None:
    """A demonstration that was started again weeks later has its hearing three weeks ahead once more."""
    for page in EmailTargetPage.objects.filter(slug="mira", deadline__lt=now + ALMOST_OVER):
        pages.write_case(page, read(page.locale.language_code, days), days)


def _point_sites_here() -> None:
    """The port may be another one today."""
    Site.objects.update(port=urlsplit(settings.BASE_URL).port or 80)
    Site.clear_site_root_paths_cache()
