"""Cases from a spreadsheet: hand it over, see what would happen, bring it in, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage
from amparo.cases import register
from amparo.cases.exchange_forms import SpreadsheetForm
from amparo.cases.importing import running, undoing
from amparo.cases.importing.running import ADDED_TO, LEFT_OUT, NEW, THERE
from amparo.cases.models import CaseImport
from amparo.cases.screens import CASES
from amparo.kit.refusal import Refusal
from amparo.kit.sealed_uploads import SealingUploadHandler

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http.response import HttpResponseBase

IMPORTS = (gettext_lazy("Spreadsheets"), "staff_case_imports")
State = CaseImport.State
#: A register of a thousand cases is some two megabytes.
MOST_BYTES = 20 * 1024 * 1024
#: Some two minutes of one core for a worker's dry run, and as many again; a register of five thousand cases.
MOST_RECORDS = 100_000
#: Problems on the screen; all of them are in the table to download.
SHOWN = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Imports(StaffList):
    """Every spreadsheet that was handed over."""

    least_role = Role.APPROVER
    above = (CASES,)
    page_title = gettext_lazy("Spreadsheets of cases")
    header_icon = "upload"
    index_url_name = "staff_case_imports"
    index_results_url_name = "staff_case_imports_results"
    default_ordering = "-entered_at"
    verbose_name_plural = gettext_lazy("spreadsheets")
    search_fields: list[str] = []
    columns = [
        TitleColumn(
            "file_name",
            label=gettext_lazy("File"),
            get_url=lambda run: reverse("staff_case_import", args=[run.pk]),
        ),
        StatusTagColumn(
            "state",
            label=gettext_lazy("State"),
            accessor="get_state_display",
            primary=lambda run: run.state == State.CHECKED,
        ),
        Column("cases", label=gettext_lazy("New cases"), accessor=lambda run: run.counts.get(NEW, 0)),
        Column("by", label=gettext_lazy("Handed over by"), accessor=lambda run: run.by or "–"),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
        DateColumn("entered_at", label=gettext_lazy("Handed over"), sort_key="entered_at"),
    ]

    def rows(self) -> QuerySet[CaseImport]:
        mine = CaseImport.objects.filter(organization__in=self.organizations)
        return mine.select_related("organization", "by").defer("problems")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(_("Empty workbook"), url=reverse("staff_case_template"), icon_name="download"),
            HeaderButton(_("Bring cases in…"), url=reverse("staff_case_import_add"), icon_name="upload"),
        ]


class Template(StaffPage):
    """The empty workbook: it holds nothing of anybody."""

    least_role = Role.APPROVER

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        # Here, not above: few processes ever write a workbook, and what does takes long to load.
        from amparo.cases.importing import template

        response = HttpResponse(template.workbook(), content_type=_XLSX)
        response["Content-Disposition"] = 'attachment; filename="cases.xlsx"'
        return response


class HandOver(StaffDeed):
    """The file. It is sealed while it arrives, which has to begin before anything of the form is read."""

    least_role = Role.APPROVER
    above = (CASES, IMPORTS)
    page_title = gettext_lazy("Bring cases in")
    header_icon = "upload"
    template_name = "cases/staff/upload.html"
    form_class: Any = SpreadsheetForm
    button = gettext_lazy("Try it")

    def consequences(self) -> list[str]:
        return [
            _(
                "Nothing is brought in by this: you see first what would happen, and what is wrong in which cell."
            ),
            _("Whatever comes in is public to nobody."),
            _("The file is kept sealed until you bring it in, for 30 days at most."),
        ]

    @method_decorator(csrf_exempt)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.arriving = SealingUploadHandler(request, most_bytes=MOST_BYTES)
        request.upload_handlers = [self.arriving]
        answer: HttpResponseBase = csrf_protect(self._protected)(request, *args, **kwargs)
        return answer

    def _protected(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def form_valid(self, form: Any) -> HttpResponse:
        arrived = form.cleaned_data["file"]
        if arrived is None:
            said = _("That is more than 20 MB.") if self.arriving.too_large else _("Choose a file.")
            form.add_error("file", said)
            return self.form_invalid(form)
        try:
            run = running.hand_over(
                arrived.chunks(),
                organization=form.cleaned_data["organization"],
                file_name=arrived.name,
                existing=form.cleaned_data["existing"],
                by=self.user,
                now=self.now,
                most=MOST_RECORDS,
            )
        except Refusal as refusal:
            form.add_error("file", str(refusal))
            return self.form_invalid(form)
        finally:
            arrived.discard()
        return HttpResponseRedirect(reverse("staff_case_import", args=[run.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        for arrived in self.request.FILES.values():
            discard = getattr(arrived, "discard", None)
            if discard:
                discard()
        return super().form_invalid(form)


class _OneImport:
    """One spreadsheet of the user's organizations."""

    kwargs: dict[str, Any]
    find: Any

    @cached_property
    def run(self) -> CaseImport:
        rows = CaseImport.objects.select_related("organization", "by")
        found: CaseImport = self.find(rows, pk=self.kwargs["pk"])
        return found

    def in_words(self) -> list[tuple[str, int]]:
        """What it brings or brought, as words and counts: cases first, then records by kind."""
        counts = self.run.counts
        cases = [
            (_("Cases that are new"), counts.get(NEW, 0)),
            (_("Cases to which records are added"), counts.get(ADDED_TO, 0)),
            (_("Cases that stay out because of what is wrong with them"), counts.get(LEFT_OUT, 0)),
            (_("Records that are there already"), counts.get(THERE, 0)),
        ]
        below = [
            (str(kind.plural), counts.get(kind.name, 0))
            for kind in register.KINDS.values()
            if kind.name != "Case"
        ]
        return [(words, count) for words, count in (*cases, *below) if count]


class ImportScreen(_OneImport, StaffPage):
    """What would happen or has happened, what is wrong in which cell, and what can be done."""

    least_role = Role.APPROVER
    template_name = "cases/staff/import.html"
    above = (CASES, IMPORTS)
    header_icon = "upload"

    def get_page_title(self) -> str:
        return self.run.file_name or _("Spreadsheet")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.run
        problems = running.problems_of(run)
        understood = all(problem.case for problem in problems)
        something = run.counts.get(NEW) or run.counts.get(ADDED_TO)
        return super().get_context_data(**kwargs) | {
            "run": run,
            "counted": self.in_words(),
            "problems": problems[:SHOWN],
            "more": max(len(problems) - SHOWN, 0),
            "understood": understood,
            "may_start": run.state == State.CHECKED and understood and something,
            "may_forget": run.state == State.CHECKED,
            "may_undo": run.state in CaseImport.UNDOABLE and run.counts,
            "part": 100 * run.cases_done // run.cases_total if run.is_working and run.cases_total else None,
        }


class Problems(_OneImport, StaffPage):
    """Everything that is wrong, as a table."""

    least_role = Role.APPROVER

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        response = HttpResponse(running.problems_as_csv(self.run), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="to-correct.csv"'
        return response


class _ImportDeed(_OneImport, StaffDeed):
    least_role = Role.APPROVER
    above = (CASES, IMPORTS)
    header_icon = "upload"

    def after(self) -> str:
        return reverse("staff_case_import", args=[self.run.pk])


class Start(_ImportDeed):
    """Bring it in."""

    page_title = gettext_lazy("Bring the cases in")
    button = gettext_lazy("Bring them in")

    def consequences(self) -> list[str]:
        return [
            *(f"{words}: {count}" for words, count in self.in_words()),
            _(
                "Each case comes in whole, or stays out. Nothing that is there is changed, and nothing becomes public."
            ),
            _("You can take it back as long as nobody has changed anything of it."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        running.begin(run=self.run, by=self.user, now=self.now)
        return _("The cases are being brought in.")


class Undo(_ImportDeed):
    """Take it back."""

    page_title = gettext_lazy("Take the cases back")
    button = gettext_lazy("Take them back")
    serious = True

    def consequences(self) -> list[str]:
        return [
            *(f"{words}: {count}" for words, count in self.in_words()),
            _("Everything that came with this file leaves the register, and nothing else does."),
            _("If anything of it was changed or built upon since, nothing is taken back."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        count = undoing.undo(run=self.run, by=self.user, now=self.now)
        return ngettext(
            "%(count)d record is out of the register.", "%(count)d records are out of the register.", count
        ) % {"count": count}


class Forget(_ImportDeed):
    """Remove a file that is not brought in."""

    page_title = gettext_lazy("Remove the file")
    button = gettext_lazy("Remove the file")
    serious = True

    def consequences(self) -> list[str]:
        return [_("The file is removed from this server. Nothing of it is in the register.")]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        running.forget(run=self.run, by=self.user, now=self.now)
        return _("The file is removed.")
