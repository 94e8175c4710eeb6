"""What staff type into the register; forms for every kind of record are made from its declaration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.accounts.pictures import pictures_of
from amparo.accounts.staff_forms import OrganizationChoice
from amparo.cases.models import Case, Person, PublicationConsent, SafetyCheck
from amparo.cases.register import Column, Kind
from amparo.content.models import Campaign
from amparo.kit.sealed_fields import SealedTextField

if TYPE_CHECKING:
    from django.db.models import Field


#: Characters above which a text has room for several lines.
SEVERAL_LINES = 250


class OpenCaseForm(forms.Form):
    """The least a case needs."""

    reference = forms.CharField(
        label=_("Reference"),
        max_length=40,
        help_text=_("What you call it among yourselves. No name: it stands in lists and addresses."),
    )
    name = forms.CharField(label=_("Name of the person"), max_length=200)

    def __init__(self, *args: Any, organizations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = OrganizationChoice(organizations)


def form_for(kind: Kind, *, case: Case, restricted: bool) -> type[forms.ModelForm[Any]]:
    """The form of one kind of record, with the columns that the user may read."""
    names = [column.name for column in kind.columns if restricted or not column.restricted]

    def field_of(field: Field[Any, Any], **kwargs: Any) -> Any:
        return _form_field(field, case=case, **kwargs)

    made: type[forms.ModelForm[Any]] = forms.modelform_factory(
        kind.model, fields=names, formfield_callback=field_of
    )
    return made


def _form_field(field: Any, *, case: Case, **kwargs: Any) -> Any:
    if isinstance(field, SealedTextField) and field.max_plain_length > SEVERAL_LINES:
        kwargs["widget"] = forms.Textarea(
            attrs={"rows": 4 if field.max_plain_length <= 2000 else 12, "dir": "auto"}
        )
    found = field.formfield(**kwargs)
    if isinstance(found, forms.DateField):
        found.widget = forms.DateInput(attrs={"type": "date"})
    if isinstance(found, forms.ModelChoiceField):
        found.queryset = _choices(field, case=case)
    return found


def _choices(field: Any, *, case: Case) -> Any:
    """Rows of this case, or at least of its organization: never anybody else's."""
    model = field.related_model
    if model is Campaign or model is Person:
        return model._default_manager.filter(organization=case.organization_id)
    if field.model.__name__ in {"Proceeding", "Hearing"}:
        way = "case" if model.__name__ == "Proceeding" else "proceeding__case"
        return model._default_manager.filter(**{way: case.pk})
    if model._meta.label == "content.CreditedImage":
        return pictures_of(case.organization)
    return model._default_manager.none()


class PublishForm(forms.Form):
    """Which columns readers should see, why, and on whose consent."""

    columns = forms.MultipleChoiceField(
        label=_("What readers should see"), widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Why readers should know it"),
        max_length=300,
        help_text=_("It stays on record. Name nobody in it."),
    )
    consent = forms.ModelChoiceField(
        PublicationConsent.objects.none(),
        label=_("On whose consent"),
        required=False,
        empty_label=_("None: what the state did needs no consent"),
    )

    def __init__(
        self, *args: Any, columns: Sequence[tuple[Column, str]], consents: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["columns"].choices = [(column.name, label) for column, label in columns]  # type: ignore[attr-defined]
        self.fields["consent"].queryset = consents  # type: ignore[attr-defined]
        self.fields["consent"].label_from_instance = _say_consent  # type: ignore[attr-defined]


def _say_consent(consent: PublicationConsent) -> str:
    scopes = ", ".join(
        str(dict(PublicationConsent.Scope.choices).get(scope, scope)) for scope in consent.scopes
    )
    return f"{consent.giver} ({consent.get_capacity_display()}), {consent.given_on:%d.%m.%Y}: {scopes}"


class ConsentForm(forms.ModelForm[PublicationConsent]):
    """What somebody agreed to have published."""

    scopes = forms.MultipleChoiceField(
        label=_("What may be published"),
        choices=PublicationConsent.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = PublicationConsent
        fields = ["giver", "capacity", "scopes", "way", "language", "given_on", "until", "kept_at"]
        widgets = {
            "given_on": forms.DateInput(attrs={"type": "date"}),
            "until": forms.DateInput(attrs={"type": "date"}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("until") and cleaned.get("given_on") and cleaned["until"] < cleaned["given_on"]:
            self.add_error("until", _("It ends before it was given."))
        return cleaned


class WithdrawConsentForm(forms.Form):
    """When a consent was taken back."""

    on = forms.DateField(label=_("Taken back on"), widget=forms.DateInput(attrs={"type": "date"}))


class SafetyForm(forms.Form):
    """One answer to each question; none may be left open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, question in SafetyCheck.QUESTIONS:
            self.fields[name] = forms.CharField(
                label=question, max_length=800, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"})
            )

    def as_json(self) -> str:
        return json.dumps(self.cleaned_data, ensure_ascii=False)


class AftermathForm(forms.Form):
    """How the page goes on."""

    aftermath = forms.ChoiceField(
        label=_("From now on"), choices=Case.Aftermath.choices, widget=forms.RadioSelect
    )
