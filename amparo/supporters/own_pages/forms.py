"""What supporters type on their own page, checked and cleaned; nothing here saves anything."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from amparo.kit import addresses, phones
from amparo.kit.refusal import Refusal
from amparo.supporters.models import Supporter

_LINK = re.compile(r"https?://|www\.|@", re.IGNORECASE)
_SPREADSHEET = ("=", "+", "-", "@")
LONGEST_COMPLAINT = 4_000


def clean_name(value: str) -> str:
    """One line of a person's name. Raises `ValidationError` for links and for what a spreadsheet would run."""
    name = addresses.one_line(unicodedata.normalize("NFC", value), 80)
    if _LINK.search(name):
        raise forms.ValidationError(_("A name has no link or @ in it; please write just your name."))
    if name.startswith(_SPREADSHEET):
        raise forms.ValidationError(
            _("A name does not begin with =, +, - or @; please write just your name.")
        )
    return name


class OwnPageForm(forms.Form):
    """A form whose inputs carry the autofill names of HTML (WHATWG, 4.10.18.7)."""

    def add_prefix(self, field_name: str) -> str:
        return field_name.replace("_", "-")


def _address_field(help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        help_text=help_text,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "inputmode": "email"}),
        error_messages={"required": _("Please write an e-mail address.")},
    )


class _WithAddress(OwnPageForm):
    def clean_email(self) -> str:
        try:
            return addresses.parse(self.cleaned_data["email"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None


class LostLinkForm(_WithAddress):
    """Where the link to one's own page should go."""

    email = _address_field(_("The address with which you took part."))


class AddressForm(_WithAddress):
    """Where mail should go from now on."""

    email = _address_field(_("We send a link there first. Nothing changes until you open it."))


class OwnDetailsForm(OwnPageForm):
    """Name, telephone number, postal code and language."""

    given_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "spellcheck": "false"}),
    )
    family_name = forms.CharField(
        label=_("Last name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name", "spellcheck": "false"}),
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        required=False,
        help_text=_("For text messages, if you agree to any; with its country code, as in +44 1632 960001."),
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "spellcheck": "false", "dir": "ltr"}
        ),
    )
    postal_code = forms.CharField(
        label=_("Postcode"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        error_messages={"required": _("Please choose the language in which we write to you.")},
    )

    def __init__(self, *args: Any, language: str, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._country = country
        offered = dict(settings.LANGUAGES)
        if language not in offered and language in LANG_INFO:
            # Whoever was brought in with a language that the site does not speak need not give it up to save.
            offered[language] = get_language_info(language)["name_local"]
        self.fields["language"].choices = list(offered.items())  # type: ignore[attr-defined]

    def clean_given_name(self) -> str:
        return clean_name(self.cleaned_data["given_name"])

    def clean_family_name(self) -> str:
        return clean_name(self.cleaned_data["family_name"])

    def clean_phone(self) -> str:
        if "phone" not in self.data:
            # A page that was opened before this was asked takes nothing away.
            return self.initial.get("phone") or ""
        written = addresses.one_line(self.cleaned_data["phone"], 40)
        try:
            return phones.parse(written, country=self._country) if written else ""
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean_postal_code(self) -> str:
        return addresses.one_line(unicodedata.normalize("NFKC", self.cleaned_data["postal_code"]), 20).upper()


class FrequencyForm(OwnPageForm):
    """How often news may come."""

    frequency = forms.ChoiceField(
        label=_("How often may we write to you?"),
        choices=[
            (Supporter.Frequency.ALL, _("Whenever there is news")),
            (Supporter.Frequency.WEEKLY, _("Once a week, everything in one mail")),
            (Supporter.Frequency.URGENT, _("Only when it is urgent")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose how often we may write to you.")},
    )


class ComplaintForm(OwnPageForm):
    """What is wrong, in the supporter's words."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("What went wrong?"),
        max_length=LONGEST_COMPLAINT,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        error_messages={"required": _("Please say in a few words what went wrong.")},
    )
