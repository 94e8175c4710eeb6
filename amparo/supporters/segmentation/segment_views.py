"""The screens of segments: a list, one segment with its answer, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.kit.refusal import Refusal
from amparo.supporters import questions
from amparo.supporters.models import Segment
from amparo.supporters.screens import NamesScreen
from amparo.supporters.segmentation import segmenting
from amparo.supporters.segmentation.segment_screens import AskingScreen, OneSegment, ReachForm, in_words

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.organizations.models import Organization


class Segments(NamesScreen, StaffList):
    """The segments of the user's organizations, each with its question in words."""

    page_title = gettext_lazy("Segments")
    header_icon = "list-ul"
    index_url_name = "staff_segments"
    index_results_url_name = "staff_segments_results"
    search_fields = ["name"]
    default_ordering = "name"
    verbose_name_plural = gettext_lazy("segments")
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Segment"),
            get_url=lambda segment: reverse("staff_segment", args=[segment.pk]),
            sort_key="name",
        ),
        Column("question", label=gettext_lazy("Who is in it"), accessor=lambda segment: in_words(segment)),
        Column(
            "organization",
            label=gettext_lazy("Organization"),
            accessor="organization.name",
            classname="staff-wide",
        ),
        DateColumn(
            "changed_at", label=gettext_lazy("Changed"), sort_key="changed_at", classname="staff-wide"
        ),
    ]

    def rows(self) -> QuerySet[Segment]:
        return Segment.objects.filter(organization__in=self.organizations).select_related("organization")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        several = len(self.organizations) > 1
        return [
            HeaderButton(
                _("New segment of %(organization)s") % {"organization": organization}
                if several
                else _("New segment"),
                url=reverse("staff_segment_add", args=[organization.pk]),
                icon_name="plus",
            )
            for organization in self.organizations
        ]


class SegmentPage(OneSegment, AskingScreen):
    """One segment: its question in words, how many match, why some are not written to, and ten of them."""

    template_name = "supporters/staff/segment.html"

    @cached_property
    def organization(self) -> Organization:
        return self.segment.organization

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs) | {
            "segment": self.segment,
            "reach": ReachForm(self.request.GET),
            "sees_names": self.sees_names,
        }
        try:
            root = questions.read(self.segment.question, organization=self.organization)
        except Refusal as refusal:
            return context | {"refusal": str(refusal)}
        answered = self.answered(root)
        return context | answered | {"ten": self.ten_of(answered)}


class NameForm(forms.Form):
    """What a segment is called."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=segmenting.LONGEST_NAME)


class RenameSegment(OneSegment, StaffDeed):
    """Another name."""

    form_class = NameForm
    button = gettext_lazy("Rename")

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.segment.name}

    def consequences(self) -> list[str]:
        return [_("The question stays as it is, and so does everything that uses the segment.")]

    def act(self, form: Any) -> str:
        segmenting.rename(segment=self.segment, name=form.cleaned_data["name"], by=self.user, now=self.now)
        return _("The segment is called “%(name)s” now.") % {"name": self.segment.name}

    def after(self) -> str:
        return reverse("staff_segment", args=[self.segment.pk])


class CopySegment(OneSegment, StaffDeed):
    """The same question under another name, to be changed."""

    form_class = NameForm
    button = gettext_lazy("Copy")

    def get_initial(self) -> dict[str, Any]:
        return {"name": _("%(name)s, copy") % {"name": self.segment.name}}

    def consequences(self) -> list[str]:
        return [_("A second segment with the same question. Changing one does not change the other.")]

    def act(self, form: Any) -> str:
        self.made = segmenting.copy(
            segment=self.segment, name=form.cleaned_data["name"], by=self.user, now=self.now
        )
        return _("“%(name)s” is there.") % {"name": self.made.name}

    def after(self) -> str:
        made = getattr(self, "made", self.segment)
        return reverse("staff_segment", args=[made.pk])


class DeleteSegment(OneSegment, StaffDeed):
    """Forget a segment; the supporters in it stay."""

    button = gettext_lazy("Delete the segment")
    serious = True

    def consequences(self) -> list[str]:
        return [
            in_words(self.segment),
            _("The saved question goes. No supporter is deleted or changed."),
            _("It is refused while a mailing, or anything else, uses the segment."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        name = self.segment.name
        segmenting.remove(segment=self.segment, by=self.user, now=self.now)
        self.is_gone = True
        return _("“%(name)s” is deleted.") % {"name": name}

    def after(self) -> str:
        if getattr(self, "is_gone", False):
            return reverse("staff_segments")
        return reverse("staff_segment", args=[self.kwargs["pk"]])
