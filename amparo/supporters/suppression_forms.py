"""What staff type about suppression lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_forms import OrganizationChoice
from amparo.kit import addresses
from amparo.kit.refusal import Refusal
from amparo.supporters.models import Suppression

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from amparo.organizations.models import Organization

#: What somebody may say of one address; the other reasons come about by themselves.
_REASONS = [
    Suppression.Reason.STAFF,
    Suppression.Reason.UNSUBSCRIBED,
    Suppression.Reason.COMPLAINED,
    Suppression.Reason.LAW,
]


class AddressForm(forms.Form):
    """One address, by POST, so that it stands in no address and no log."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_email(self) -> str:
        try:
            return addresses.parse(self.cleaned_data["email"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None


class AddForm(AddressForm):
    """An address never to be written to, and why."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(reason.value, reason.label) for reason in _REASONS],
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label=_("Where it came from"),
        max_length=200,
        help_text=_("Such as: by telephone, letter of 3 March. Name nobody."),
    )

    def __init__(self, *args: Any, organizations: Sequence[Organization] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organizations is not None:
            self.fields["organization"] = OrganizationChoice(organizations)


class LiftForm(forms.Form):
    """Why an address may be written to again."""

    because = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("It stays on record. Such as: she asked for it in writing on 3 March. Name nobody."),
    )


class ListForm(forms.Form):
    """A suppression list as a file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Text or CSV: one e-mail address, or one SHA-256 of an address, on each line."),
    )
    source = forms.CharField(
        label=_("Where it came from"), max_length=200, help_text=_("Such as: our former newsletter service.")
    )

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = OrganizationChoice(organizations)

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse what Django would have kept in a file of its own while reading it."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            raise forms.ValidationError(
                _(
                    "This list is too long for this screen (2.5 MB, about 38,000 hashes). Whoever runs the server"
                    " brings it in with: amparo suppression import"
                )
            )
        return file


class WhoseForm(forms.Form):
    """Whose list."""

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = OrganizationChoice(organizations)
