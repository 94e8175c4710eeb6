"""What people type to sign up; nothing here saves anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.actions.person_form import PersonForm

if TYPE_CHECKING:
    from uuid import UUID

    from amparo.actions.models import SignUpPage
    from amparo.supporters.models import ConsentWording


class SignUpForm(PersonForm):
    """An address, and at least one yes; whatever else the page asks is optional."""

    hints = {"postal_code": _("So that we can invite you to what is near.")}
    missing = {"email": _("Please write the e-mail address that we may write to.")}

    def __init__(
        self,
        *args: Any,
        page: SignUpPage,
        questions: Sequence[ConsentWording],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, questions=questions, **kwargs)
        # The form may stand beside another one on a page, which has its own e-mail field.
        self.auto_id = f"sign-up-{page.pk}-%s"
        self.leave_out(
            [
                (["given_name", "family_name"], page.asks_name),
                (["postal_code"], page.asks_postcode),
                (["country"], page.asks_country),
            ]
        )
        for position, (name, question) in enumerate(self._questions.items()):
            self.fields[name] = forms.BooleanField(
                label=question.text,
                required=False,
                help_text="" if position else _("You can change your mind at any time."),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self._questions and not self.agreed():
            self.add_error(
                next(iter(self._questions)),
                _(
                    "Please tick what we may write to you about. Without a yes from you we may not write at all."
                ),
            )
        return cleaned

    def agreed(self) -> dict[UUID, bool]:
        """The questions that were ticked. A box that was left empty is no answer: it takes nothing back."""
        return {
            question.pk: True for name, question in self._questions.items() if self.cleaned_data.get(name)
        }
