"""Stances for staff: what is known of whom, by demand, and many entered at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.actions.campaigns import siding, stance_lists
from amparo.actions.campaigns.campaign_forms import StancesForm
from amparo.actions.models import CampaignDemand, Stance

if TYPE_CHECKING:
    from django.db.models import QuerySet

STANCES = (gettext_lazy("Stances"), "staff_stances")


def _demands(request: Any) -> QuerySet[CampaignDemand]:
    """Those of the user's organizations; the screen puts them on the request."""
    rows: QuerySet[CampaignDemand] = getattr(request, "own_demands", CampaignDemand.objects.none())
    return rows


class StanceFilters(WagtailFilterSet):
    """On one demand, of one side, and only what counts today."""

    demand = django_filters.ModelChoiceFilter(label=gettext_lazy("Demand"), queryset=_demands)
    side = django_filters.ChoiceFilter(label=gettext_lazy("Stance"), choices=Stance.Side.choices)
    is_latest = django_filters.BooleanFilter(label=gettext_lazy("Counts today"), field_name="is_latest")

    class Meta:
        model = Stance
        fields = ["demand", "side"]


class Stances(StaffList):
    """Everything that is known of where people in office stand, the latest first."""

    page_title = gettext_lazy("Stances")
    header_icon = "pick"
    index_url_name = "staff_stances"
    index_results_url_name = "staff_stances_results"
    filterset_class = StanceFilters
    search_fields = ["name", "office", "target_key"]
    default_ordering = "-dated"
    verbose_name_plural = gettext_lazy("stances")
    columns = [
        Column("name", label=gettext_lazy("Who")),
        Column("office", label=gettext_lazy("Office"), classname="staff-wide"),
        Column("demand", label=gettext_lazy("Demand"), classname="staff-wide"),
        StatusTagColumn(
            "side",
            label=gettext_lazy("Stance"),
            accessor="get_side_display",
            primary=lambda row: row.is_latest,
        ),
        Column("known_by", label=gettext_lazy("How we know"), accessor="get_known_by_display"),
        Column("dated", label=gettext_lazy("Since"), sort_key="dated"),
        Column(
            "counts",
            label=gettext_lazy("Counts today"),
            accessor=lambda row: _("yes") if row.is_latest else _("no, there is a later one"),
        ),
    ]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.own_demands = CampaignDemand.objects.filter(organization__in=self.organizations)
        return super().dispatch(request, *args, **kwargs)

    def rows(self) -> QuerySet[Any]:
        same = Q(person_code=OuterRef("person_code")) & (
            ~Q(person_code="") | Q(name__iexact=OuterRef("name"))
        )
        later = Stance.objects.filter(
            same, demand=OuterRef("demand"), target_key=OuterRef("target_key")
        ).filter(
            Q(dated__gt=OuterRef("dated"))
            | Q(dated=OuterRef("dated"), recorded_at__gt=OuterRef("recorded_at"))
        )
        mine = Stance.objects.filter(organization__in=self.organizations)
        return mine.select_related("demand").annotate(is_latest=~Exists(later))

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Enter stances"), url=reverse("staff_stances_enter"), icon_name="plus")]


class EnterStances(StaffDeed):
    """Where many stand on one demand: looked through first, and kept by a second press."""

    above = (STANCES,)
    page_title = gettext_lazy("Enter stances")
    header_icon = "pick"
    form_class = StancesForm
    template_name = "actions/staff/enter_stances.html"
    button = gettext_lazy("Look it through")
    reading: stance_lists.Reading | None = None

    def consequences(self) -> list[str]:
        return [
            _(
                "First you see what would be recorded, and what is wrong in which line. Nothing is kept by that."
            ),
            _(
                "A stance is the person's who holds the post today. What was known before is kept; the latest counts."
            ),
            _("Letters to those who support every demand of a page thank them, or are not offered at all."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = CampaignDemand.objects.standing().filter(organization__in=self.organizations)
        return {**super().get_form_kwargs(), "demands": mine.select_related("organization")}

    def form_valid(self, form: Any) -> HttpResponse:
        demand = form.cleaned_data["demand"]
        self.reading = stance_lists.read(
            form.cleaned_data["lines"], organization=demand.organization, now=self.now
        )
        if self.reading.problems or "sure" not in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_valid(form)

    def act(self, form: Any) -> str:
        assert self.reading is not None
        count = siding.record(
            demands=[form.cleaned_data["demand"]], said=self.reading.said, by=self.user, now=self.now
        )
        return ngettext("%(count)d stance is recorded.", "%(count)d stances are recorded.", count) % {
            "count": count
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_ready = self.reading is not None and not self.reading.problems
        button = _("Record them") if is_ready else self.button
        return super().get_context_data(**kwargs) | {
            "reading": self.reading,
            "is_ready": is_ready,
            "button": button,
        }
