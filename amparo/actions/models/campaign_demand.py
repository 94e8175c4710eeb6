from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.content.models import Campaign
from amparo.kit.ids import new_id
from amparo.kit.in_languages import in_language
from amparo.organizations.models import Organization, TenantQuerySet


class CampaignDemandQuerySet(TenantQuerySet["CampaignDemand"]):
    def standing(self) -> Self:
        """Those that were not withdrawn, in their order, with everything that came of them."""
        return self.filter(withdrawn_at__isnull=True).prefetch_related("outcomes")


class CampaignDemand(models.Model):
    """What a campaign wants, in order; what came of it is written beside it, never over it (`DemandOutcome`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="demands")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(max_length=300, help_text="In the organization's own language.")
    translations = models.JSONField(default=dict, blank=True, help_text="Language to text.")
    withdrawn_at = models.DateTimeField(null=True)

    objects = CampaignDemandQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["campaign", "position"], name="demands_of_campaign")]

    def __str__(self) -> str:
        """In the language of the moment."""
        return in_language(self.text, self.translations)

    @cached_property
    def history(self) -> list[DemandOutcome]:
        """What came of it, the latest first. Of two on one day the one that was written later counts."""
        return sorted(self.outcomes.all(), key=lambda one: (one.dated, one.recorded_at, one.pk), reverse=True)

    @property
    def latest(self) -> DemandOutcome | None:
        return self.history[0] if self.history else None

    @property
    def outcome(self) -> str:
        """Where it stands: open, until somebody wrote something else."""
        return self.latest.outcome if self.latest else DemandOutcome.Outcome.OPEN.value

    @property
    def outcome_name(self) -> str:
        return str(DemandOutcome.Outcome(self.outcome).label)


class DemandOutcome(models.Model):
    """One change in what became of a demand: the day, a sentence, and where it is known from. Append-only."""

    class Outcome(models.TextChoices):
        OPEN = "open", pgettext_lazy("a demand", "open")
        PARTLY = "partly", pgettext_lazy("a demand", "partly met")
        MET = "met", pgettext_lazy("a demand", "met")
        REFUSED = "refused", pgettext_lazy("a demand", "refused")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    demand = models.ForeignKey(CampaignDemand, on_delete=models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    dated = models.DateField()
    sentence = models.CharField(max_length=400, help_text=_("What happened, in a sentence."))
    translations = models.JSONField(default=dict, blank=True, help_text="Language to sentence.")
    source = models.CharField(max_length=200, help_text=_("Where it is known from, as readers see it."))
    source_url = models.URLField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-dated", "-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(sentence="") & ~models.Q(source=""),
                name="an_outcome_has_its_sentence_and_source",
            )
        ]

    def __str__(self) -> str:
        """What happened, in the language of the moment."""
        return in_language(self.sentence, self.translations)
