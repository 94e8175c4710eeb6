"""Exports for staff: ask, approve, fetch, end; and whose export an address came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import AuditEntry
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage, in_words
from amparo.accounts.step_up import SecondFactorTooOld, SteppedUpDeed, is_fresh
from amparo.kit.refusal import Refusal
from amparo.supporters import choosing, wordings
from amparo.supporters.exports import canaries, exporting
from amparo.supporters.exports.export_columns import COLUMNS, offered
from amparo.supporters.many_screens import OfOneOrganization
from amparo.supporters.models import ExportRequest
from amparo.supporters.screens import SEES_NAMES, SUPPORTERS
from amparo.supporters.staff_forms import AddressForm, ExportForm

if TYPE_CHECKING:
    from django.db.models import QuerySet

EXPORTS = (gettext_lazy("Exports"), "staff_exports")
State, Reach = ExportRequest.State, ExportRequest.Reach
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Exports(StaffList):
    """Every list that was asked for, with who asked and where it stands."""

    least_role = SEES_NAMES
    page_title = gettext_lazy("Exports")
    header_icon = "download"
    index_url_name = "staff_exports"
    index_results_url_name = "staff_exports_results"
    default_ordering = "-asked_at"
    verbose_name_plural = gettext_lazy("exports")
    columns = [
        TitleColumn(
            "asked_by",
            label=gettext_lazy("Asked by"),
            accessor=lambda row: row.asked_by or "–",
            get_url=lambda row: reverse("staff_export", args=[row.pk]),
        ),
        StatusTagColumn(
            "state",
            label=gettext_lazy("State"),
            accessor="get_state_display",
            primary=lambda row: row.state in {State.WAITING, State.FAILED},
        ),
        Column("rows", label=gettext_lazy("People"), sort_key="rows"),
        Column(
            "form", label=gettext_lazy("File"), accessor=lambda row: row.form.upper(), classname="staff-wide"
        ),
        Column("approved_by", label=gettext_lazy("Approved by"), accessor=lambda row: row.approved_by or "–"),
        Column("downloads", label=gettext_lazy("Fetched"), classname="staff-wide"),
        DateColumn("asked_at", label=gettext_lazy("Asked"), sort_key="asked_at"),
    ]

    def rows(self) -> QuerySet[ExportRequest]:
        mine = ExportRequest.objects.filter(organization__in=self.organizations)
        return mine.select_related("asked_by", "approved_by").defer("reason")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(_("Whose export is this?"), url=reverse("staff_export_whose"), icon_name="search"),
            HeaderButton(_("Export a list…"), url=reverse("staff_export_ask"), icon_name="download"),
        ]


class AskExport(OfOneOrganization, SteppedUpDeed):
    """Ask for a list of those that the supporters' list shows: who of them, what about them, and what for."""

    above = (SUPPORTERS, EXPORTS)
    page_title = gettext_lazy("Export a list")
    header_icon = "download"
    template_name = "supporters/staff/export_ask.html"
    form_class = ExportForm
    button = gettext_lazy("Ask for the list")

    def consequences(self) -> list[str]:
        return [
            *self.in_words(),
            _("Up to %(count)d people the list is made at once. Above that somebody else has to approve it.")
            % {"count": exporting.SECOND_PERSON_ABOVE},
            _("Only you can fetch the file, with your second factor, for seven days. Then it is deleted."),
            _("One of its rows is invented, so that you can tell from a leaked list whose export it was."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "audiences": [(code, label) for code, label, _count in self.audiences],
            "columns": offered(self.organization),
            "ticked": [name for name, column in COLUMNS.items() if column.ticked],
        }

    @cached_property
    def audiences(self) -> list[tuple[str, str, int]]:
        """Who could be on the list, with how many they are; nobody who could not."""
        asked = [
            (f"agreed {code}", _("Agreed to “%(what)s”, and can be written to") % {"what": label})
            for code, label in choosing.standing_codes()
        ]
        partners = [
            (f"partner {name}", _("Agreed to share with %(partner)s") % {"partner": name})
            for name in wordings.partners_of(self.organization)
        ]
        everybody = [
            (Reach.REACHABLE.value, str(Reach.REACHABLE.label)),
            (Reach.EVERYBODY.value, str(Reach.EVERYBODY.label)),
        ]
        counted = [(code, label, self._count(code)) for code, label in [*asked, *partners, *everybody]]
        return [
            (
                code,
                ngettext("%(who)s: %(count)d person", "%(who)s: %(count)d people", count)
                % {"who": label, "count": count},
                count,
            )
            for code, label, count in counted
            if count
        ]

    def _count(self, code: str) -> int:
        people = exporting.people(
            organization=self.organization, chosen=self.chosen, now=self.now, **_meaning(code)
        )
        return people.count()

    def act(self, form: ExportForm) -> str:
        given = form.cleaned_data
        meant = _meaning(given["audience"])
        self.export = exporting.ask(
            organization=self.organization,
            chosen=self.chosen,
            reach=meant["reach"],
            agreed=given["audience"].partition(" ")[2] if meant["reach"] == Reach.AGREED else "",
            partner=meant["partner"],
            columns=given["columns"],
            form=given["form"],
            byte_order_mark=given["byte_order_mark"],
            reason=given["reason"],
            by=self.user,
            now=self.now,
        )
        if self.export.state == State.WAITING:
            return _("Somebody else has to approve this list now.")
        return _("The list is being made.")

    def after(self) -> str:
        made: ExportRequest | None = getattr(self, "export", None)
        return reverse("staff_export", args=[made.pk]) if made else super().after()


def _meaning(code: str) -> dict[str, Any]:
    """What an audience's code asks for."""
    kind, _space, what = code.partition(" ")
    return {
        "reach": kind,
        "agreed_to": choosing.bit_of(what) if kind == Reach.AGREED else 0,
        "partner": what if kind == Reach.PARTNER else "",
    }


class _OneExport:
    """Mixin: the export that the address names, of the user's organizations."""

    @cached_property
    def export(self) -> ExportRequest:
        rows = ExportRequest.objects.select_related("organization", "asked_by", "approved_by")
        found: ExportRequest = self.find(rows, pk=self.kwargs["pk"])  # type: ignore[attr-defined]
        return found

    def facts(self) -> list[str]:
        """Who, what and how many, in sentences."""
        export = self.export
        reach = {
            Reach.AGREED: _("Only those who agreed, and can be written to."),
            Reach.REACHABLE: _("Everybody whose address is not suppressed."),
            Reach.EVERYBODY: _("Everybody, suppressed addresses as well."),
            Reach.PARTNER: _("Only those who agreed to share with %(partner)s.")
            % {"partner": export.partner},
        }
        labels = dict(offered(export.organization))
        columns = ", ".join(str(labels.get(name, name)) for name in export.columns)
        return [
            ngettext("%(count)d person.", "%(count)d people.", export.rows) % {"count": export.rows},
            reach[Reach(export.reach)],
            *choosing.in_words(export.chosen),
            _("About each: %(columns)s.") % {"columns": columns},
        ]


class ExportPage(_OneExport, StaffPage):
    """One export: what it is, where it stands, and what can be done."""

    least_role = SEES_NAMES
    template_name = "supporters/staff/export.html"
    above = (SUPPORTERS, EXPORTS)
    header_icon = "download"

    def get_page_title(self) -> str:
        asked_by = self.export.asked_by
        return _("List for %(person)s") % {"person": asked_by} if asked_by else _("A list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        export = self.export
        own = export.asked_by_id == self.user.pk
        waiting, ready = export.state == State.WAITING, export.state == State.READY
        over = export.expires_at <= self.now
        return super().get_context_data(**kwargs) | {
            "export": export,
            "facts": self.facts(),
            "own": own,
            "may_approve": waiting and not own and not over,
            "may_refuse": waiting and not over,
            "may_fetch": ready and own and not over,
            "may_end": ready and not over,
            "under_way": export.state in {State.QUEUED, State.MAKING},
            "trail": [(entry, in_words(entry.verb)) for entry in self._trail()],
        }

    def _trail(self) -> QuerySet[AuditEntry]:
        entries = AuditEntry.objects.filter(
            organization=self.export.organization_id,
            subject_type=ExportRequest._meta.label_lower,
            subject_id=str(self.export.pk),
        )
        return entries.select_related("actor").order_by("id")


class _ExportDeed(_OneExport, SteppedUpDeed):
    least_role = SEES_NAMES
    above = (SUPPORTERS, EXPORTS)
    header_icon = "download"

    def after(self) -> str:
        return reverse("staff_export", args=[self.export.pk])


class ApproveExport(_ExportDeed):
    """Say yes to a list that somebody else asked for."""

    page_title = gettext_lazy("Approve a list")
    button = gettext_lazy("Approve")

    def consequences(self) -> list[str]:
        asked_by = self.export.asked_by or _("somebody who has left")
        return [
            _("%(person)s asks for this list, and alone can fetch it for seven days.") % {"person": asked_by},
            _("For: %(reason)s") % {"reason": self.export.reason},
            *self.facts(),
            _("Your approval is for this number. If many more join before it is made, you are asked again."),
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        exporting.approve(export=self.export, by=self.user, now=self.now)
        return _("The list is approved, and is being made.")


class RefuseExport(_ExportDeed):
    """Say no to a list, or take one's own wish back."""

    page_title = gettext_lazy("Refuse a list")
    button = gettext_lazy("Refuse")
    serious = True

    def consequences(self) -> list[str]:
        return [*self.facts(), _("The list is not made. Whoever asked can ask again.")]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        exporting.refuse(export=self.export, by=self.user, now=self.now)
        return _("The list is not made.")


class FetchExport(_ExportDeed):
    """Download the file: for whoever asked for it, by POST, with a fresh second factor."""

    page_title = gettext_lazy("Fetch a list")
    button = gettext_lazy("Download")

    def consequences(self) -> list[str]:
        return [
            *self.facts(),
            _(
                "From then on you are responsible for this copy: keep it where nobody else reads it, and delete it."
            ),
            _("The audit trail notes that you fetched it."),
        ]

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            if not is_fresh(self.request):
                raise SecondFactorTooOld
            contents = exporting.fetch(export=self.export, by=self.user, now=self.now)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        day = self.export.asked_at.date().isoformat()
        response = StreamingHttpResponse(contents, content_type=_TYPES[self.export.form])
        response["Content-Disposition"] = f'attachment; filename="supporters-{day}.{self.export.form}"'
        return response  # type: ignore[return-value]


class EndExport(_ExportDeed):
    """Delete the file before its time."""

    page_title = gettext_lazy("Delete the file")
    button = gettext_lazy("Delete the file")
    serious = True

    def consequences(self) -> list[str]:
        return [_("The file is deleted from this server at once. Copies that were fetched are not.")]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        ended = exporting.end(export=self.export, by=self.user, now=self.now)
        return _("The file is deleted.") if ended else _("The file was gone already.")


class WhoseExport(StaffDeed):
    """An address out of a list that was found somewhere: does it belong to one of our exports?"""

    least_role = SEES_NAMES
    above = (SUPPORTERS, EXPORTS)
    page_title = gettext_lazy("Whose export is this?")
    header_icon = "search"
    template_name = "supporters/staff/export_whose.html"
    form_class = AddressForm
    button = gettext_lazy("Look")

    def consequences(self) -> list[str]:
        return [
            _(
                "Every export has one invented person, with an address at your own domain and a tag after a plus."
            ),
            _("Write that address here, and you see who asked for the list, when, and what for."),
        ]

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            found = canaries.whose(form.cleaned_data["address"], organizations=self.organizations)
        except Refusal as refusal:
            form.add_error("address", str(refusal))
            return self.form_invalid(form)
        if found is not None:
            return HttpResponseRedirect(reverse("staff_export", args=[found.pk]))
        return self.render_to_response(self.get_context_data(form=form) | {"unknown": True})
