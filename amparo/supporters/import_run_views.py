"""The lists that were brought in, and each of them: how far it is, its problems; start, pause, stop and undo it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage
from amparo.supporters import import_words
from amparo.supporters.import_screens import LISTS, OneList
from amparo.supporters.importing import preparing, problems, undoing
from amparo.supporters.models import ImportProblem, ImportRun
from amparo.supporters.screens import SUPPORTERS

if TYPE_CHECKING:
    from django.db.models import QuerySet

State = ImportRun.State


class Lists(StaffList):
    """Every list that was brought in, or is on its way."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Lists brought in")
    header_icon = "upload"
    index_url_name = "staff_lists"
    index_results_url_name = "staff_lists_results"
    default_ordering = "-created_at"
    verbose_name_plural = gettext_lazy("lists")
    columns = [
        TitleColumn(
            "file_name",
            label=gettext_lazy("List"),
            get_url=lambda run: reverse("staff_list", args=[run.pk]),
        ),
        StatusTagColumn(
            "state",
            label=gettext_lazy("State"),
            accessor="get_state_display",
            primary=lambda run: run.is_working,
        ),
        Column("new", label=gettext_lazy("New people"), accessor=lambda run: run.counts.get("new", "–")),
        Column("rows_total", label=gettext_lazy("Rows"), classname="staff-wide"),
        Column("made_by", label=gettext_lazy("By"), accessor=lambda run: run.made_by or _("the server")),
        DateColumn("created_at", label=gettext_lazy("Handed over"), sort_key="created_at"),
    ]

    def rows(self) -> QuerySet[ImportRun]:
        mine = ImportRun.objects.filter(organization__in=self.organizations)
        return mine.select_related("made_by", "organization")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Bring in a list"), url=reverse("staff_list_add"), icon_name="upload")]


class ListPage(OneList, StaffPage):
    """One list: how far it is, what would happen or what happened, and what can be done."""

    least_role = Role.APPROVER
    above = (SUPPORTERS, LISTS)
    header_icon = "upload"
    template_name = "supporters/staff/import_run.html"

    def get_page_title(self) -> str:
        return self.run.file_name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.run
        idle = not run.is_working
        return super().get_context_data(**kwargs) | {
            "run": run,
            "part": import_words.part_done(run) if run.is_working or run.state == State.PAUSED else None,
            "forecast": import_words.forecast(run.forecast) if run.state == State.CHECKED else [],
            "result": import_words.result(run.counts),
            "undone": import_words.undone(run.undone_counts) if run.state == State.UNDONE else [],
            "left": list(self._left()) if run.state == State.UNDONE else [],
            "troubles": self._troubles(),
            "may_start": run.state == State.CHECKED,
            "may_change": run.state in preparing.OPEN and not run.counts and run.has_file,
            "may_pause": run.state == State.RUNNING,
            "may_resume": run.has_file
            and (run.state == State.PAUSED or (run.state == State.FAILED and bool(run.counts))),
            "may_cancel": run.state in {State.RUNNING, State.PAUSED},
            "may_undo": run.state in ImportRun.UNDOABLE and bool(run.counts),
            "may_forget": idle and run.has_file,
        }

    def _troubles(self) -> list[tuple[str, str, int]]:
        """What can be downloaded: during what, its address, and how many lines it has."""
        found = []
        for during, label in ImportProblem.During.choices:
            count = self.run.problems.filter(during=during).count()
            if count and during != ImportProblem.During.UNDO:
                place = reverse("staff_list_problems", args=[self.run.pk, during])
                found.append((str(label), place, count))
        return found

    def _left(self) -> Iterable[tuple[str, str]]:
        """The first of those whom undoing left, with the reason."""
        for problem in self.run.problems.filter(during=ImportProblem.During.UNDO)[:50]:
            yield reverse("staff_supporter", args=[problem.column]), problems.sentence(problem.reason)


class ListProblems(OneList, StaffPage):
    """The rows and cells that were not brought in as they stand, as a table to download."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Problems of a list")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        during = self.kwargs["during"]
        if during not in ImportProblem.During.values:
            raise Http404
        response = StreamingHttpResponse(
            problems.as_csv(self.run, during), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="problems-{during}.csv"'
        return response  # type: ignore[return-value]


class _ListDeed(OneList, StaffDeed):
    """Something that is done to one list."""

    least_role = Role.APPROVER
    above = (SUPPORTERS, LISTS)
    header_icon = "upload"

    def after(self) -> str:
        return reverse("staff_list", args=[self.run.pk])


class StartList(_ListDeed):
    """Bring it in."""

    page_title = gettext_lazy("Bring the list in")
    button = gettext_lazy("Bring it in")

    def consequences(self) -> list[str]:
        counted = import_words.forecast(self.run.forecast)
        return [
            *(_("%(label)s: %(number)d. %(meaning)s") % {"label": label, "number": number, "meaning": meaning}
              for label, number, meaning in counted),
            _("It goes on in the background. You can pause it, and undo the whole of it afterwards."),
        ]  # fmt: skip

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        preparing.start(run=self.run, by=self.user, now=self.now)
        return _("The list is being brought in.")


class PauseList(_ListDeed):
    """Stop for now."""

    page_title = gettext_lazy("Pause the list")
    button = gettext_lazy("Pause")

    def consequences(self) -> list[str]:
        return [
            _("What was brought in stays. You can go on where it stopped, for as long as the file is kept.")
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        preparing.pause(run=self.run, by=self.user, now=self.now)
        return _("The list is paused.")


class ResumeList(_ListDeed):
    """Go on."""

    page_title = gettext_lazy("Go on with the list")
    button = gettext_lazy("Go on")

    def consequences(self) -> list[str]:
        return [
            _("It goes on after row %(rows)d. No row is brought in twice.") % {"rows": self.run.rows_done}
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        preparing.resume(run=self.run, by=self.user, now=self.now)
        return _("The list is being brought in.")


class CancelList(_ListDeed):
    """Stop for good."""

    page_title = gettext_lazy("Stop the list")
    button = gettext_lazy("Stop for good")
    serious = True

    def consequences(self) -> list[str]:
        return [_("No more rows are brought in. What was brought in stays, and you can undo it.")]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        preparing.cancel(run=self.run, by=self.user, now=self.now)
        return _("The list is stopped.")


class UndoList(_ListDeed):
    """Take the whole list back."""

    page_title = gettext_lazy("Undo the list")
    button = gettext_lazy("Undo all of it")
    serious = True

    def consequences(self) -> list[str]:
        return import_words.before_undoing(undoing.foresee(self.run))

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        undoing.start(run=self.run, by=self.user, now=self.now)
        return _("The list is being undone.")


class ForgetFile(_ListDeed):
    """Remove the file before its time."""

    page_title = gettext_lazy("Remove the file")
    button = gettext_lazy("Remove it")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _(
                "The file is removed from this server at once. What was brought in stays, and can still be undone."
            ),
            _("A list that is paused cannot go on without its file."),
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        gone = preparing.forget_file(run=self.run, by=self.user, now=self.now)
        return (
            _("The file is removed.") if gone else _("It cannot be removed just now, or was removed before.")
        )
