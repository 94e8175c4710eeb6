"""What people type to follow a case; nothing here saves anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.actions.followers import following
from amparo.actions.forms import StandardForm
from amparo.kit import addresses
from amparo.kit.refusal import Refusal
from amparo.supporters.own_pages.forms import clean_name

if TYPE_CHECKING:
    from amparo.cases.models import CasePage


class FollowForm(StandardForm):
    """An address, and one yes."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "inputmode": "email"}),
        error_messages={"required": _("Please write the e-mail address that we may write to.")},
    )
    given_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "spellcheck": "false"}),
    )
    agrees = forms.BooleanField(
        required=True,
        error_messages={
            "required": _("Please tick the box. Without a yes from you we may not write at all.")
        },
    )

    def __init__(self, *args: Any, page: CasePage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It may stand on a page with another form, which has its own e-mail field.
        self.auto_id = f"follow-{page.pk}-%s"
        self.fields["agrees"].label = following.question()

    def clean_given_name(self) -> str:
        return clean_name(self.cleaned_data["given_name"])

    def clean_email(self) -> str:
        try:
            return addresses.parse(self.cleaned_data["email"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def wish(self, *, language: str) -> following.Wish:
        """Who wants to follow, with the very words they agreed to."""
        return following.Wish(
            email=self.cleaned_data["email"],
            given_name=self.cleaned_data["given_name"],
            language=language,
            words=following.question(),
        )
