"""What staff type about a campaign: demands, what came of them, who spoke up, and where people in office stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from amparo.actions.models import Answer, CampaignDemand, DemandOutcome, Stance, Voice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amparo.organizations.models import Organization

_DAY = {"type": "date"}


class _InLanguages(forms.Form):
    """A text in the organization's own language, and beside it in the others that the site speaks."""

    #: The field that is asked for again in each language.
    said: str
    longest: int

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = organization.locale
        for code, name in settings.LANGUAGES:
            if code != own:
                self.fields[f"in_{code}"] = forms.CharField(
                    label=_("The same in %(language)s") % {"language": name},
                    required=False,
                    max_length=self.longest,
                    widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
                )

    @property
    def translations(self) -> dict[str, str]:
        """Language to text, for those that were written."""
        return {
            name.removeprefix("in_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("in_") and value
        }

    @staticmethod
    def initial_of(translations: Mapping[str, str]) -> dict[str, str]:
        return {f"in_{code}": text for code, text in translations.items()}


class DemandForm(_InLanguages):
    """What is demanded."""

    said, longest = "text", 300
    text = forms.CharField(
        label=_("Demand"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("In a sentence, as it stands on the page and in letters."),
    )


class RewordForm(DemandForm):
    """The same, and its place in the order."""

    position = forms.IntegerField(label=_("Place in the order, from 0"), min_value=0, max_value=200)


class OutcomeForm(_InLanguages):
    """What became of a demand."""

    said, longest = "sentence", 400
    outcome = forms.ChoiceField(label=_("Where it stands now"), choices=DemandOutcome.Outcome.choices)
    dated = forms.DateField(label=_("Since when"), widget=forms.DateInput(attrs=_DAY))
    sentence = forms.CharField(
        label=_("What happened"), max_length=400, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"})
    )
    source = forms.CharField(label=_("Source, as readers see it"), max_length=200)
    source_url = forms.URLField(
        label=_("Address of the source"), max_length=500, required=False, assume_scheme="https"
    )


class VoiceForm(forms.Form):
    """Who spoke up: somebody in the register, by the key of their post, or somebody outside it, by name."""

    target_key = forms.CharField(
        label=_("Target key"),
        max_length=140,
        required=False,
        help_text=_("Such as uk/commons/E14001063: whoever holds the post today. Empty for somebody else."),
    )
    name = forms.CharField(label=_("Name, where there is no key"), max_length=200, required=False)
    office = forms.CharField(label=_("Office, where there is no key"), max_length=300, required=False)
    kind = forms.ChoiceField(label=_("What they did"), choices=Voice.Kind.choices)
    dated = forms.DateField(label=_("When"), widget=forms.DateInput(attrs=_DAY))
    source_url = forms.URLField(label=_("Address of the source"), max_length=500, assume_scheme="https")
    agrees = forms.BooleanField(
        label=_("With that they support every demand of this campaign, and are thanked and not pressed"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("target_key") and not cleaned.get("name"):
            self.add_error("target_key", _("Write the key of the post, or a name."))
        return cleaned


class StancesForm(forms.Form):
    """Where many people in office stand on one demand."""

    demand = forms.ModelChoiceField(
        CampaignDemand.objects.none(), label=_("Demand"), empty_label=None, widget=forms.RadioSelect
    )
    lines = forms.CharField(
        label=_("One line for each, pasted from a spreadsheet"),
        widget=forms.Textarea(attrs={"rows": 12, "dir": "ltr", "spellcheck": "false"}),
        max_length=200_000,
        help_text=_(
            "Columns: target, stance (supports, opposes, undecided, unknown), date (2026-05-31), how (answer, vote,"
            " statement, staff), source (an address; may be empty)."
        ),
    )

    def __init__(self, *args: Any, demands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["demand"].queryset = demands  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """What staff make of one answer; one question for each demand that it may be about."""

    substance = forms.ChoiceField(
        label=_("What it comes to"), choices=[choice for choice in Answer.Substance.choices if choice[0]]
    )
    public_summary = forms.CharField(
        label=_("In a sentence or two, for readers"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Name nobody who wrote, and nothing by which they could be known."),
    )
    is_shown = forms.BooleanField(label=_("Show this sentence to readers"), required=False)
    shows_text = forms.BooleanField(label=_("Show the office's own words too"), required=False)

    def __init__(
        self, *args: Any, demands: Sequence[CampaignDemand], may_show_text: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not may_show_text:
            del self.fields["shows_text"]
        self._demands = {f"demand_{demand.pk.hex}": demand for demand in demands}
        for name, demand in self._demands.items():
            self.fields[name] = forms.ChoiceField(
                label=str(demand),
                required=False,
                choices=[("", _("leave it as it is")), *Stance.Side.choices],
                help_text=_("Where they stand on this demand after their answer."),
            )

    @property
    def sides(self) -> dict[CampaignDemand, str]:
        return {demand: self.cleaned_data.get(name) or "" for name, demand in self._demands.items()}
