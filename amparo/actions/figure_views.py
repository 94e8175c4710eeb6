"""Figures for staff: every action page of theirs, and one page in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn

from amparo.accounts.staff_screens import StaffList, StaffPage
from amparo.actions import figuring
from amparo.actions.models import ActionPage

if TYPE_CHECKING:
    from django.db.models import QuerySet

FIGURES = (gettext_lazy("Figures"), "staff_figures")


class FigurePages(StaffList):
    """The action pages of the user's organizations."""

    page_title = gettext_lazy("Figures")
    header_icon = "order"
    index_url_name = "staff_figures"
    index_results_url_name = "staff_figures_results"
    search_fields = ["title"]
    default_ordering = "title"
    verbose_name_plural = gettext_lazy("pages")
    columns = [
        TitleColumn(
            "title",
            label=gettext_lazy("Page"),
            get_url=lambda page: reverse("staff_figures_of", args=[page.pk]),
            sort_key="title",
        ),
        Column("campaign", label=gettext_lazy("Campaign"), accessor="campaign.title"),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
    ]

    def rows(self) -> QuerySet[Any]:
        pages = ActionPage.objects.filter(organization__in=self.organizations)
        return pages.select_related("organization", "campaign")


class PageFigures(StaffPage):
    """One page in numbers."""

    template_name = "actions/staff/figures.html"
    header_icon = "order"
    above = (FIGURES,)

    @cached_property
    def page(self) -> ActionPage:
        found: ActionPage = self.find(ActionPage.objects.all(), pk=self.kwargs["pk"]).specific
        return found

    def get_page_title(self) -> str:
        return self.page.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        figures = figuring.figures_of(self.page)
        tables = [
            (gettext_lazy("What they say came of it"), figures.said),
            (gettext_lazy("Came by a link from"), figures.came_by),
            (gettext_lazy("Say they asked others by"), figures.asked_by),
        ]
        return super().get_context_data(**kwargs) | {
            "figures": figures,
            "tables": [(title, lines) for title, lines in tables if lines],
        }
