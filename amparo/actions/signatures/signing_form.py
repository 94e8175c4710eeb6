"""What people type to sign a petition or an open letter; nothing here saves anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.actions.forms import Choice
from amparo.actions.models.signature import LONGEST_COMMENT, Signature
from amparo.actions.person_form import PersonForm
from amparo.kit import addresses
from amparo.supporters.own_pages.forms import clean_name

if TYPE_CHECKING:
    from uuid import UUID

    from amparo.actions.models import LetterVersion, SignedPage
    from amparo.supporters.models import ConsentWording

_SHOWN_AS = [
    (Signature.ShownAs.NOBODY, Choice(_("Do not show my name"), _("You are counted all the same."))),
    (Signature.ShownAs.NAME, Choice(_("Show my name"))),
    (Signature.ShownAs.NAME_AND_PLACE, Choice(_("Show my name and where I live"))),
    (Signature.ShownAs.INITIALS, Choice(_("Show my initials"))),
]


class SignForm(PersonForm):
    """A name, an address, and how the signer wants to appear. Whatever the page does not ask for is not there."""

    shown_as = forms.ChoiceField(
        label=_("How should your name appear?"),
        choices=_SHOWN_AS,
        required=False,
        initial=Signature.ShownAs.NOBODY,
        widget=forms.RadioSelect,
    )
    place = forms.CharField(
        label=_("Where you live"),
        max_length=80,
        required=False,
        help_text=_("Such as a town. Needed only if it is to be shown."),
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    comment = forms.CharField(
        label=_("Why do you sign?"),
        max_length=LONGEST_COMMENT,
        required=False,
        help_text=_("If you like. It is shown with your name once we have read it."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    represents = forms.CharField(
        label=_("Organisation"),
        max_length=160,
        required=False,
        help_text=_("Only if you sign for one and may do so."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    role = forms.CharField(
        label=_("Your role there"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )

    #: Which version of an open letter was before their eyes.
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    hints = {
        "email": _("We send you a link to confirm. Your address is never shown."),
        "postal_code": _("To count signatures by area. It is never shown."),
    }
    missing = {
        "given_name": _("Please write your first name; a signature needs a name."),
        "family_name": _("Please write your last name; a signature needs a name."),
        "email": _("Please write your e-mail address, so that you can confirm."),
    }

    def __init__(
        self,
        *args: Any,
        page: SignedPage,
        questions: Sequence[ConsentWording],
        version: LetterVersion | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, questions=questions, **kwargs)
        self._version = version
        self.fields["version"].initial = version.number if version else None
        self.leave_out(
            [
                (["postal_code"], page.asks_postcode),
                (["country"], page.asks_country),
                (["shown_as", "place"], page.shows_names),
                (["comment"], page.asks_comment and page.shows_names),
                (["represents", "role"], page.takes_organizations),
                (["version"], version is not None),
            ]
        )
        for name, question in self._questions.items():
            self.fields[name] = forms.ChoiceField(
                label=question.text,
                choices=[("yes", _("Yes")), ("no", _("No"))],
                widget=forms.RadioSelect,
                help_text=_("You can change your mind at any time."),
                error_messages={"required": _("Please answer yes or no; your signature counts either way.")},
            )

    def clean_place(self) -> str:
        return clean_name(self.cleaned_data["place"])

    def clean_represents(self) -> str:
        return addresses.one_line(self.cleaned_data["represents"], 160)

    def clean_role(self) -> str:
        return addresses.one_line(self.cleaned_data["role"], 120)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("shown_as") == Signature.ShownAs.NAME_AND_PLACE and not cleaned.get("place"):
            self.add_error("place", _("Please write where you live, or choose to show your name alone."))
        if cleaned.get("role") and not cleaned.get("represents"):
            self.add_error("represents", _("Please write the organisation in which you have this role."))
        self._refuse_unread(cleaned.get("version"))
        return cleaned

    def _refuse_unread(self, read: int | None) -> None:
        """A letter that was changed while somebody read it is not signed unread; the page then shows the new one."""
        if self._version is None or read in {None, self._version.number}:
            return
        self.data = {**self.data, "version": str(self._version.number)}
        self.add_error(
            None,
            _("The letter was changed while you were reading. Please read it as it is now, and sign again."),
        )

    def consent_answers(self) -> dict[UUID, bool]:
        """Wording to yes or no."""
        return {
            question.pk: self.cleaned_data[name] == "yes"
            for name, question in self._questions.items()
            if self.cleaned_data.get(name)
        }
