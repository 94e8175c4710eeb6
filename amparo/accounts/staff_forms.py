"""What administrators type about people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.accounts.models import Role
from amparo.kit import addresses
from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from amparo.accounts.models import StaffRole

    OrganizationField = forms.ModelChoiceField[Organization]
else:
    OrganizationField = forms.ModelChoiceField


class OrganizationChoice(OrganizationField):
    """One of the user's own organizations; hidden when there is only one to choose."""

    def __init__(self, organizations: Sequence[Organization]) -> None:
        super().__init__(
            Organization.objects.filter(pk__in=[found.pk for found in organizations]),
            label=_("Organization"),
            empty_label=None,
            initial=organizations[0].pk if organizations else None,
            widget=forms.HiddenInput if len(organizations) == 1 else forms.Select,
        )


class InvitationForm(forms.Form):
    """Who is appointed, to what."""

    email = forms.CharField(label=_("E-mail address"), max_length=254, widget=forms.EmailInput)
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = OrganizationChoice(organizations)

    def clean_email(self) -> str:
        try:
            return addresses.parse(self.cleaned_data["email"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None


class RoleForm(forms.Form):
    """Another role for somebody who has one."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, staff_role: StaffRole, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = staff_role.role
