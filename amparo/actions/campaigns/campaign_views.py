"""Campaigns: a list for each organization, and a form to open or rename one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Count
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.staff_forms import OrganizationChoice
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.actions.campaigns import filing
from amparo.content.models import Campaign

if TYPE_CHECKING:
    from django.db.models import QuerySet

CAMPAIGNS = (gettext_lazy("Campaigns"), "staff_campaigns")


class Campaigns(StaffList):
    """The campaigns of the user's organizations."""

    page_title = gettext_lazy("Campaigns")
    header_icon = "folder-open-inverse"
    index_url_name = "staff_campaigns"
    index_results_url_name = "staff_campaigns_results"
    search_fields = ["title", "hashtag"]
    default_ordering = "title"
    verbose_name_plural = gettext_lazy("campaigns")
    columns = [
        TitleColumn(
            "title",
            label=gettext_lazy("Title"),
            get_url=lambda campaign: reverse("staff_campaign", args=[campaign.pk]),
            sort_key="title",
        ),
        TitleColumn(
            "demands",
            label=gettext_lazy("Demands and voices"),
            accessor=lambda campaign: _("Open “%(title)s”") % {"title": campaign.title},
            get_url=lambda campaign: reverse("staff_campaign_demands", args=[campaign.pk]),
        ),
        Column("hashtag", label=gettext_lazy("Hashtag")),
        Column("page_count", label=gettext_lazy("Pages")),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
        StatusTagColumn(
            "paused",
            label=gettext_lazy("Sending"),
            accessor=lambda campaign: _("paused") if campaign.is_paused else _("on"),
            primary=lambda campaign: campaign.is_paused,
        ),
    ]

    def rows(self) -> QuerySet[Any]:
        campaigns = Campaign.objects.filter(organization__in=self.organizations)
        return campaigns.select_related("organization").annotate(page_count=Count("action_pages"))

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Open a campaign"), url=reverse("staff_campaign_add"), icon_name="plus")]


class CampaignForm(forms.Form):
    """What a campaign is called."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    hashtag = forms.CharField(
        label=gettext_lazy("Hashtag"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("With or without the #; it stands in share texts."),
    )

    def clean_hashtag(self) -> str:
        tag: str = self.cleaned_data["hashtag"].strip()
        if any(letter.isspace() for letter in tag):
            raise forms.ValidationError(_("A hashtag has no spaces in it."))
        return f"#{tag.lstrip('#')}" if tag else ""


class NewCampaignForm(CampaignForm):
    """The same, for one of the user's organizations."""

    def __init__(self, *args: Any, organizations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = OrganizationChoice(organizations)


class OpenCampaign(StaffDeed):
    """A new campaign."""

    above = (CAMPAIGNS,)
    page_title = gettext_lazy("Open a campaign")
    header_icon = "folder-open-inverse"
    form_class = NewCampaignForm
    button = gettext_lazy("Open the campaign")

    def consequences(self) -> list[str]:
        return [
            _("Nothing is published. Pages are filed under the campaign, and paused together if need be.")
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def act(self, form: Any) -> str:
        campaign = filing.open_campaign(**form.cleaned_data, by=self.user, now=self.now)
        return _("The campaign “%(title)s” is open.") % {"title": campaign.title}


class RenameCampaign(StaffDeed):
    """Another title or hashtag."""

    above = (CAMPAIGNS,)
    header_icon = "folder-open-inverse"
    form_class = CampaignForm
    button = gettext_lazy("Save")

    @cached_property
    def campaign(self) -> Campaign:
        found: Campaign = self.find(Campaign.objects.select_related("organization"), pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.campaign.title

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.campaign.title, "hashtag": self.campaign.hashtag}

    def consequences(self) -> list[str]:
        return [_("Pages and letters stay filed under it. The title is for staff; readers do not see it.")]

    def act(self, form: Any) -> str:
        filing.rename_campaign(campaign=self.campaign, **form.cleaned_data, by=self.user, now=self.now)
        return _("The campaign is saved.")
