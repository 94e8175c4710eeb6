"""For staff, what belongs to the whole organization: sources of figures and laws, and the laws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.forms import Form
from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.cases import keeping, publishing
from amparo.cases.evidence_forms import LawForm, SharedSourceForm
from amparo.cases.models import Legislation, Source
from amparo.cases.screens import title_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

SOURCES = (gettext_lazy("Shared sources"), "staff_shared_sources")
LAWS = (gettext_lazy("Laws"), "staff_laws")


def _read_on(source: Source) -> str:
    return date_format(source.read_on) if source.read_on else ""


class SharedSources(StaffList):
    """Where figures and laws come from; the sources of a case are on the case's own screen."""

    above = ((gettext_lazy("Figures in texts"), "staff_cited_figures"),)
    page_title = gettext_lazy("Shared sources")
    header_icon = "doc-full"
    index_url_name = "staff_shared_sources"
    index_results_url_name = "staff_shared_sources_results"
    search_fields: list[str] = []
    default_ordering = "-entered_at"
    verbose_name_plural = gettext_lazy("sources")

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "title",
                label=_("Title"),
                accessor=self._title,
                get_url=lambda source: reverse("staff_shared_source", args=[source.pk]),
            ),
            Column("kind", label=_("Kind"), accessor="get_kind_display"),
            Column("published", label=_("Published")),
            Column("read_on", label=_("Last read"), accessor=_read_on),
            Column("link_answer", label=_("Its address answers")),
            Column("figure_count", label=_("Figures")),
            Column("law_count", label=_("Laws")),
            Column("organization", label=_("Organization"), accessor="organization.name"),
        ]

    def _title(self, source: Source) -> str:
        return title_for(source, reads_all=self.may(Role.APPROVER, source.organization_id))

    def rows(self) -> QuerySet[Any]:
        rows = Source.objects.filter(organization__in=self.organizations, case__isnull=True)
        return rows.select_related("organization").annotate(
            figure_count=Count("figures", distinct=True), law_count=Count("laws", distinct=True)
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Add a source"), url=reverse("staff_source_add"), icon_name="plus")]


class Laws(StaffList):
    """Laws and bills, and how far each has come."""

    page_title = gettext_lazy("Laws")
    header_icon = "list-ul"
    index_url_name = "staff_laws"
    index_results_url_name = "staff_laws_results"
    search_fields = ["name", "about"]
    default_ordering = "name"
    verbose_name_plural = gettext_lazy("laws")
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Name"),
            get_url=lambda law: reverse("staff_law", args=[law.pk]),
            sort_key="name",
        ),
        Column("state", label=gettext_lazy("Country")),
        Column("stage", label=gettext_lazy("Stage"), accessor="get_stage_display"),
        Column("as_of", label=gettext_lazy("As of"), sort_key="as_of"),
        Column("source", label=gettext_lazy("Source"), accessor="source.title"),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
    ]

    def rows(self) -> QuerySet[Any]:
        return Legislation.objects.filter(organization__in=self.organizations).select_related(
            "organization", "source"
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Add a law"), url=reverse("staff_law_add"), icon_name="plus")]


class _KeepDeed(StaffDeed):
    """Add or change a shared source or a law."""

    remove_url_name: str
    model: type[Source | Legislation]
    template_name = "cases/staff/keep.html"
    button = gettext_lazy("Save")

    @cached_property
    def record(self) -> Any:
        """The one that is changed; a new one otherwise, in whichever of the user's organizations they choose."""
        if "pk" in self.kwargs:
            return self.readable(self.find(self.rows(), pk=self.kwargs["pk"]))
        return self.model(organization=self.organizations[0])

    def readable(self, record: Any) -> Any:
        """The record, unless it is a source that stays unnamed and the user is no approver: then 404."""
        if publishing.is_confidential(record) and not self.may(Role.APPROVER, record.organization_id):
            raise Http404
        return record

    def rows(self) -> Any:
        return self.model._default_manager.select_related("organization")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.record, "organizations": self.organizations}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        remove = reverse(self.remove_url_name, args=[self.record.pk]) if "pk" in self.kwargs else ""
        return super().get_context_data(**kwargs) | {"remove": remove}

    def act(self, form: Any) -> str:
        record = form.save(commit=False)
        organization = form.cleaned_data.get("organization") or record.organization
        keeping.keep(record=record, organization=organization, by=self.user, now=self.now)
        return _("It is saved.")


class KeepSource(_KeepDeed):
    """Add or change a shared source."""

    above = (SOURCES,)
    page_title = gettext_lazy("Shared source")
    header_icon = "doc-full"
    form_class: Any = SharedSourceForm
    model = Source
    remove_url_name = "staff_source_remove"

    def rows(self) -> Any:
        return super().rows().filter(case__isnull=True)

    def consequences(self) -> list[str]:
        return [_("Its title stands below every figure and law that names it, unless it is confidential.")]


class KeepLaw(_KeepDeed):
    """Add or change a law."""

    above = (LAWS,)
    page_title = gettext_lazy("Law or bill")
    header_icon = "list-ul"
    form_class: Any = LawForm
    model = Legislation
    remove_url_name = "staff_law_remove"

    def consequences(self) -> list[str]:
        return [
            _("Pages with the block “From the register: laws and bills” show it, with its stage and its day.")
        ]


class _RemoveDeed(_KeepDeed):
    """Take out what belongs to the whole organization."""

    template_name = "accounts/staff/deed.html"
    form_class: Any = Form
    button = gettext_lazy("Remove it")
    serious = True
    page_title = gettext_lazy("Remove it")

    def get_form_kwargs(self) -> dict[str, Any]:
        return StaffDeed.get_form_kwargs(self)

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        keeping.remove(record=self.record, by=self.user, now=self.now)
        return _("It is removed.")


class RemoveSource(_RemoveDeed):
    """A shared source that nothing names any more."""

    above = (SOURCES,)
    header_icon = "doc-full"
    model = Source
    remove_url_name = "staff_source_remove"

    def rows(self) -> Any:
        return super().rows().filter(case__isnull=True)

    def consequences(self) -> list[str]:
        return [self.record.title]


class RemoveLaw(_RemoveDeed):
    """A law, off every page."""

    above = (LAWS,)
    header_icon = "list-ul"
    model = Legislation
    remove_url_name = "staff_law_remove"

    def consequences(self) -> list[str]:
        return [self.record.name, _("It leaves every page that shows it.")]
