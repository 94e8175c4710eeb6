"""What staff type about targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_forms import OrganizationChoice
from amparo.targets.entering import Entry
from amparo.targets.models import ActiveDataset, Legislature

if TYPE_CHECKING:
    from amparo.organizations.models import Organization


class SeenForm(forms.Form):
    """Somebody looked at what a new version changes."""

    seen = forms.BooleanField(
        label=_("I have looked at what changes, and it is right"),
        error_messages={"required": _("Much changes at once: look at it, then tick this.")},
    )


class ReasonForm(forms.Form):
    """Why staff know better than the source."""

    reason = forms.CharField(label=_("How do you know?"), max_length=200)


class ContactForm(ReasonForm):
    """Another way to reach a target, or none."""

    type = forms.ChoiceField(
        label=_("Letters go"),
        choices=[
            ("email", _("to this e-mail address")),
            ("form", _("through this form, which the supporter fills in")),
            ("none", _("nowhere: do not write to this target")),
        ],
        widget=forms.RadioSelect,
    )
    value = forms.CharField(label=_("Address of mailbox or form"), max_length=2000, required=False)
    field_order = ["type", "value", "reason"]


class PostcodeForm(ReasonForm):
    """Where a postcode lies, whatever the table says."""

    slug = forms.ChoiceField(label=_("Targets"))
    postcode = forms.CharField(label=_("Postcode"), max_length=12)
    area_code = forms.CharField(
        label=_("Code of the area"), max_length=60, help_text=_("As in the list of areas.")
    )
    field_order = ["slug", "postcode", "area_code", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_postcodes = ActiveDataset.objects.filter(dataset__has_postcodes=True).order_by("slug")
        choices = [(active.slug, active.dataset.title) for active in with_postcodes.select_related("dataset")]
        self.fields["slug"].choices = choices  # type: ignore[attr-defined]


class LegislatureForm(ReasonForm):
    """Whether a parliament sits."""

    state = forms.ChoiceField(label=_("State"), choices=Legislature.State.choices, widget=forms.RadioSelect)
    since = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ["state", "since", "reason"]


class EntryForm(forms.Form):
    """An office of the organization's own."""

    label = forms.CharField(
        label=_("Office"),
        max_length=200,
        help_text=_("As the supporter reads it, such as: Director of Tallow Prison."),
    )
    holder = forms.CharField(
        label=_("Who holds it"),
        max_length=200,
        required=False,
        help_text=_("Leave it empty while nobody does."),
    )
    salutation = forms.CharField(
        label=_("How a letter begins"),
        max_length=200,
        required=False,
        help_text=_("Without the comma, such as: Dear Director. Empty: from the name."),
    )
    email = forms.CharField(
        label=_("E-mail address"), max_length=254, required=False, widget=forms.EmailInput
    )

    def __init__(self, *args: Any, organizations: Sequence[Organization] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organizations:
            self.fields["organization"] = OrganizationChoice(organizations)

    def entry(self) -> Entry:
        said = self.cleaned_data
        return Entry(said["label"], said["holder"], said["salutation"], said["email"])
