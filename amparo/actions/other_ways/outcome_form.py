"""What came of it, and, if somebody wants to be counted by name, their address. Nothing here saves anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.actions import attribution
from amparo.actions.forms import StandardForm
from amparo.actions.models import Report
from amparo.actions.other_ways.reporting import Told
from amparo.kit import addresses
from amparo.kit.refusal import Refusal
from amparo.supporters.own_pages.forms import clean_name

if TYPE_CHECKING:
    from uuid import UUID

    from amparo.actions.models import SelfReported
    from amparo.supporters.models import ConsentWording


class OutcomeForm(StandardForm):
    """One question for each office, and a part that may be left empty: name, address, and what we may write about."""

    channel = forms.ChoiceField(label=_("By which means?"), required=False)
    given_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "spellcheck": "false"}),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_("We send one e-mail to confirm that it was you. Without an address you are counted too."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "inputmode": "email"}),
    )

    def __init__(
        self,
        *args: Any,
        page: SelfReported,
        offices: Sequence[tuple[str, str]] = (("", ""),),
        questions: Sequence[ConsentWording] = (),
        asks_channel: bool = False,
        **kwargs: Any,
    ) -> None:
        """`offices` are keys of targets, each with its name."""
        super().__init__(*args, **kwargs)
        self._answers = page.answers_offered
        self._offices = {f"said_{number}": key for number, (key, _name) in enumerate(offices)}
        if asks_channel:
            names = [("", _("I would rather not say"))] + [
                (one.code, one.name) for one in attribution.CHANNELS
            ]
            self.fields["channel"].choices = names  # type: ignore[attr-defined]
        else:
            del self.fields["channel"]
        if len(self._answers) > 1:
            for number, (_key, name) in enumerate(offices):
                self.fields[f"said_{number}"] = self._question(page, name if len(offices) > 1 else "")
        self._questions = {f"consent_{question.pk.hex}": question for question in questions}
        for name, question in self._questions.items():
            self.fields[name] = forms.ChoiceField(
                label=question.text,
                choices=[("yes", _("Yes")), ("no", _("No"))],
                widget=forms.RadioSelect,
                required=False,
                help_text=_("You can change your mind at any time."),
            )

    def _question(self, page: SelfReported, name: str) -> forms.ChoiceField:
        return forms.ChoiceField(
            label=f"{page.question} {name}".strip(),
            choices=[(said.value, said.label) for said in self._answers],
            widget=forms.RadioSelect,
            error_messages={"required": _("Please choose what happened; it helps those who call after you.")},
        )

    def clean_given_name(self) -> str:
        return clean_name(self.cleaned_data["given_name"])

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"].strip()
        try:
            return addresses.parse(typed) if typed else ""
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean(self) -> dict[str, Any]:
        """A question about consent has to be answered by who leaves an address, and by nobody else."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("email"):
            for name in self._questions:
                if not cleaned.get(name):
                    self.add_error(name, _("Please answer yes or no; you are counted either way."))
        return cleaned

    @property
    def said_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._offices if name in self.fields]

    @property
    def consent_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._questions]

    @property
    def button(self) -> str:
        """What the button says: the one answer there is, or that it is sent."""
        return str(self._answers[0].label) if len(self._answers) == 1 else gettext("Tell us")

    @property
    def email_address(self) -> str:
        return str(self.cleaned_data.get("email", ""))

    def told(self) -> Told:
        """What was said; where there is one answer to give, pressing the button gives it."""
        only = self._answers[0]
        return Told(
            said={
                key: Report.Said(self.cleaned_data.get(name) or only) for name, key in self._offices.items()
            },
            channel=self.cleaned_data.get("channel", ""),
        )

    def consent_answers(self) -> dict[UUID, bool]:
        return {
            question.pk: self.cleaned_data[name] == "yes"
            for name, question in self._questions.items()
            if self.cleaned_data.get(name)
        }
