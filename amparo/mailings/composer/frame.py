"""What a block knows of the mail it is drawn into: whose it is, its language and direction, its colours, its links."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info
from wagtail.models import Locale

from amparo.content.contrast import contrast, readable_ink
from amparo.content.models import SiteIdentity
from amparo.content.own_address import address_of, identity_for
from amparo.supporters import linking

if TYPE_CHECKING:
    from datetime import date, datetime

    from wagtail.models import Page

    from amparo.content.models import CreditedImage
    from amparo.mailings.models import Mailing
    from amparo.organizations.models import Organization

#: Behind an address of ours: which mailing a link stood in. The same for every reader.
SOURCE = "via"
#: CSS pixels of a mail on a desk; pictures are made twice as wide, for dense screens.
WIDTH = 600
DARK_CARD = "#211f1d"
#: WCAG 2.2, 1.4.3: normal text against its background.
LEAST_CONTRAST = 4.5


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on our own site: its whole address and its size in CSS pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Frame:
    """The mail around a block."""

    mailing: Mailing
    language: str
    now: datetime
    #: Of a heading block: the first of a mail is its title.
    level: int = 2
    variant: str = "a"

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def organization(self) -> Organization:
        return self.mailing.organization

    @cached_property
    def identity(self) -> SiteIdentity | None:
        return identity_for(self.organization)

    @cached_property
    def address(self) -> str:
        """Where the organization's site answers."""
        return address_of(self.organization)

    @cached_property
    def is_rtl(self) -> bool:
        return bool(get_language_info(linking.spoken(self.language))["bidi"])

    @property
    def direction(self) -> str:
        return "rtl" if self.is_rtl else "ltr"

    @property
    def start(self) -> str:
        """The side on which lines begin: mail programs know nothing of logical properties."""
        return "right" if self.is_rtl else "left"

    @property
    def end(self) -> str:
        return "left" if self.is_rtl else "right"

    @cached_property
    def accent(self) -> str:
        found = self.identity.accent if self.identity else SiteIdentity._meta.get_field("accent").default
        return str(found).lower()

    @property
    def accent_ink(self) -> str:
        return readable_ink(self.accent)

    @cached_property
    def accent_on_dark(self) -> str:
        """The accent, lighter by as much as it takes to be read on a dark ground."""
        return lightened(self.accent, against=DARK_CARD)

    def draw(self, template: str, **context: Any) -> SafeString:
        """A template of a block, with `frame` and what it is about."""
        return mark_safe(render_to_string(template, {"frame": self, **context}).strip())  # noqa: S308 - escaped by its template

    def twin_of(self, page: Page) -> Page:
        """The page in the language of this mail, where it is live in it; else the page itself."""
        if page.locale.language_code == self.language:
            return page
        locale = Locale.objects.filter(language_code=self.language).first()
        twin = page.get_translation_or_none(locale) if locale else None
        return twin if twin is not None and twin.live else page

    def link_to(self, page: Page) -> str:
        """The whole address of a page in the language of this mail, marked with the mailing's one source.

        Where the page can know its reader by it, who it was written to stands behind the `#`, which no server is sent.
        """
        twin = self.twin_of(page)
        address = self.marked(self.address_of(twin))
        knows = getattr(twin.specific_class, "knows_readers", False) and self.mailing.link_source
        return f"{address}#me={{my token}}" if knows and self.is_ours(address) else address

    def address_of(self, page: Page) -> str:
        """The whole address of a page: under the organization's own address, unless it is on another site."""
        parts = page.specific.get_url_parts()
        if parts is None:
            return self.address
        site_id, root, path = parts
        if self.identity is not None and self.identity.site_id == site_id:
            return f"{self.address}{path}"
        return f"{root}{path}"

    def absolute(self, url: str) -> str:
        """A whole address, for one that begins with a stroke."""
        return self.address + url if url.startswith("/") and not url.startswith("//") else url

    def marked(self, url: str) -> str:
        """An address of our own with the source of the mailing, or of its variant, behind it; others' as they are."""
        source = self.mailing.source_of(self.variant)
        if not source or not self.is_ours(url):
            return url
        before, hash_mark, fragment = url.partition("#")
        return f"{before}{'&' if '?' in before else '?'}{SOURCE}={source}{hash_mark}{fragment}"

    def is_ours(self, url: str) -> bool:
        return urlsplit(url).netloc == urlsplit(self.address).netloc

    def picture(self, image: CreditedImage, *, spec: str, width: int) -> Picture:
        """A picture in a form that every mail program shows, at most `width` CSS pixels wide."""
        rendition = image.get_rendition(spec)
        shown = min(width, rendition.width)
        height = max(1, round(rendition.height * shown / rendition.width))
        return Picture(self.absolute(rendition.url), shown, height)


def lightened(color: str, *, against: str) -> str:
    """The colour mixed with as little white as makes it readable on `against`."""
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    for tenth in range(11):
        mixed = [round(part + (255 - part) * tenth / 10) for part in parts]
        found = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(found, against) >= LEAST_CONTRAST:
            return found
    return "#ffffff"
