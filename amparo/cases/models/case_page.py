from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from amparo.cases.models.case import Case
from amparo.cases.page_form import CasePageForm
from amparo.content.cards import Card
from amparo.content.models import BasePage

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase


class CaseIndexPage(BasePage):
    """The register for readers: every case of which something is public, with search and filters."""

    template = "cases/case_index_page.html"
    parent_page_types: ClassVar[list[str]] = ["content.HomePage"]
    subpage_types: ClassVar[list[str]] = ["cases.CasePage"]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.cases.views import serve_index

        return serve_index(request, self)


class CasePage(BasePage):
    """Where readers find a case. The page is thin: what it shows is read from the register, cleared column by column.

    Its title is for staff and for the address; readers see the public heading of the case.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pages")

    template = "cases/case_page.html"
    parent_page_types: ClassVar[list[str]] = ["cases.CaseIndexPage", "content.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels = [
        FieldPanel(
            "title", help_text=_("For you, and in the address. Readers see the heading in the register.")
        ),
        FieldPanel("case"),
        FieldPanel(
            "body", help_text=_("What to do now: buttons, figures, a form to sign up. No facts of the case.")
        ),
    ]
    base_form_class = CasePageForm
    #: The register's texts are searched there, and only as far as they are public.
    search_fields: list[Any] = []

    def clean(self) -> None:
        super().clean()
        if self.case_id and self.path and self.case.organization_id != self.owning_organization.pk:
            raise ValidationError({"case": _("This case belongs to another organization.")})

    def card(self) -> Card:
        """The public heading and summary; a case that is shown quietly, or not at all, has no words in any list."""
        from amparo.cases.views import card_of

        return card_of(self)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.cases.views import serve_case

        return serve_case(request, self)
