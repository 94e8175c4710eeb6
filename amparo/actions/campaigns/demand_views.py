"""A campaign for staff: its demands with what came of them, who spoke up, and the links of partners that went dead."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.actions.campaigns import demanding, partner_links, siding
from amparo.actions.campaigns.campaign_forms import DemandForm, OutcomeForm, RewordForm, VoiceForm
from amparo.actions.models import CampaignDemand, CampaignPage, Voice
from amparo.content.models import Campaign

CAMPAIGNS = (gettext_lazy("Campaigns"), "staff_campaigns")


class _OfOneCampaign:
    """A campaign of the user's organizations."""

    kwargs: dict[str, Any]
    find: Any

    @cached_property
    def campaign(self) -> Campaign:
        found: Campaign = self.find(Campaign.objects.select_related("organization"), pk=self.kwargs["pk"])
        return found


class CampaignScreen(_OfOneCampaign, StaffPage):
    """Everything that is kept of one campaign beside its pages."""

    above = (CAMPAIGNS,)
    header_icon = "folder-open-inverse"
    template_name = "actions/staff/campaign.html"

    def get_page_title(self) -> str:
        return self.campaign.title

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        here = [self.campaign.pk]
        return [
            HeaderButton(_("Add a demand"), url=reverse("staff_demand_add", args=here), icon_name="plus"),
            HeaderButton(_("Somebody spoke up"), url=reverse("staff_voice_add", args=here), icon_name="user"),
            HeaderButton(_("Title and hashtag"), url=reverse("staff_campaign", args=here), icon_name="edit"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign = self.campaign
        dead = [
            (link, state)
            for link, state in partner_links.dead_links_of([campaign.organization])
            if link.page.campaign_id == campaign.pk
        ]
        return super().get_context_data(**kwargs) | {
            "campaign": campaign,
            "demands": CampaignDemand.objects.standing().filter(campaign=campaign),
            "voices": Voice.objects.raised().filter(campaign=campaign),
            "pages": CampaignPage.objects.filter(campaign=campaign).select_related("locale"),
            "dead_links": dead,
        }


class _CampaignDeed(_OfOneCampaign, StaffDeed):
    above = (CAMPAIGNS,)
    header_icon = "folder-open-inverse"

    def after(self) -> str:
        return reverse("staff_campaign_demands", args=[self.campaign.pk])


class AddDemand(_CampaignDeed):
    """A new demand of a campaign."""

    page_title = gettext_lazy("Add a demand")
    form_class = DemandForm
    button = gettext_lazy("Add the demand")

    def consequences(self) -> list[str]:
        return [
            _(
                "It stands on the campaign's page after the others, as open, until you write down what came of it."
            ),
            _(
                "Letters and petitions can point at it, so that whoever supports it is thanked and not pressed."
            ),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organization": self.campaign.organization}

    def act(self, form: Any) -> str:
        demanding.demand(
            campaign=self.campaign,
            text=form.cleaned_data["text"],
            translations=form.translations,
            by=self.user,
            now=self.now,
        )
        return _("The demand is added.")


class _DemandDeed(StaffDeed):
    """Something with one demand."""

    above = (CAMPAIGNS,)
    header_icon = "folder-open-inverse"

    @cached_property
    def demand(self) -> CampaignDemand:
        rows = CampaignDemand.objects.standing().select_related("organization", "campaign")
        found: CampaignDemand = self.find(rows, pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return str(self.demand)

    def after(self) -> str:
        return reverse("staff_campaign_demands", args=[self.demand.campaign_id])


class RewordDemand(_DemandDeed):
    """Other words for a demand, or another place."""

    form_class = RewordForm
    button = gettext_lazy("Save")

    def consequences(self) -> list[str]:
        return [
            _(
                "Pages that point at this demand show the new words at once; letters that were sent stay as they are."
            ),
            _("What came of it, and who supports it, stays with it: for another demand, add a new one."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organization": self.demand.organization}

    def get_initial(self) -> dict[str, Any]:
        demand = self.demand
        written = DemandForm.initial_of(demand.translations)
        return {"text": demand.text, "position": demand.position, **written}

    def act(self, form: Any) -> str:
        demanding.reword(
            demand=self.demand,
            text=form.cleaned_data["text"],
            position=form.cleaned_data["position"],
            translations=form.translations,
            by=self.user,
            now=self.now,
        )
        return _("The demand is saved.")


class WithdrawDemand(_DemandDeed):
    """A demand that is made no more."""

    form_class = Form
    button = gettext_lazy("Withdraw the demand")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _("It leaves the campaign's page. What was recorded of it is kept; this cannot be undone here."),
            _("Pages that point at it go on showing it until somebody changes them."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002
        demanding.withdraw(demand=self.demand, by=self.user, now=self.now)
        return _("The demand is withdrawn.")


class RecordOutcome(_DemandDeed):
    """What became of a demand."""

    form_class = OutcomeForm
    button = gettext_lazy("Record it")

    def consequences(self) -> list[str]:
        return [
            _(
                "It stands on the campaign's page at once, with its day and source; what was said before stays below."
            ),
            _("It cannot be changed afterwards. To correct it, record it again with the same day."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organization": self.demand.organization}

    def act(self, form: Any) -> str:
        said = form.cleaned_data
        names = ("outcome", "dated", "sentence", "source", "source_url")
        what = demanding.Outcome(**{name: said[name] for name in names}, translations=form.translations)
        demanding.record_outcome(demand=self.demand, what=what, by=self.user, now=self.now)
        return _("It is recorded.")


class RaiseVoice(_CampaignDeed):
    """Somebody in office spoke up."""

    page_title = gettext_lazy("Somebody spoke up")
    form_class = VoiceForm
    button = gettext_lazy("Record it")

    def consequences(self) -> list[str]:
        return [_("It stands on the campaign's page at once, with its day and source. Nobody is told.")]

    def act(self, form: Any) -> str:
        said = dict(form.cleaned_data)
        key, name, office = said.pop("target_key"), said.pop("name"), said.pop("office")
        if key:
            who = siding.holder_of(key, organization=self.campaign.organization, now=self.now)
        else:
            who = siding.Who("", "", name, office)
        siding.raise_voice(campaign=self.campaign, who=who, **said, by=self.user, now=self.now)
        return _("It is recorded: %(name)s.") % {"name": who.name}


class WithdrawVoice(StaffDeed):
    """It was a mistake."""

    above = (CAMPAIGNS,)
    header_icon = "folder-open-inverse"
    button = gettext_lazy("Take it off the page")
    serious = True

    @cached_property
    def voice(self) -> Voice:
        found: Voice = self.find(Voice.objects.raised(), pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.voice.name

    def consequences(self) -> list[str]:
        return [_("It leaves the campaign's page. What was recorded of their stance stays as it is.")]

    def act(self, form: Any) -> str:  # noqa: ARG002
        siding.withdraw_voice(voice=self.voice, by=self.user, now=self.now)
        return _("It is off the page.")

    def after(self) -> str:
        return reverse("staff_campaign_demands", args=[self.voice.campaign_id])
