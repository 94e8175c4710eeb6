"""What people type into an action, checked and cleaned; nothing here saves anything.

Field names in the page are the standard autofill names of HTML (WHATWG, 4.10.18.7), so that browsers can help.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.kit import addresses
from amparo.kit.refusal import Refusal
from amparo.supporters.own_pages.forms import clean_name
from amparo.targets.postcodes import FORMATS

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

    from amparo.supporters.models import ConsentWording

_HTML_NAMES = {"city": "address-level2"}


class StandardForm(forms.Form):
    """A form whose inputs carry the names browsers know."""

    def add_prefix(self, field_name: str) -> str:
        return _HTML_NAMES.get(field_name, field_name.replace("_", "-"))

    def carried(self) -> list[tuple[str, str]]:
        """What the next step needs of this one, as hidden inputs."""
        return [(self.add_prefix(name), str(value)) for name, value in self.cleaned_data.items() if value]


def _name_field(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"}),
        error_messages={
            "required": _("Please write your name; your representative needs to know who is writing.")
        },
    )


class DetailsForm(StandardForm):
    """Who is writing, and from where."""

    given_name = _name_field(_("First name"), "given-name")
    family_name = _name_field(_("Last name"), "family-name")
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("We send you a link to confirm. Answers come straight to you."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "inputmode": "email"}),
        error_messages={
            "required": _("Please write your e-mail address, so that you can confirm and be answered.")
        },
    )
    postal_code = forms.CharField(
        label=_("Postcode"),
        max_length=40,
        help_text=_("To find your representative. It is not passed on unless their office asks for it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "postal-code", "spellcheck": "false", "class": "short"}
        ),
        error_messages={
            "required": _("Please write your postcode, so that we can find your representative.")
        },
    )

    def __init__(self, *args: Any, postcode_format: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._postcode_format = postcode_format
        if not postcode_format:
            del self.fields["postal_code"]

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
        postcode_format = FORMATS[self._postcode_format]
        try:
            return postcode_format.display(postcode_format.normalize(self.cleaned_data["postal_code"]))
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None


class Choice:
    """One answer with the reason beside it."""

    def __init__(self, label: _StrOrPromise, hint: _StrOrPromise = "") -> None:
        self.label, self.hint = label, hint

    def __str__(self) -> str:
        return str(self.label)


class ChoiceForm(StandardForm):
    """Which of the areas that a postcode touches is the supporter's own."""

    choice = forms.ChoiceField(
        label=_("My area"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose the area you live in, or say that you do not know.")},
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Choice]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = list(choices)  # type: ignore[attr-defined]


class LetterForm(StandardForm):
    """The letter, the address an office asks for, and the answers about consent."""

    subject = forms.CharField(
        label=_("Subject"),
        max_length=150,
        error_messages={
            "required": _("Please write a subject, so that the office can see what the letter is about.")
        },
    )
    reasons = forms.MultipleChoiceField(
        label=_("Reasons to add"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Pick what matters to you, or better: say it in your own words."),
    )
    body = forms.CharField(
        label=_("Letter"),
        strip=True,
        widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
        error_messages={"required": _("The letter is empty; please write it.")},
    )
    address_line1 = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
        error_messages={"required": _("Please write your street and number; this office asks for them.")},
    )
    city = forms.CharField(
        label=_("Town or city"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        error_messages={"required": _("Please write your town or city; this office asks for it.")},
    )

    def __init__(
        self,
        *args: Any,
        reasons: Sequence[tuple[str, str]],
        shortest: int,
        longest: int,
        needs_address: bool,
        consents: Sequence[ConsentWording],
        ask_consent: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._shortest, self._longest = shortest, longest
        self.fields["body"].widget.attrs["data-longest"] = str(longest)
        if reasons:
            self.fields["reasons"].choices = list(reasons)  # type: ignore[attr-defined]
        else:
            del self.fields["reasons"]
        if not needs_address:
            del self.fields["address_line1"]
            del self.fields["city"]
        self._consents = {_consent_name(wording.pk): wording for wording in consents}
        for name, wording in self._consents.items():
            self.fields[name] = forms.ChoiceField(
                label=wording.text,
                choices=[("yes", _("Yes")), ("no", _("No"))],
                widget=forms.RadioSelect,
                required=ask_consent,
                help_text=_("You can change your mind at any time."),
                error_messages={"required": _("Please answer yes or no; your letter is sent either way.")},
            )

    def clean_subject(self) -> str:
        return addresses.one_line(self.cleaned_data["subject"], 150)

    def clean_address_line1(self) -> str:
        return addresses.one_line(self.cleaned_data["address_line1"], 200)

    def clean_city(self) -> str:
        return addresses.one_line(self.cleaned_data["city"], 120)

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"].replace("\r\n", "\n").replace("\r", "\n")
        if len(body) < self._shortest:
            raise forms.ValidationError(
                _(
                    "The letter is too short to be taken seriously: please write at least %(least)d characters."
                )
                % {"least": self._shortest}
            )
        if len(body) > self._longest:
            raise forms.ValidationError(
                _("The letter has %(length)d characters; please shorten it to %(most)d, so that it is read.")
                % {"length": len(body), "most": self._longest}
            )
        return body

    @property
    def consent_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._consents]

    def consent_answers(self) -> dict[UUID, bool]:
        """Wording to yes or no, for the questions that were answered."""
        return {
            wording.pk: self.cleaned_data[name] == "yes"
            for name, wording in self._consents.items()
            if self.cleaned_data.get(name)
        }

    def postal_address(self) -> str:
        return "\n".join(
            part for part in (self.cleaned_data.get("address_line1"), self.cleaned_data.get("city")) if part
        )

    def carried(self) -> list[tuple[str, str]]:
        plain = [pair for pair in super().carried() if pair[0] != "reasons"]
        return plain + [("reasons", reason) for reason in self.cleaned_data.get("reasons", [])]


def _consent_name(pk: UUID) -> str:
    return f"consent_{pk.hex}"
