from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from amparo.content.blocks import BodyBlocks
from amparo.content.models.site_identity import SiteIdentity

if TYPE_CHECKING:
    from django.http import HttpRequest

    from amparo.organizations.models import Organization


class BasePage(Page):
    """Abstract parent of every page type: an introduction and a body of blocks, owned by the site's organization."""

    introduction = models.TextField(
        blank=True, help_text=_("Two sentences: who, and what the reader can do.")
    )
    body = StreamField(BodyBlocks(), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.SearchField("body")]
    show_in_menus_default = False

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        # The frame around every page offers it in other languages, and is drawn by a context processor.
        request._read_page = self  # type: ignore[attr-defined]
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context

    @property
    def owning_organization(self) -> Organization:
        """The organization of the site this page stands in; raises `ValidationError` when it stands in none."""
        # Wagtail gives a page that is being added its place in the tree first, and its address only when it is saved.
        site = (self if self.url_path else self.get_parent()).get_site()
        identity = (
            SiteIdentity.objects.filter(site=site).select_related("organization").first() if site else None
        )
        if identity is None:
            raise ValidationError(_("This page stands in no organization's site."))
        return identity.organization
