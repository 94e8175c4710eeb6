"""The steps before a list is checked: hand it over, and say what it is, what they agreed to, and who is known.

What becomes of the list afterwards is in `import_run_views`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed
from amparo.kit.refusal import Refusal
from amparo.kit.sealed_uploads import SealingUploadHandler
from amparo.kit.tables.headings import Unreadable
from amparo.supporters import rules
from amparo.supporters.import_forms import ColumnsForm, ConsentForm, FileForm, RestForm, SourceForm
from amparo.supporters.import_screens import LISTS, OneList
from amparo.supporters.importing import preparing
from amparo.supporters.importing.registry import load_sources
from amparo.supporters.screens import SUPPORTERS

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from django.utils.functional import _StrOrPromise

#: A million people with addresses are some 150 MB; NationBuilder itself stops at 20.
MOST_BYTES = 300 * 1024 * 1024
#: The steps before a list is checked, with the names of their addresses.
STEPS: tuple[tuple[_StrOrPromise, str], ...] = (
    (gettext_lazy("File"), "staff_list_add"),
    (gettext_lazy("Source"), "staff_list_source"),
    (gettext_lazy("Columns"), "staff_list_columns"),
    (gettext_lazy("Consent"), "staff_list_consent"),
    (gettext_lazy("People you know"), "staff_list_rest"),
    (gettext_lazy("Dry run and start"), "staff_list"),
)


class _Step(StaffDeed):
    """One step of the way; shows where on the way it is."""

    least_role = Role.APPROVER
    above = (SUPPORTERS, LISTS)
    header_icon = "upload"
    template_name = "supporters/staff/import_step.html"
    place = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = [name for _label, name in STEPS].index(self.place)
        steps = [(label, number < here, number == here) for number, (label, _name) in enumerate(STEPS)]
        return super().get_context_data(**kwargs) | {"steps": steps}


class HandOver(_Step):
    """The file. It is sealed while it arrives, which has to begin before anything of the form is read."""

    place = "staff_list_add"
    page_title = gettext_lazy("Bring in a list")
    form_class = FileForm
    button = gettext_lazy("Hand it over")

    def consequences(self) -> list[str]:
        return [
            _("Nothing is changed by this. You see first what would happen, and say yes or no to it."),
            _("The file is kept sealed for 30 days and then removed, or sooner when you say so."),
        ]  # fmt: skip

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

    def form_valid(self, form: Form) -> HttpResponse:
        arrived = form.cleaned_data["file"]
        if arrived is None:
            form.add_error(
                "file", _("That is more than 300 MB.") if self.arriving.too_large else _("Choose a file.")
            )
            return self.form_invalid(form)
        try:
            run = preparing.receive(
                arrived.chunks(),
                organization=form.cleaned_data["organization"],
                file_name=arrived.name,
                by=self.user,
                now=self.now,
            )
        except Unreadable as refusal:
            form.add_error("file", str(refusal))
            return self.form_invalid(form)
        finally:
            arrived.discard()
        return HttpResponseRedirect(reverse("staff_list_source", args=[run.pk]))

    def form_invalid(self, form: Form) -> HttpResponse:
        for arrived in self.request.FILES.values():
            discard = getattr(arrived, "discard", None)
            if discard:
                discard()
        return super().form_invalid(form)


class _RunStep(OneList, _Step):
    """A step about a list that is there; `say` does it, and then comes `then`."""

    button = gettext_lazy("Save and go on")
    then = "staff_list"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "run": self.run}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.say(form)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return HttpResponseRedirect(reverse(self.then, args=[self.run.pk]))

    def say(self, form: Any) -> None:
        """Keep what was said."""
        raise NotImplementedError

    def after(self) -> str:
        return reverse("staff_list", args=[self.run.pk])


class SaySource(_RunStep):
    """Where the list comes from."""

    place = "staff_list_source"
    then = "staff_list_columns"
    page_title = gettext_lazy("Where it comes from")
    form_class = SourceForm

    def consequences(self) -> list[str]:
        said = [
            _("It looks like this one: %(source)s.") % {"source": load_sources().get(self.run.source).title}
        ]
        before = preparing.same_file_before(self.run)
        if before is not None:
            when = before.created_at.date().isoformat()
            said.append(_("This very file was brought in before, on %(day)s.") % {"day": when})
        return said

    def say(self, form: SourceForm) -> None:
        given = form.cleaned_data
        preparing.say_source(run=self.run, source=given["source"], encoding=given["encoding"], now=self.now)


class SayColumns(_RunStep):
    """What each column is, beside the first rows."""

    place = "staff_list_columns"
    then = "staff_list_consent"
    page_title = gettext_lazy("What the columns are")
    template_name = "supporters/staff/import_columns.html"
    form_class = ColumnsForm

    def consequences(self) -> list[str]:
        return [
            _("What you choose is remembered, and offered for the next list from there."),
            _("Columns with network addresses are never brought in."),
        ]

    def say(self, form: ColumnsForm) -> None:
        preparing.say_columns(run=self.run, fields=form.fields_by_header(), now=self.now)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        try:
            shown = preparing.preview(self.run)
        except Refusal as refusal:
            return context | {"trouble": str(refusal)}
        samples = [
            [row[place] for row in shown.rows if row[place]][:3] for place in range(len(shown.headers))
        ]
        fields = list(context["form"].visible_fields())
        return context | {
            "columns": list(zip(shown.headers, samples, fields, strict=True)),
            "headers": shown.headers,
            "first_rows": shown.rows,
            "direction": direction_of([*shown.headers, *(cell for row in shown.rows for cell in row)]),
            "remarks": [remark for table in shown.tables for remark in table.table.remarks],
            "tables": [table.table.name for table in shown.tables if table.table.name],
        }


class SayConsent(_RunStep):
    """What they agreed to, on what basis, and what shows it."""

    place = "staff_list_consent"
    then = "staff_list_rest"
    page_title = gettext_lazy("What they agreed to")
    form_class = ConsentForm

    def consequences(self) -> list[str]:
        law = rules.of(self.run.organization)
        return [
            _("The law you chose is that of: %(law)s.") % {"law": law.rule_set.jurisdiction.label},
            _("Whoever said no here before is not written to, whatever you answer."),
            _("Your answer stands in the ledger beside each person, with the times that the list gives."),
        ]

    def say(self, form: ConsentForm) -> None:
        preparing.say_consent(run=self.run, answer=form.answer(), by=self.user, now=self.now)


class SayRest(_RunStep):
    """What becomes of people who are known; then the whole list is gone through."""

    place = "staff_list_rest"
    page_title = gettext_lazy("People you know already")
    form_class = RestForm
    button = gettext_lazy("Check the whole list")

    def consequences(self) -> list[str]:
        return [
            _("The list is gone through from beginning to end. Nobody is added or changed yet."),
            _("Nobody gets another person's name: where the names differ, the one that is there stays."),
        ]

    def say(self, form: RestForm) -> None:
        given = form.cleaned_data
        preparing.say_rest(
            run=self.run,
            existing=given["existing"],
            tags=given["tags"],
            country=given["country"],
            language=given["language"],
            now=self.now,
        )
        preparing.ask_for_check(run=self.run, now=self.now)


def direction_of(texts: Iterable[str]) -> str:
    """From which side a table is read: that of most of its letters."""
    sides = [unicodedata.bidirectional(sign) for text in texts for sign in text[:200]]
    right = sum(side in {"R", "AL"} for side in sides)
    return "rtl" if right > sum(side == "L" for side in sides) / 2 else "ltr"
