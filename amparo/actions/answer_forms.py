"""What is asked about one letter two weeks later."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.actions.following_up import Told
from amparo.actions.models import Answer


class AnswerForm(forms.Form):
    """Whether they answered, and in a few words what."""

    kind = forms.ChoiceField(
        label=_("Did they answer?"),
        widget=forms.RadioSelect,
        choices=Answer.Kind.choices,
        error_messages={"required": _("Please choose an answer.")},
    )
    summary = forms.CharField(
        label=_("What did they say, in a few words?"),
        help_text=_("Only our staff read it. Leave out what is not yours to pass on."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    answered_on = forms.DateField(
        label=_("When did they answer?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
    )
    text = forms.CharField(
        label=_("Their answer, word for word"),
        help_text=_("Paste it here. Your name and your letter are never shown with it."),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    may_show = forms.BooleanField(
        label=_("You may show their words on your pages, without my name."),
        help_text=_("Our staff read them first. Without your yes, nobody outside does."),
        required=False,
    )

    def told(self) -> Told:
        """What was said; with the exact question, where the words may be shown."""
        said = self.cleaned_data
        shows = bool(said["may_show"] and said["text"].strip())
        return Told(
            kind=said["kind"],
            summary=said["summary"],
            text=said["text"],
            answered_on=said["answered_on"],
            agreed_words=str(self.fields["may_show"].label) if shows else "",
        )
