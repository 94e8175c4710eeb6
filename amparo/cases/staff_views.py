"""The register for staff: cases and their records. What of them becomes public is in `publication_views`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.roles import organizations_of
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage
from amparo.cases import cautioning, chronology, completeness, prose, publishing, recording, register, showing
from amparo.cases.case_rows import kind_above, sections_of
from amparo.cases.models import Case, CasePage, Clearance
from amparo.cases.screens import CASES, KindDeed, OfOneCase, label_of, said_of
from amparo.cases.staff_forms import OpenCaseForm
from amparo.content.models import Campaign

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

State = Clearance.State
#: Letters of a column by which somebody recognises a record before it is removed.
SHOWN_OF_A_COLUMN = 120


def _how_complete(case: Case) -> str:
    found = completeness.of(case)
    return _("%(met)d of %(asked)d") % {"met": found.met, "asked": found.asked}


def _campaigns(request: HttpRequest | None) -> QuerySet[Campaign]:
    mine = organizations_of(request.user, at_least=Role.EDITOR) if request else []  # type: ignore[arg-type]
    return Campaign.objects.filter(organization__in=mine).order_by("title", "pk")


class CaseFilters(WagtailFilterSet):
    """What the list can be narrowed to: a campaign, and what the register lacks."""

    campaign = django_filters.ModelChoiceFilter(label=gettext_lazy("Campaign"), queryset=_campaigns)
    lacks = django_filters.ChoiceFilter(
        label=gettext_lazy("Something is missing of"),
        choices=[("any", gettext_lazy("Any of the eight items")), *completeness.TITLES.items()],
        method="lacking",
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def lacking(self, cases: QuerySet[Case], _name: str, letter: str) -> QuerySet[Case]:
        """Cases of which something is missing that the article asks for."""
        found = completeness.lacking(cases, letter="" if letter == "any" else letter)
        return cases.filter(pk__in=found)


class Cases(StaffList):
    """The cases of the user's organizations, by reference."""

    page_title = gettext_lazy("Cases")
    header_icon = "folder-open-inverse"
    index_url_name = "staff_cases"
    index_results_url_name = "staff_cases_results"
    search_fields = ["reference"]
    default_ordering = "reference"
    verbose_name_plural = gettext_lazy("cases")
    filterset_class = CaseFilters
    columns = [
        TitleColumn(
            "reference",
            label=gettext_lazy("Reference"),
            get_url=lambda case: reverse("staff_case", args=[case.pk]),
            sort_key="reference",
        ),
        Column("title", label=gettext_lazy("Public heading")),
        Column("campaign", label=gettext_lazy("Campaign")),
        Column("register", label=gettext_lazy("Complete"), accessor=_how_complete),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
        DateColumn("changed_at", label=gettext_lazy("Changed"), sort_key="changed_at"),
    ]

    def rows(self) -> QuerySet[Any]:
        return (
            Case.objects.filter(organization__in=self.organizations)
            .select_related("organization", "campaign", "person")
            .prefetch_related(*completeness.READ)
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        found = [
            HeaderButton(_("Export…"), url=reverse("staff_cases_export"), icon_name="download"),
            HeaderButton(_("Open a case"), url=reverse("staff_case_open"), icon_name="plus"),
        ]
        if any(self.may(Role.APPROVER, organization.pk) for organization in self.organizations):
            found.insert(
                0, HeaderButton(_("Spreadsheets"), url=reverse("staff_case_imports"), icon_name="upload")
            )
        return found


class OpenCase(StaffDeed):
    """A new case."""

    above = (CASES,)
    page_title = gettext_lazy("Open a case")
    header_icon = "folder-open-inverse"
    form_class = OpenCaseForm
    button = gettext_lazy("Open the case")

    def consequences(self) -> list[str]:
        return [_("Nothing is published. What readers see is cleared later, one by one, by two people.")]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def act(self, form: Any) -> str:
        self.opened = recording.open_case(**form.cleaned_data, by=self.user, now=self.now)
        return _("The case is open.")

    def after(self) -> str:
        opened: Case | None = getattr(self, "opened", None)
        return reverse("staff_case", args=[opened.pk]) if opened else super().after()


class CaseScreen(OfOneCase, StaffPage):
    """One case whole: its records by kind, a lock or a globe on every column, and what follows from its days."""

    template_name = "cases/staff/case.html"
    above = (CASES,)
    header_icon = "folder-open-inverse"

    def get_page_title(self) -> str:
        return self.case.reference

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.case
        self.note_reading()
        clearances = list(
            Clearance.objects.for_organization(case.organization)
            .filter(case=case, state__in=[State.ASKED, State.CLEARED])
            .select_related("asked_by", "consent")
        )
        present = chronology.present_of(case, today=self.now.date())
        return super().get_context_data(**kwargs) | {
            "case": case,
            "present": present,
            "standing": showing.standing_in_words(present.standing),
            "sections": sections_of(
                case, clearances=clearances, reads_all=self.may_read_all, is_withheld=self.is_withheld
            ),
            "asked": [self._asked(one) for one in clearances if one.state == State.ASKED],
            "may_agree": self.may_read_all,
            "consents": case.person.publication_consents.all(),
            "over": len(publishing.resting_on_ended_consent(clearances, on=self.now.date())),
            "safety": case.safety_checks.first(),
            "pages": CasePage.objects.filter(case=case),
            "completeness": completeness.of(case),
            "cautions": cautioning.of_case(case, today=self.now.date()),
        }

    def _asked(self, clearance: Clearance) -> dict[str, Any]:
        kind = register.KINDS[clearance.record_type]
        record = kind.model._default_manager.filter(pk=clearance.record_id).first()
        return {
            "clearance": clearance,
            "kind": kind,
            "value": said_of(record, clearance.column) if record else "",
            "label": label_of(kind, clearance.column),
            "own": clearance.asked_by_id == self.user.pk,
        }


class AddRecord(KindDeed):
    """A new record below another."""

    button = gettext_lazy("Add it")

    def get_page_title(self) -> str:
        return str(self.kind.title)

    def consequences(self) -> list[str]:
        return [_("It is not public by being written.")]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self._fresh()}

    def _fresh(self) -> Any:
        if not self.kind.parent or self.kind.has_own_screen:
            raise Http404
        records = kind_above(self.kind).records_of(self.case)
        parent = next((one for one in records if one.pk == self.kwargs["parent"]), None)
        if parent is None:
            raise Http404
        return self.kind.model(organization=self.case.organization, **{self.kind.parent: parent})

    def act(self, form: Any) -> str:
        recording.add(record=form.save(commit=False), case=self.case, by=self.user, now=self.now)
        return _("It is in the register.")


class ChangeRecord(KindDeed):
    """Change a record; what was public of it has to be agreed to anew."""

    button = gettext_lazy("Save")

    def get_page_title(self) -> str:
        return str(self.kind.title)

    def consequences(self) -> list[str]:
        return [
            _(
                "What is public and is changed here leaves the page at once, until somebody else has agreed to it anew."
            )
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.record}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if any(column.restricted for column in self.kind.columns):
            self.note_reading()
        return super().get_context_data(**kwargs)

    def act(self, form: Any) -> str:
        record = form.save(commit=False)
        anew = recording.change(
            record=record, columns=form.changed_data, case=self.case, by=self.user, now=self.now
        )
        if isinstance(record, Case):
            for sentence in prose.wrong_figures(record.story or "", organization=record.organization):
                messages.warning(self.request, sentence)
        if not anew:
            return _("It is saved.")
        said = ngettext(
            "It is saved. %(count)d column waits for somebody to agree to it anew.",
            "It is saved. %(count)d columns wait for somebody to agree to them anew.",
            anew,
        )
        return said % {"count": anew}


class RemoveRecord(KindDeed):
    """Take a record out."""

    button = gettext_lazy("Remove it")
    serious = True

    def get_page_title(self) -> str:
        return _("Remove: %(what)s") % {"what": self.kind.title}

    def get_form_class(self) -> Any:
        return StaffDeed.form_class

    def consequences(self) -> list[str]:
        record = self.record
        # Which record it is, told by what may stand on a page: the rest is read on the case's own screen.
        columns = [column.name for column in self.kind.columns if column.can_be_public]
        told = [(label_of(self.kind, name), said_of(record, name)) for name in columns]
        return [
            *(f"{label}: {Truncator(said).chars(SHOWN_OF_A_COLUMN)}" for label, said in told if said),
            _(
                "It leaves the register and the page, with everything that hangs below it. This cannot be taken back."
            ),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        if self.kind.name in {"Case", "Person"}:
            raise recording.NotAllowedThere
        recording.remove(record=self.record, case=self.case, by=self.user, now=self.now)
        return _("It is removed.")
