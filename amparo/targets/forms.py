"""What people type about targets: a postcode to find one, a mistake to report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.kit import addresses
from amparo.kit.refusal import Refusal


class ReportMistakeForm(forms.Form):
    """What is wrong about a target, in the reader's words."""

    what = forms.ChoiceField(
        label=_("What is wrong?"),
        widget=forms.RadioSelect,
        choices=[
            ("not_mine", _("This is not my representative")),
            ("gone", _("This person no longer holds the office")),
            ("address", _("The address does not work")),
            ("name", _("The name or the title is wrong")),
            ("other", _("Something else")),
        ],
        error_messages={"required": _("Please choose what is wrong.")},
    )
    details = forms.CharField(
        label=_("What should it be?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    email = forms.CharField(
        label=_("Your e-mail address"),
        required=False,
        max_length=254,
        help_text=_("Only if we may ask you about it. It is used for nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if not email:
            return ""
        try:
            return addresses.parse(email)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def in_words(self) -> str:
        """The report as staff read it."""
        label: Any = dict(self.fields["what"].choices)[self.cleaned_data["what"]]  # type: ignore[attr-defined]
        return f"{label}. {self.cleaned_data['details']}".strip()
