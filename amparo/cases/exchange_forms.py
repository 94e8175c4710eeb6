"""What staff choose when cases come in or go out as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_forms import OrganizationChoice
from amparo.cases.exporting import Form
from amparo.cases.models import CaseImport

if TYPE_CHECKING:
    from amparo.organizations.models import Organization


class SpreadsheetForm(forms.Form):
    """A spreadsheet of cases, and what becomes of cases that are there already."""

    file = forms.FileField(
        label=_("The spreadsheet"),
        required=False,
        help_text=_("CSV, TSV, XLSX, or a ZIP of CSV files; up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.zip"}),
    )
    existing = forms.ChoiceField(
        label=_("A case whose reference is there already"),
        choices=CaseImport.Existing.choices,
        initial=CaseImport.Existing.REFUSE,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = OrganizationChoice(organizations)


class ExportForm(forms.Form):
    """Which kind of file, and whether restricted columns are in it; asked only of those who may read them."""

    form = forms.ChoiceField(
        label=_("File"), choices=Form.choices, initial=Form.XLSX, widget=forms.RadioSelect
    )
    restricted = forms.BooleanField(
        label=_("Restricted columns too: health, contacts, sources that stay unnamed"), required=False
    )

    def __init__(
        self,
        *args: Any,
        may_read_all: bool,
        organizations: Sequence[Organization] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not may_read_all:
            del self.fields["restricted"]
        if organizations:
            self.fields["organization"] = OrganizationChoice(organizations)


class DossierForm(forms.Form):
    """In which language, and whether it is for readers or for us."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    kind = forms.ChoiceField(
        label=_("What is in it"),
        choices=[
            ("public", _("What readers may see, and nothing else")),
            ("internal", _("Everything that you may read; every page says that it is internal")),
        ],
        widget=forms.RadioSelect,
        initial="public",
    )
