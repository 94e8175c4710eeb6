"""What somebody did: on a page, in a campaign, at all, how often and when. Only confirmed actions count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from amparo.actions.models import Action, ActionPage
from amparo.content.models import Campaign
from amparo.supporters.registry import DEEDS, any_of, people_with, people_with_many, segment_filters
from amparo.supporters.spells import SpellFilter

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from amparo.supporters.listed import Listed

    PagesField = forms.ModelMultipleChoiceField[ActionPage]
    CampaignsField = forms.ModelMultipleChoiceField[Campaign]
else:
    PagesField = CampaignsField = forms.ModelMultipleChoiceField

#: More actions than anybody took.
MOST_TIMES = 1_000


class _Acted(SpellFilter):
    """Those of the organization's confirmed actions that lie in the time."""

    heading = DEEDS

    def actions(self, *, now: datetime) -> QuerySet[Action]:
        confirmed = Action.objects.for_organization(self.organization).confirmed().filter(is_test=False)
        return confirmed.filter(self.during("taken_at", now=now))


@segment_filters.register("acted-on")
class ActedOn(_Acted):
    """Took part on one of some pages."""

    label = _("Took part in an action")

    pages = PagesField(
        ActionPage.objects.none(), label=_("Any of these pages"), widget=forms.CheckboxSelectMultiple
    )
    field_order = ["pages"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = ActionPage.objects.filter(organization=self.organization)
        self.fields["pages"].queryset = own.order_by("title")  # type: ignore[attr-defined]

    def is_offered(self) -> bool:
        return ActionPage.objects.filter(organization=self.organization).exists()

    def condition(self, *, now: datetime) -> Listed:
        pages = [page.pk for page in self.cleaned_data["pages"]]
        return people_with(self.actions(now=now).filter(page__in=pages), of_absorbed=True)

    def sentence(self) -> str:
        return gettext("took part in %(pages)s%(when)s") % {"pages": self._pages(), "when": self.when()}

    def opposite(self) -> str:
        return gettext("did not take part in %(pages)s%(when)s") % {
            "pages": self._pages(),
            "when": self.when(),
        }

    def _pages(self) -> str:
        return any_of([f"“{page.title}”" for page in self.cleaned_data["pages"]])


@segment_filters.register("acted-in")
class ActedIn(_Acted):
    """Took part on any page of some campaigns."""

    label = _("Took part in a campaign")

    campaigns = CampaignsField(
        Campaign.objects.none(), label=_("Any of these campaigns"), widget=forms.CheckboxSelectMultiple
    )
    field_order = ["campaigns"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaigns"].queryset = Campaign.objects.for_organization(self.organization)  # type: ignore[attr-defined]

    def is_offered(self) -> bool:
        return Campaign.objects.for_organization(self.organization).exists()

    def condition(self, *, now: datetime) -> Listed:
        pages = ActionPage.objects.filter(campaign__in=self.cleaned_data["campaigns"])
        found = self.actions(now=now).filter(page__in=list(pages.values_list("pk", flat=True)))
        return people_with(found, of_absorbed=True)

    def sentence(self) -> str:
        return gettext("took part in the campaign %(campaigns)s%(when)s") % self._words()

    def opposite(self) -> str:
        return gettext("took no part in the campaign %(campaigns)s%(when)s") % self._words()

    def _words(self) -> dict[str, str]:
        campaigns = any_of([f"“{campaign.title}”" for campaign in self.cleaned_data["campaigns"]])
        return {"campaigns": campaigns, "when": self.when()}


@segment_filters.register("acted")
class Acted(_Acted):
    """Took part in anything, at least so many times."""

    label = _("How active they are")

    times = forms.IntegerField(
        label=_("Number of actions, at least"),
        required=False,
        min_value=1,
        max_value=MOST_TIMES,
        initial=1,
    )
    field_order = ["times"]

    def clean_times(self) -> int:
        return self.cleaned_data["times"] or 1

    def condition(self, *, now: datetime) -> Listed:
        actions = self.actions(now=now)
        times = self.cleaned_data["times"]
        if times == 1:
            return people_with(actions, of_absorbed=True)
        return people_with_many(actions, least=times)

    def sentence(self) -> str:
        times = self.cleaned_data["times"]
        return ngettext("took an action%(when)s", "took at least %(times)d actions%(when)s", times) % {
            "times": times,
            "when": self.when(),
        }

    def opposite(self) -> str:
        times = self.cleaned_data["times"]
        return ngettext("took no action%(when)s", "took fewer than %(times)d actions%(when)s", times) % {
            "times": times,
            "when": self.when(),
        }
