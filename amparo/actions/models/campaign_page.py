from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from amparo.actions.page_form import CampaignPageForm
from amparo.content.cards import Card
from amparo.content.models import BasePage, Campaign
from amparo.kit.ids import new_id

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase


class CampaignPage(BasePage):
    """Where readers find a campaign: who it is about, what it asks and what came of it, what to do now, and the news.

    The page is thin. Demands, who spoke up and what offices answered are records of the campaign; cases, asks and
    pages below it draw their own cards.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pages")
    portrait = models.ForeignKey(
        "content.CreditedImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    hashtags = models.CharField(
        max_length=200,
        blank=True,
        help_text=_("More hashtags than the campaign's own, with spaces between them."),
    )
    shows_answers = models.BooleanField(
        default=True, help_text=_("Show what offices answered, as far as staff summed it up for readers.")
    )

    template = "actions/campaign_page.html"
    parent_page_types: ClassVar[list[str]] = ["content.HomePage"]
    subpage_types: ClassVar[list[str]] = ["content.StandardPage"]
    base_form_class = CampaignPageForm
    content_panels = [
        FieldPanel("title"),
        FieldPanel("campaign"),
        FieldPanel("introduction"),
        FieldPanel("portrait"),
        FieldPanel("body"),
        InlinePanel("updates", heading=_("Updates"), label=_("Update")),
        MultiFieldPanel(
            [
                InlinePanel(
                    "partner_links",
                    label=_("Link"),
                    help_text=_(
                        "Also take action with …: a link that stops answering is not shown any more."
                    ),
                ),
            ],
            heading=_("Partners"),
        ),
        MultiFieldPanel(
            [FieldPanel("hashtags"), FieldPanel("shows_answers")], heading=_("What else it shows")
        ),
    ]

    def clean(self) -> None:
        super().clean()
        if self.campaign_id and self.path and self.campaign.organization_id != self.owning_organization.pk:
            raise ValidationError({"campaign": _("This campaign belongs to another organization.")})

    @property
    def all_hashtags(self) -> list[str]:
        """The campaign's own first, each with its #, none twice."""
        written = [self.campaign.hashtag, *self.hashtags.split()]
        return list(dict.fromkeys(f"#{tag.lstrip('#')}" for tag in written if tag.lstrip("#")))

    def card(self) -> Card:
        return Card(title=self.title, text=self.introduction, url=self.url or "", portrait=self.portrait)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.campaigns.campaign_page_views import serve_campaign_page

        return serve_campaign_page(request, self)


class CampaignUpdate(models.Model):
    """News of a campaign in a few sentences, with its day."""

    page = ParentalKey(CampaignPage, on_delete=models.CASCADE, related_name="updates")
    key = models.UUIDField(default=new_id, editable=False, help_text="Names it in the feed.")
    dated = models.DateField()
    title = models.CharField(max_length=200)
    text = RichTextField(features=["bold", "italic", "link", "ol", "ul"])
    image = models.ForeignKey(
        "content.CreditedImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    panels = [FieldPanel("dated"), FieldPanel("title"), FieldPanel("text"), FieldPanel("image")]

    class Meta:
        ordering = ["-dated", "-pk"]

    def __str__(self) -> str:
        return self.title


class PartnerLink(Orderable):
    """Also take action with somebody else: who they are, what it is, and where."""

    page = ParentalKey(CampaignPage, on_delete=models.CASCADE, related_name="partner_links")
    organization_name = models.CharField(max_length=160, verbose_name=_("organisation"))
    title = models.CharField(max_length=200, help_text=_("What readers can do there."))
    url = models.URLField(
        max_length=500,
        blank=True,
        help_text=_("Left empty while nobody knows it: until then readers do not see the link."),
    )
    hashtag = models.CharField(max_length=80, blank=True)

    panels = [
        FieldPanel("organization_name"),
        FieldPanel("title"),
        FieldPanel("url"),
        FieldPanel("hashtag"),
    ]

    def __str__(self) -> str:
        return f"{self.organization_name}: {self.title}"
