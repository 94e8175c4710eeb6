"""Signatures for staff: comments and organizations to look at, names on paper, and a poster that leads to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage
from amparo.actions.models import ActionPage, PaperSheet, Signature, SignedPage
from amparo.actions.signatures import posters, signing

if TYPE_CHECKING:
    from django.db.models import QuerySet

SIGNATURES = (gettext_lazy("Signatures"), "staff_signatures")


class Signatures(StaffList):
    """Comments, and signatures for organizations, that nobody has looked at yet; the oldest first."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Signatures")
    header_icon = "edit"
    index_url_name = "staff_signatures"
    index_results_url_name = "staff_signatures_results"
    default_ordering = "signed_at"
    verbose_name_plural = gettext_lazy("signatures to look at")
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Who"),
            accessor=lambda row: row.action.full_name,
            get_url=lambda row: reverse("staff_signature", args=[row.pk]),
        ),
        Column("represents", label=gettext_lazy("Organisation")),
        Column("comment", label=gettext_lazy("Comment")),
        Column("page", label=gettext_lazy("Page"), accessor="page.title"),
        DateColumn("signed_at", label=gettext_lazy("Signed")),
    ]

    def rows(self) -> QuerySet[Any]:
        waiting = Signature.objects.waiting().filter(organization__in=self.organizations)
        return waiting.select_related("action", "page")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Petitions and letters"), url=reverse("staff_signed"), icon_name="doc-full")]


class DecisionForm(forms.Form):
    """Show it or not."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("show", gettext_lazy("Show it")), ("hide", gettext_lazy("Do not show it"))],
        widget=forms.RadioSelect,
    )


class DecideSignature(StaffDeed):
    """One comment or organization: shown, or not."""

    least_role = Role.APPROVER
    above = (SIGNATURES,)
    header_icon = "edit"
    form_class = DecisionForm
    button = gettext_lazy("Decide")
    template_name = "actions/staff/signature.html"

    @cached_property
    def signature(self) -> Signature:
        rows = Signature.objects.counted().select_related("action", "page", "organization")
        found: Signature = self.find(rows, pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.signature.action.full_name

    def consequences(self) -> list[str]:
        return [
            _("Shown, it stands on the page within a minute. Not shown, the signature counts all the same."),
            _("Nobody is told. You can decide otherwise later."),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"signature": self.signature}

    def act(self, form: Any) -> str:
        show = form.cleaned_data["decision"] == "show"
        signing.decide(signature=self.signature, show=show, by=self.user, now=self.now)
        return _("It is shown now.") if show else _("It is not shown.")


class SignedPages(StaffPage):
    """The petitions and open letters of the user's organizations, with what was collected on paper."""

    template_name = "actions/staff/signed_pages.html"
    page_title = gettext_lazy("Petitions and letters")
    header_icon = "doc-full"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pages = ActionPage.objects.filter(organization__in=self.organizations).order_by("title").specific()
        return super().get_context_data(**kwargs) | {
            "pages": [page for page in pages if isinstance(page, SignedPage)]
        }


class _OfOnePage:
    """A petition or an open letter of the user's organizations."""

    kwargs: dict[str, Any]
    find: Any

    @cached_property
    def page(self) -> SignedPage:
        found = self.find(ActionPage.objects.all(), pk=self.kwargs["pk"]).specific
        if not isinstance(found, SignedPage):
            raise Http404
        return found


class PaperForm(forms.Form):
    """One batch of sheets."""

    number = forms.IntegerField(label=gettext_lazy("Signatures"), min_value=1, max_value=10_000_000)
    collected_on = forms.DateField(
        label=gettext_lazy("Collected on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    provenance = forms.CharField(
        label=gettext_lazy("Where, and where the sheets are kept"),
        max_length=300,
        help_text=gettext_lazy("Such as: the market in Brennick; the sheets lie in our office, folder 4."),
    )


class EnterPaper(_OfOnePage, StaffDeed):
    """Signatures that were collected on paper."""

    above = ((gettext_lazy("Petitions and letters"), "staff_signed"),)
    header_icon = "doc-full"
    form_class = PaperForm
    button = gettext_lazy("Count them")
    template_name = "actions/staff/paper.html"

    def get_page_title(self) -> str:
        return _("On paper: %(page)s") % {"page": self.page.title}

    def consequences(self) -> list[str]:
        return [
            _("They are added to the counter, and the page says how many of all were collected on paper."),
            _("Nobody is written to. A batch can be withdrawn, and stays on record."),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sheets = PaperSheet.objects.for_organization(self.page.organization).filter(page=self.page.pk)
        return super().get_context_data(**kwargs) | {"sheets": sheets.order_by("-collected_on", "-id")}

    def act(self, form: Any) -> str:
        signing.enter_paper(page=self.page, **form.cleaned_data, by=self.user, now=self.now)
        return _("They are counted.")

    def after(self) -> str:
        return (
            reverse("staff_paper", args=[self.page.pk]) if self.request.method == "POST" else super().after()
        )


class WithdrawPaper(StaffDeed):
    """A batch that is not to count any more."""

    above = ((gettext_lazy("Petitions and letters"), "staff_signed"),)
    header_icon = "doc-full"
    button = gettext_lazy("Withdraw the batch")
    page_title = gettext_lazy("Withdraw signatures on paper")
    serious = True

    @cached_property
    def sheet(self) -> PaperSheet:
        found: PaperSheet = self.find(
            PaperSheet.objects.select_related("organization", "page"), pk=self.kwargs["pk"]
        )
        return found

    def consequences(self) -> list[str]:
        return [
            _("%(number)d signatures on “%(page)s” no longer count. The batch stays on record as withdrawn.")
            % {"number": self.sheet.number, "page": self.sheet.page.title}
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        signing.withdraw_paper(sheet=self.sheet, by=self.user, now=self.now)
        return _("They do not count any more.")

    def after(self) -> str:
        return reverse("staff_paper", args=[self.sheet.page_id])


class Poster(_OfOnePage, StaffPage):
    """A sheet of A4 with the page's address as a QR code, to be hung up."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        document = posters.draw(self.page)
        response = HttpResponse(document, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="poster-{self.page.slug}.pdf"'
        return response
