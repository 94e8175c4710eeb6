from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from amparo.actions import hours
from amparo.actions.models.campaign_demand import CampaignDemand
from amparo.actions.models.tally import Tally
from amparo.actions.page_form import ActionPageForm
from amparo.actions.words import Words, neutral
from amparo.content.brace_words import Told, tell
from amparo.content.cards import Card
from amparo.content.models import BasePage, Campaign
from amparo.organizations.models import Organization

#: Cards of other actions on a page that is over.
MOST_OTHERS = 4


class ActionPage(BasePage):
    """Concrete parent of every page that asks something of the reader: the case, the demands, the hour, the thanks.

    An action type is a subclass in one model file with one template. The page never holds personal data. What a type
    says in its own words goes through the hooks below; each has an answer that fits an action without letters.
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
    hearing = models.ForeignKey(
        "cases.Hearing",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_(
            "Bind the hour to a hearing of the case register. Its day is then public on this page, and when it is moved"
            " there, the deadline, the hard stop and the bundle move with it."
        ),
    )
    deadline_label = models.CharField(max_length=120, blank=True, help_text=_("Such as: the court sits."))
    hard_stop = models.DateTimeField(
        null=True, blank=True, help_text=_("No letter leaves after this moment, whatever is still waiting.")
    )
    bundle_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_(
            "When letters that would come too late are put into one bundle for the target. Left empty: three hours"
            " before the hard stop, or at 08:00 on its day when that is earlier."
        ),
    )
    bundle_way = models.CharField(
        max_length=8,
        choices=[("mail", _("We mail it to the office")), ("by_hand", _("We hand it over ourselves"))],
        default="mail",
        help_text=_("How the bundle reaches the target."),
    )
    goal = models.PositiveIntegerField(null=True, blank=True)
    thank_you = models.TextField(blank=True)
    share_text = models.CharField(max_length=280, blank=True)
    outcome = models.TextField(
        blank=True, help_text=_("What happened. Shown in place of the form once this action is over.")
    )
    sending_paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    followed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The hour of the hearing, as it was last taken over."
    )
    hour_zone = models.CharField(
        max_length=60, blank=True, editable=False, help_text="Of the hearing; empty: the organization's."
    )
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    content_panels = [
        FieldPanel("title"),
        FieldPanel("campaign"),
        FieldPanel("standfirst"),
        FieldPanel("portrait"),
        FieldPanel("body"),
        InlinePanel("demand_list", heading=_("Demands"), label=_("Demand")),
        MultiFieldPanel(
            [
                FieldPanel("hearing"),
                FieldPanel("deadline"),
                FieldPanel("deadline_label"),
                FieldPanel("hard_stop"),
                FieldPanel("bundle_at"),
                FieldPanel("bundle_way"),
            ],
            heading=_("The hour"),
        ),
        FieldPanel("goal"),
        MultiFieldPanel(
            [FieldPanel("thank_you"), FieldPanel("share_text"), FieldPanel("outcome")],
            heading=_("Afterwards"),
        ),
    ]
    is_creatable = False
    #: Shown once a deed is taken: look in your mailbox.
    taken_template: ClassVar[str] = "actions/taken.html"
    #: One deed among those that wait behind a link in a mail.
    waiting_template: ClassVar[str] = "actions/_waiting.html"
    #: How many did it, as a sentence beside the bar.
    tally_template: ClassVar[str] = "actions/_tally_words.html"
    #: Whether all that is asked for is leave to write: then an address nobody may write to gets no mail.
    only_asks_to_write: ClassVar[bool] = False
    base_form_class = ActionPageForm
    exclude_fields_in_copy = ["sending_paused_at", "closed_at", "outcome"]

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
        if self.hearing is not None and self.hearing.organization_id != self.organization_id:
            raise ValidationError({"hearing": _("This hearing belongs to another organization.")})
        hours.bind(self)
        if self.hard_stop and self.deadline and self.hard_stop > self.deadline:
            raise ValidationError({"hard_stop": _("Letters must stop before what they are about happens.")})
        if self.bundle_at and not (self.hard_stop and self.bundle_at < self.hard_stop):
            raise ValidationError({"bundle_at": _("The bundle must be made before the hard stop.")})
        if (
            self.organization_id
            and self.campaign_id
            and self.campaign.organization_id != self.organization_id
        ):
            raise ValidationError({"campaign": _("This campaign belongs to another organization.")})

    def with_content_json(self, content: Any) -> Any:
        """A draft is about words: publishing one neither ends nor brings back a pause, nor opens a page that is closed.

        Where the hearing moved since it was written, so did its hour.
        """
        page = super().with_content_json(content)
        page.sending_paused_at, page.closed_at = self.sending_paused_at, self.closed_at
        if self.closed_at:
            page.hard_stop = page.hard_stop or self.hard_stop
        if self.hearing_id and page.hearing_id == self.hearing_id:
            hours.move(page, to=self.deadline, zone=self.hour_zone)
        return page

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"hour": hours.hour_of(self, now=now), "is_open": self.takes_actions(now=now)}

    @property
    def demands(self) -> list[Demand]:
        return list(self.demand_list.select_related("campaign_demand"))

    @cached_property
    def told(self) -> Told:
        """The standfirst with its words in braces filled in, and the lines that say where those come from."""
        if "{" not in self.standfirst or self.organization_id is None:
            return Told(self.standfirst)
        return tell(self.standfirst, organization=self.organization)

    @cached_property
    def tally(self) -> Tally:
        """How many acted so far; counted in the background, never per request."""
        return Tally.objects.filter(page_id=self.pk).first() or Tally(page_id=self.pk)

    def takes_actions(self, *, now: datetime) -> bool:
        """Whether what is begun now is still in time: the page is open until its hard stop, or until its deadline."""
        over = any(moment is not None and moment <= now for moment in (self.hard_stop, self.deadline))
        return self.live and self.closed_at is None and not over

    def others(self) -> list[Card]:
        """What else this campaign asks for at the moment, for a page that is over."""
        now = timezone.now()
        pages = ActionPage.objects.live().filter(
            organization=self.organization, campaign=self.campaign, locale=self.locale, closed_at__isnull=True
        )
        found = pages.exclude(pk=self.pk).order_by(F("deadline").asc(nulls_last=True), "title").specific()
        return [page.card() for page in found if page.takes_actions(now=now)][:MOST_OTHERS]

    @property
    def done(self) -> int:
        """How many did what is asked, as a card says it."""
        return self.tally.confirmed

    @classmethod
    def words(cls, number: int = 1) -> Words:
        """What this kind says in the mails and on the pages that all kinds share, of so many deeds."""
        return neutral(number)

    def counted(self, number: int) -> str:
        """How many did it, as a card says it; nothing while nobody has."""
        if not number:
            return ""
        sentence = ngettext("%(number)s person has taken part", "%(number)s people have taken part", number)
        return sentence % {"number": intcomma(number)}

    def card(self) -> Card:
        return Card(
            title=self.title,
            text=self.told.text,
            url=self.url or "",
            asks=True,
            hour=hours.hour_of(self, now=timezone.now()),
            portrait=self.portrait,
            call=self.words().call if self.closed_at is None else gettext("What happened"),
            counted=self.counted(self.done),
        )


class Demand(Orderable):
    """What we want of the target, in order: in the page's own words, or a demand of its campaign."""

    page = ParentalKey(ActionPage, on_delete=models.CASCADE, related_name="demand_list")
    text = models.CharField(max_length=300, blank=True)
    campaign_demand = models.ForeignKey(
        CampaignDemand,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_(
            "A demand of the campaign. Whoever is known to support it is thanked and not pressed. Leave the text empty"
            " to use its words."
        ),
    )

    panels = [FieldPanel("campaign_demand"), FieldPanel("text")]

    def __str__(self) -> str:
        return self.text or (str(self.campaign_demand) if self.campaign_demand else "")

    def clean(self) -> None:
        super().clean()
        if not self.text and not self.campaign_demand_id:
            raise ValidationError({"text": _("Write the demand, or choose one of the campaign's.")})
