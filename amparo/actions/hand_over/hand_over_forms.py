"""What staff fill in about hand-overs; nothing here saves anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.accounts.pictures import pictures_of
from amparo.actions.hand_over.hand_over_deeds import Receipt
from amparo.actions.models import HandOver, NamesBundle
from amparo.content.models import CreditedImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amparo.organizations.models import Organization

_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENTS[0]),
        input_formats=_MOMENTS,
        **more,
    )


class BundleForm(forms.Form):
    """Whose letters, and how they get there."""

    target = forms.ChoiceField(label=_("For whom"))
    way = forms.ChoiceField(
        label=_("How it is handed over"),
        choices=HandOver.Way.choices,
        widget=forms.RadioSelect,
        initial=HandOver.Way.BY_HAND,
    )

    def __init__(self, *args: Any, targets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = targets  # type: ignore[attr-defined]


class ReceiptForm(forms.Form):
    """Where and to whom a bundle was given, and a photograph."""

    place = forms.CharField(
        label=_("Place"), max_length=160, required=False, help_text=_("Such as: the Ministry, Brennick.")
    )
    received_by = forms.CharField(
        label=_("Who received it"),
        max_length=200,
        required=False,
        help_text=_(
            "As it may stand on the page. Write a function, such as: a secretary of the minister, unless the person"
            " agreed to be named."
        ),
    )
    photograph = forms.ModelChoiceField(
        label=_("Photograph"),
        queryset=CreditedImage.objects.none(),
        required=False,
        help_text=_(
            "Put it among the pictures first, with its credit and a sentence for those who cannot see it. Whoever is on"
            " it must have agreed."
        ),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photograph"].queryset = pictures_of(organization)  # type: ignore[attr-defined]

    def receipt(self) -> Receipt:
        return Receipt(
            place=self.cleaned_data["place"],
            received_by=self.cleaned_data["received_by"],
            photograph=self.cleaned_data["photograph"],
        )


class WhenForm(ReceiptForm):
    """When it was handed over, and the receipt."""

    at = _moment(_("When it was handed over"), help_text=_("In UTC, as all times on these screens."))

    field_order = ["at"]


class RefusalForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class PlanForm(forms.Form):
    """A hand-over of names: to whom, when, whose, and what is said with them."""

    target_key = forms.CharField(
        label=_("Office among the targets"),
        max_length=140,
        required=False,
        help_text=_(
            "Its key, such as uk/minister/…: then it goes to whoever holds the post that day. A committee means its"
            " chair. Leave it empty to write the addressee yourself:"
        ),
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    office = forms.CharField(
        label=_("Office"),
        max_length=300,
        required=False,
        help_text=_("Shown on the page, with the day and the number."),
    )
    email = forms.EmailField(
        label=_("The office's e-mail address"),
        required=False,
        help_text=_("Only for a mail, and only where no office among the targets is named above."),
    )
    salutation = forms.CharField(
        label=_("Salutation"),
        max_length=200,
        required=False,
        help_text=_("Such as: Dear Minister. Left empty, the usual one of the office."),
    )
    way = forms.ChoiceField(
        label=_("How it is handed over"),
        choices=HandOver.Way.choices,
        widget=forms.RadioSelect,
        initial=HandOver.Way.BY_HAND,
    )
    due_at = _moment(
        _("When the document is made"),
        help_text=_(
            "In UTC. Whoever has confirmed by then is in it; a mail leaves as soon as it is made. Not before somebody"
            " else agreed."
        ),
    )
    reach = forms.ChoiceField(
        label=_("Whose names"),
        choices=NamesBundle.Reach.choices,
        widget=forms.RadioSelect,
        initial=NamesBundle.Reach.NEW,
    )
    letter = forms.CharField(
        label=_("Your words in the covering letter"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_(
            "Between the greeting and the demands. The figures, the demands and how it can be checked stand there"
            " already."
        ),
    )
    comments = forms.ChoiceField(
        label=_("Comments"),
        choices=NamesBundle.Comments.choices,
        widget=forms.RadioSelect,
        initial=NamesBundle.Comments.NONE,
    )
    chosen = forms.MultipleChoiceField(
        label=_("The newest comments that are shown on the page"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    tells_signers = forms.BooleanField(
        label=_("Tell those who signed"),
        required=False,
        initial=True,
        help_text=_("By mail, once it was handed over: each who agreed to news by e-mail, once."),
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if offered:
            self.fields["chosen"].choices = list(offered)  # type: ignore[attr-defined]
        else:
            del self.fields["chosen"]
            del self.fields["comments"]
