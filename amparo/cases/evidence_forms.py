"""What staff type of evidence: a citation, a figure and its correction, a source, a law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_forms import OrganizationChoice
from amparo.cases import citing
from amparo.cases.models import Figure, Legislation, Source
from amparo.cases.screens import label_of, title_for

if TYPE_CHECKING:
    from amparo.cases.models import Case
    from amparo.cases.register import Kind
    from amparo.organizations.models import Organization

    FigureBase = forms.ModelForm[Figure]
    SourceBase = forms.ModelForm[Source]
    LawBase = forms.ModelForm[Legislation]
else:
    FigureBase = SourceBase = LawBase = forms.ModelForm

_DAY = {"type": "date"}


class CitationForm(forms.Form):
    """Which source proves what, and where in it."""

    source = forms.ModelChoiceField(
        Source.objects.none(),
        label=_("Source"),
        empty_label=None,
        help_text=_("One of this case's. What is not in the list is added on the case's screen first."),
    )
    column = forms.ChoiceField(label=_("What it proves"), required=False)
    passage = forms.CharField(
        label=_("Passage"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("Word for word. Readers see it only once it was cleared."),
    )
    page = forms.CharField(label=_("Page"), required=False, max_length=40)

    def __init__(self, *args: Any, kind: Kind, case: Case, reads_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["column"].choices = [  # type: ignore[attr-defined]
            ("", _("The record as a whole")),
            *((name, label_of(kind, name)) for name in citing.columns_of(kind)),
        ]
        self.fields["source"].queryset = Source.objects.for_organization(  # type: ignore[attr-defined]
            case.organization
        ).filter(case=case)
        self.fields["source"].label_from_instance = (  # type: ignore[attr-defined]
            lambda source: title_for(source, reads_all=reads_all)
        )


class _Figure(FigureBase):
    class Meta:
        model = Figure
        fields = [
            "value",
            "unit",
            "is_estimate",
            "scope",
            "method",
            "as_of",
            "period_from",
            "recheck_by",
            "source",
        ]
        widgets = {"recheck_by": forms.DateInput(attrs=_DAY)}

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, organizations)
        self.fields["source"].help_text = _("Without a day and a source no reader sees the figure.")

    def clean(self) -> dict[str, Any]:
        return of_one_organization(self, super().clean() or {})


class NewFigureForm(_Figure):
    """A figure, under the key by which texts name it."""

    class Meta(_Figure.Meta):
        fields = ["key", *_Figure.Meta.fields]


class CorrectFigureForm(_Figure):
    """What a figure says from now on, and why."""

    why = forms.CharField(
        label=_("Why it is corrected"),
        max_length=300,
        help_text=_("It stays on record beside what the figure said before. Name nobody in it."),
    )


def offer(form: forms.ModelForm[Any], organizations: list[Organization]) -> None:
    """Give a form the choices that stand open: shared sources, and for something new its organization."""
    if form.instance._state.adding:
        form.fields["organization"] = OrganizationChoice(organizations)
        form.order_fields(["organization"])
    else:
        organizations = [form.instance.organization]
    if "source" in form.fields:
        choice: Any = form.fields["source"]
        choice.queryset = Source.objects.filter(organization__in=organizations, case__isnull=True)
        choice.label_from_instance = lambda source: title_for(source, reads_all=False)


def of_one_organization(form: forms.ModelForm[Any], cleaned: dict[str, Any]) -> dict[str, Any]:
    """Refuses a source of another of the user's organizations."""
    source = cleaned.get("source")
    chosen = cleaned.get("organization")
    organization = chosen.pk if chosen else form.instance.organization_id
    if source is not None and source.organization_id != organization:
        form.add_error("source", _("This source belongs to another organization."))
    return cleaned


class SharedSourceForm(SourceBase):
    """A source of figures and laws."""

    class Meta:
        model = Source
        fields = [
            "title",
            "publisher",
            "kind",
            "published",
            "url",
            "read_on",
            "archived_url",
            "archived_sha256",
            "reliability",
            "is_confidential",
        ]
        widgets = {"read_on": forms.DateInput(attrs=_DAY)}

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, organizations)


class LawForm(LawBase):
    """A law or a bill, and how far it has come."""

    class Meta:
        model = Legislation
        fields = ["name", "state", "about", "stage", "as_of", "source"]
        widgets = {"about": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, organizations)
        self.fields["source"].help_text = _("Without a source no reader sees the law.")

    def clean(self) -> dict[str, Any]:
        return of_one_organization(self, super().clean() or {})

    def clean_state(self) -> str:
        return str(self.cleaned_data["state"]).upper()
