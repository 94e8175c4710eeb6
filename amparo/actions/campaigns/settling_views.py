"""Answers for staff: read what offices answered, sum it up for readers, set the stance that follows; in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.actions.campaigns import answering
from amparo.actions.campaigns.campaign_forms import SettleForm
from amparo.actions.models import Answer

if TYPE_CHECKING:
    from django.db.models import QuerySet

ANSWERS = (gettext_lazy("Answers"), "staff_answers")


class AnswerFilters(WagtailFilterSet):
    """Those that nobody has read; of one kind; shown to readers or not."""

    unread = django_filters.BooleanFilter(
        label=gettext_lazy("Not read yet"), field_name="looked_at", lookup_expr="isnull"
    )
    substance = django_filters.ChoiceFilter(
        label=gettext_lazy("What it comes to"), choices=Answer.Substance.choices
    )
    is_shown = django_filters.BooleanFilter(label=gettext_lazy("Shown to readers"))

    class Meta:
        model = Answer
        fields = ["substance", "is_shown"]


class Answers(StaffList):
    """What offices answered, as supporters told us; the newest first. Who told us is not shown."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Answers")
    header_icon = "mail"
    index_url_name = "staff_answers"
    index_results_url_name = "staff_answers_results"
    filterset_class = AnswerFilters
    search_fields = ["message__target_name", "message__target_label"]
    default_ordering = "-recorded_at"
    verbose_name_plural = gettext_lazy("answers")
    columns = [
        TitleColumn(
            "target",
            label=gettext_lazy("Office"),
            accessor=lambda row: row.message.target_name or row.message.target_label,
            get_url=lambda row: reverse("staff_answer", args=[row.pk]),
        ),
        Column("page", label=gettext_lazy("Letter"), accessor="message.page.title"),
        StatusTagColumn(
            "substance",
            label=gettext_lazy("What it comes to"),
            accessor="get_substance_display",
            primary=lambda row: row.looked_at is None,
        ),
        Column(
            "shown",
            label=gettext_lazy("Readers see it"),
            accessor=lambda row: _("yes") if row.is_shown else _("no"),
        ),
        DateColumn("recorded_at", label=gettext_lazy("Told us"), sort_key="recorded_at"),
    ]

    def rows(self) -> QuerySet[Any]:
        return answering.to_read(self.organizations).select_related("message__page")


class Settle(StaffDeed):
    """One answer: what it comes to, what readers may know of it, and the stance that follows."""

    least_role = Role.APPROVER
    above = (ANSWERS,)
    header_icon = "mail"
    form_class = SettleForm
    button = gettext_lazy("Save")
    template_name = "actions/staff/answer.html"

    @cached_property
    def answer(self) -> Answer:
        rows = answering.to_read(self.organizations)
        found: Answer = self.find(
            rows.select_related("message__page__campaign", "organization"), pk=self.kwargs["pk"]
        )
        return found

    def get_page_title(self) -> str:
        return str(self.answer.message.target_name or self.answer.message.target_label)

    def consequences(self) -> list[str]:
        return [
            _(
                "Shown, your sentence stands on the campaign's page and on the page of this office within a minute."
            ),
            _("Readers never see who told us. A stance that you choose is recorded in the same step."),
        ]

    @property
    def may_show_text(self) -> bool:
        return bool(self.answer.agreed_at and self.answer.text)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "demands": answering.demands_about(self.answer),
            "may_show_text": self.may_show_text,
        }

    def get_initial(self) -> dict[str, Any]:
        answer = self.answer
        names = ("substance", "public_summary", "is_shown", "shows_text")
        return {name: getattr(answer, name) for name in names}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"answer": self.answer, "may_show": self.may_show_text}

    def act(self, form: Any) -> str:
        said = form.cleaned_data
        reading = answering.Reading(
            substance=said["substance"],
            public_summary=said["public_summary"],
            is_shown=said["is_shown"],
            shows_text=bool(said.get("shows_text")),
            sides=form.sides,
        )
        answering.settle(answer=self.answer, reading=reading, by=self.user, now=self.now)
        return _("It is saved, and shown to readers.") if said["is_shown"] else _("It is saved.")
