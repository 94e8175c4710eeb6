"""Cases as files for staff: the register or one case, with a fresh second factor, and the dossier of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed
from amparo.accounts.step_up import SecondFactorTooOld, SteppedUpDeed, is_fresh
from amparo.cases import dossier, exporting
from amparo.cases.exchange_forms import DossierForm, ExportForm
from amparo.cases.exporting import TYPES, Form
from amparo.cases.models import Case
from amparo.cases.screens import CASES, OfOneCase
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from django.db.models import QuerySet


class _Export(SteppedUpDeed):
    """Hands the file over in its answer: nothing of it stays on the server."""

    above = (CASES,)
    header_icon = "download"
    form_class: Any = ExportForm
    button = gettext_lazy("Download")

    def consequences(self) -> list[str]:
        return [
            *self.in_words(),
            _("Restricted columns are in it only if you may read them and ask for them here."),
            _(
                "From then on you are responsible for this copy: keep it where nobody else reads it, and delete it."
            ),
            _("The audit trail notes that you took it."),
        ]

    def in_words(self) -> list[str]:
        """What would be in it."""
        raise NotImplementedError

    def chosen(self, form: Any) -> tuple[QuerySet[Case], Any]:
        """The cases, and the organization they are of."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        kind = Form(form.cleaned_data["form"])
        try:
            if not is_fresh(self.request):
                raise SecondFactorTooOld
            cases, organization = self.chosen(form)
            content = exporting.export(
                cases=cases,
                organization=organization,
                form=kind,
                restricted=form.cleaned_data.get("restricted", False),
                by=self.user,
                now=self.now,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        media_type, ending = TYPES[kind]
        response = HttpResponse(content, content_type=media_type)
        response["Content-Disposition"] = f'attachment; filename="cases-{self.now:%Y-%m-%d}.{ending}"'
        return response


class ExportRegister(_Export):
    """Every case of one organization."""

    page_title = gettext_lazy("Export the register")

    def get_form_kwargs(self) -> dict[str, Any]:
        may = any(self.may(Role.APPROVER, found.pk) for found in self.organizations)
        return {**super().get_form_kwargs(), "may_read_all": may, "organizations": self.organizations}

    def in_words(self) -> list[str]:
        count = Case.objects.filter(organization__in=self.organizations).count()
        return [ngettext("%(count)d case.", "%(count)d cases.", count) % {"count": count}]

    def chosen(self, form: Any) -> tuple[QuerySet[Case], Any]:
        organization = form.cleaned_data["organization"]
        return Case.objects.for_organization(organization), organization


class ExportCase(OfOneCase, _Export):
    """One case."""

    page_title = gettext_lazy("Export the case")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "may_read_all": self.may_read_all}

    def in_words(self) -> list[str]:
        return [_("The case %(reference)s.") % {"reference": self.case.reference}]

    def chosen(self, form: Any) -> tuple[QuerySet[Case], Any]:  # noqa: ARG002 - the address says which
        case = self.case
        return Case.objects.for_organization(case.organization).filter(pk=case.pk), case.organization

    def after(self) -> str:
        return reverse("staff_case", args=[self.case.pk])


class MakeDossier(OfOneCase, StaffDeed):
    """The case as a document: what readers may see, or everything that the user may read."""

    above = (CASES,)
    header_icon = "doc-full"
    page_title = gettext_lazy("Dossier")
    form_class: Any = DossierForm
    button = gettext_lazy("Make the PDF")

    def consequences(self) -> list[str]:
        return [
            _("The public dossier holds what readers may see today, and can be handed to anybody."),
            _(
                "The internal one holds what you may read. Every page says so, and the trail notes that you took it."
            ),
        ]

    def get_initial(self) -> dict[str, Any]:
        return {"language": translation.get_language()}

    def form_valid(self, form: Any) -> HttpResponse:
        kind, language = form.cleaned_data["kind"], form.cleaned_data["language"]
        try:
            if kind == "internal":
                pdf = dossier.internal(
                    case=self.case,
                    language=language,
                    restricted=self.may_read_all,
                    by=self.user,
                    now=self.now,
                )
            else:
                pdf = dossier.public(case=self.case, language=language, today=self.now.date())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        response = HttpResponse(pdf, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="dossier-{kind}-{self.now:%Y-%m-%d}.pdf"'
        return response

    def after(self) -> str:
        return reverse("staff_case", args=[self.case.pk])
