"""What is probably wrong, over all cases: each with a link to mend it, and set aside for a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.cases import cautioning
from amparo.cases.registry import Caution
from amparo.organizations.models import Organization

CAUTIONS = (gettext_lazy("Look at this"), "staff_cautions")


class DismissForm(forms.Form):
    """Why something may stay as it is."""

    reason = forms.CharField(
        label=gettext_lazy("Why it can stay as it is"),
        max_length=300,
        help_text=gettext_lazy("It stays on record. Name nobody in it."),
    )


class Cautions(StaffPage):
    """Everything to be looked at in the user's organizations."""

    template_name = "cases/staff/cautions.html"
    page_title = gettext_lazy("Look at this")
    header_icon = "warning"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "sections": [
                {
                    "organization": organization,
                    "cautions": cautioning.of_organization(organization, today=self.now.date()),
                }
                for organization in self.organizations
            ],
            "several": len(self.organizations) > 1,
        }


class Dismiss(StaffDeed):
    """Set one aside."""

    above = (CAUTIONS,)
    page_title = gettext_lazy("It can stay as it is")
    header_icon = "warning"
    form_class: Any = DismissForm
    button = gettext_lazy("Set it aside")

    @cached_property
    def found(self) -> tuple[Organization, Caution]:
        for organization in self.organizations:
            for caution in cautioning.of_organization(organization, today=self.now.date()):
                if caution.key == self.kwargs["key"]:
                    return organization, caution
        raise Http404

    def consequences(self) -> list[str]:
        return [self.found[1].sentence, _("It is shown again when what it is about changes.")]

    def act(self, form: Any) -> str:
        organization, caution = self.found
        self.to_case = caution.case
        cautioning.dismiss(
            caution=caution,
            organization=organization,
            reason=form.cleaned_data["reason"],
            by=self.user,
            now=self.now,
        )
        return _("It is set aside.")

    def after(self) -> str:
        case = getattr(self, "to_case", None)
        return reverse("staff_case", args=[case.pk]) if case else super().after()
