"""The register of complaints for staff: what came, until when an answer is owed, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.supporters.models import Complaint
from amparo.supporters.rights import complaining

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

COMPLAINTS = (gettext_lazy("Complaints"), "staff_complaints")
LONGEST_ANSWER = 4_000


def state_of(complaint: Complaint, *, now: datetime) -> str:
    """Answered, or how long there is left."""
    if complaint.answered_at:
        return _("answered")
    days = (complaining.owed_by(complaint) - now).days
    if days < 0:
        return _("overdue")
    return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}


def _owed_by(complaint: Complaint) -> str:
    """As a date: Wagtail's own column says "just now" of every day to come."""
    return date_format(complaining.owed_by(complaint), "j M Y")


class Complaints(StaffList):
    """What is owed first stands first; the words only on a screen of their own."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Complaints")
    header_icon = "warning"
    index_url_name = "staff_complaints"
    index_results_url_name = "staff_complaints_results"
    default_ordering = ("is_answered", "received_at")
    verbose_name_plural = gettext_lazy("complaints")

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "received_at",
                label=gettext_lazy("Received"),
                accessor=lambda row: row.received_at.strftime("%Y-%m-%d %H:%M"),
                get_url=lambda row: reverse("staff_complaint", args=[row.pk]),
                sort_key="received_at",
            ),
            StatusTagColumn(
                "state",
                label=gettext_lazy("State"),
                accessor=lambda row: state_of(row, now=self.now),
                primary=lambda row: row.answered_at is None,
            ),
            Column("owed_by", label=gettext_lazy("Answer owed by"), accessor=_owed_by),
            DateColumn("acknowledged_at", label=gettext_lazy("Acknowledged"), classname="staff-wide"),
            DateColumn("answered_at", label=gettext_lazy("Answered"), sort_key="answered_at"),
            Column(
                "organization",
                label=gettext_lazy("Organization"),
                accessor="organization.name",
                classname="staff-wide",
            ),
        ]

    def rows(self) -> QuerySet[Any]:
        mine = Complaint.objects.filter(organization__in=self.organizations)
        answered = ExpressionWrapper(Q(answered_at__isnull=False), output_field=BooleanField())
        return mine.annotate(is_answered=answered).select_related("organization").defer("text", "answer")


class AnswerForm(forms.Form):
    """What the person is told."""

    answer = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
        help_text=gettext_lazy(
            "Say what you looked into, what you found and what you did about it. Begin with a greeting and end with"
            " your name: it is sent as you write it."
        ),
    )


class AnswerComplaint(StaffDeed):
    """One complaint, and the answer that ends it."""

    least_role = Role.ADMINISTRATOR
    above = (COMPLAINTS,)
    header_icon = "warning"
    page_title = gettext_lazy("A complaint")
    template_name = "supporters/staff/complaint.html"
    form_class = AnswerForm
    button = gettext_lazy("Send this answer")

    @cached_property
    def complaint(self) -> Complaint:
        rows = Complaint.objects.select_related("organization", "supporter", "answered_by")
        found: Complaint = self.find(rows, pk=self.kwargs["pk"])
        return found

    def consequences(self) -> list[str]:
        if self.complaint.answered_at:
            return []
        if not self.complaint.supporter.email:
            return [_("The person has no address any more: the answer is kept, and sent to nobody.")]
        return [
            _("The answer goes to the person by e-mail at once, and stands on their own page."),
            _("It ends the complaint. It cannot be changed afterwards."),
        ]

    def act(self, form: AnswerForm) -> str:
        complaining.answer(
            complaint=self.complaint, text=form.cleaned_data["answer"], by=self.user, now=self.now
        )
        return _("The complaint is answered.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "complaint": self.complaint,
            "owed_by": complaining.owed_by(self.complaint),
            "state": state_of(self.complaint, now=self.now),
        }
