from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from amparo.actions.models.tally import Tally
from amparo.actions.page_form import ActionPageForm
from amparo.content.cards import Card
from amparo.content.models import BasePage, Campaign
from amparo.organizations.models import Organization


class ActionPage(BasePage):
    """Concrete parent of every page that asks something of the reader: the case, the demands, the hour, the thanks.

    An action type is a subclass in one model file with one template. The page never holds personal data.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="action_pages", editable=False
    )
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="action_pages")
    standfirst = models.TextField(help_text=_("Who, what happened, what is asked: the case in a minute."))
    portrait = models.ForeignKey(
        "content.CreditedImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deadline = models.DateTimeField(
        null=True, blank=True, help_text=_("The hearing, or whatever happens next.")
    )
    deadline_label = models.CharField(max_length=120, blank=True, help_text=_("Such as: the court sits."))
    hard_stop = models.DateTimeField(
        null=True, blank=True, help_text=_("No letter leaves after this moment, whatever is still waiting.")
    )
    goal = models.PositiveIntegerField(null=True, blank=True)
    thank_you = models.TextField(blank=True)
    share_text = models.CharField(max_length=280, blank=True)
    sending_paused_at = models.DateTimeField(null=True, blank=True, editable=False)

    content_panels = [
        FieldPanel("title"),
        FieldPanel("campaign"),
        FieldPanel("standfirst"),
        FieldPanel("portrait"),
        FieldPanel("body"),
        InlinePanel("demand_list", heading=_("Demands"), label=_("Demand")),
        MultiFieldPanel(
            [FieldPanel("deadline"), FieldPanel("deadline_label"), FieldPanel("hard_stop")],
            heading=_("The hour"),
        ),
        FieldPanel("goal"),
        MultiFieldPanel([FieldPanel("thank_you"), FieldPanel("share_text")], heading=_("Afterwards")),
    ]
    is_creatable = False
    base_form_class = ActionPageForm
    exclude_fields_in_copy = ["sending_paused_at"]

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self._take_organization()
        super().full_clean(*args, **kwargs)

    def minimal_clean(self) -> None:
        """All that Wagtail checks of a draft."""
        self._take_organization()
        super().minimal_clean()

    def _take_organization(self) -> None:
        """A page belongs to whoever owns the site that it is put into."""
        if self.organization_id is None and self.path:
            self.organization = self.owning_organization

    def clean(self) -> None:
        super().clean()
        if self.hard_stop and self.deadline and self.hard_stop > self.deadline:
            raise ValidationError({"hard_stop": _("Letters must stop before what they are about happens.")})
        if (
            self.organization_id
            and self.campaign_id
            and self.campaign.organization_id != self.organization_id
        ):
            raise ValidationError({"campaign": _("This campaign belongs to another organization.")})

    def with_content_json(self, content: Any) -> Any:
        """A draft is about the page's words: publishing one neither ends nor brings back a pause."""
        page = super().with_content_json(content)
        page.sending_paused_at = self.sending_paused_at
        return page

    @property
    def demands(self) -> list[Demand]:
        return list(self.demand_list.all())

    @cached_property
    def tally(self) -> Tally:
        """How many acted so far; counted in the background, never per request."""
        return Tally.objects.filter(page_id=self.pk).first() or Tally(page_id=self.pk)

    def takes_actions(self, *, now: datetime) -> bool:
        """Whether a letter started now could still leave."""
        return self.live and not (self.hard_stop and self.hard_stop <= now)

    def card(self) -> Card:
        return Card(
            title=self.title,
            text=self.standfirst,
            url=self.url or "",
            asks=True,
            deadline=self.deadline,
            deadline_label=self.deadline_label,
            portrait=self.portrait,
            confirmed=self.tally.confirmed,
        )


class Demand(Orderable):
    """What we want of the target, in order."""

    page = ParentalKey(ActionPage, on_delete=models.CASCADE, related_name="demand_list")
    text = models.CharField(max_length=300)

    panels = [FieldPanel("text")]

    def __str__(self) -> str:
        return self.text
