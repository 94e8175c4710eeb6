"""Who takes part, as every action asks it that is one form: name, address, postcode, country, consent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.actions.forms import StandardForm
from amparo.kit import addresses
from amparo.kit.names import countries
from amparo.kit.refusal import Refusal
from amparo.supporters.own_pages.forms import clean_name

if TYPE_CHECKING:
    from amparo.supporters.models import ConsentWording


class PersonForm(StandardForm):
    """Abstract parent. A kind says which of the fields it needs, in what words, and how its questions are answered."""

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
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "inputmode": "email"}),
    )
    postal_code = forms.CharField(
        label=_("Postcode"),
        max_length=20,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "postal-code", "spellcheck": "false", "class": "short"}
        ),
    )
    country = forms.ChoiceField(
        label=_("Country"), required=False, widget=forms.Select(attrs={"autocomplete": "country"})
    )

    #: What stands below a field, and what is said when it was left empty.
    hints: dict[str, Any] = {}
    missing: dict[str, Any] = {}

    def __init__(self, *args: Any, questions: Sequence[ConsentWording], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, hint in self.hints.items():
            self.fields[name].help_text = hint
        for name, sentence in self.missing.items():
            self.fields[name].error_messages["required"] = sentence
            self.fields[name].required = True
        self._questions = {f"consent_{question.pk.hex}": question for question in questions}

    def leave_out(self, asked: Iterable[tuple[Sequence[str], bool]]) -> None:
        """Remove what the page does not ask for; the choice of countries is made only where it is."""
        for names, wanted in asked:
            for name in names if not wanted else ():
                del self.fields[name]
        if "country" in self.fields:
            self.fields["country"].choices = [("", ""), *countries()]  # type: ignore[attr-defined]

    def clean_given_name(self) -> str:
        return clean_name(self.cleaned_data["given_name"])

    def clean_family_name(self) -> str:
        return clean_name(self.cleaned_data["family_name"])

    def clean_email(self) -> str:
        try:
            return addresses.parse(self.cleaned_data["email"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean_postal_code(self) -> str:
        return addresses.one_line(self.cleaned_data["postal_code"], 20).upper()

    @property
    def consent_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._questions]
