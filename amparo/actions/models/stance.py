from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.actions.models.campaign_demand import CampaignDemand
from amparo.content.models import Campaign
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class Stance(models.Model):
    """Where somebody in office stands on one demand, since when, and how we know. Append-only; the latest counts.

    It belongs to the person in the post on that day, not to the post: whoever follows them has said nothing yet. The
    person is known by the source's code for them, and by name where the source has none.
    """

    class Side(models.TextChoices):
        UNKNOWN = "unknown", pgettext_lazy("a stance", "unknown")
        SUPPORTS = "supports", pgettext_lazy("a stance", "supports it")
        OPPOSES = "opposes", pgettext_lazy("a stance", "opposes it")
        UNDECIDED = "undecided", pgettext_lazy("a stance", "undecided")

    class Known(models.TextChoices):
        ANSWER = "answer", _("an answer to a letter")
        VOTE = "vote", _("a vote")
        STATEMENT = "statement", _("a public statement")
        STAFF = "staff", _("a conversation with our staff")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    demand = models.ForeignKey(CampaignDemand, on_delete=models.PROTECT, related_name="stances")
    target_key = models.CharField(max_length=140)
    person_code = models.CharField(max_length=140, blank=True)
    name = models.CharField(max_length=200)
    office = models.CharField(max_length=300, blank=True)
    side = models.CharField(max_length=9, choices=Side.choices)
    known_by = models.CharField(max_length=9, choices=Known.choices)
    dated = models.DateField()
    source_url = models.URLField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-dated", "-recorded_at", "-id"]
        indexes = [
            models.Index(fields=["organization", "target_key", "demand"], name="stances_of_target"),
            models.Index(fields=["demand", "side"], name="stances_of_demand"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.side}"


class VoiceQuerySet(TenantQuerySet["Voice"]):
    def raised(self) -> Self:
        """Those that were not taken back as a mistake."""
        return self.filter(withdrawn_at__isnull=True)


class Voice(models.Model):
    """Somebody in office who spoke up for those a campaign is about: wrote, signed, asked; when, and the source."""

    class Kind(models.TextChoices):
        WROTE = "wrote", pgettext_lazy("a legislator", "wrote a letter")
        SIGNED = "signed", pgettext_lazy("a legislator", "signed")
        ASKED = "asked", pgettext_lazy("a legislator", "asked in parliament")
        SPOKE = "spoke", pgettext_lazy("a legislator", "spoke about it in public")
        VISITED = "visited", pgettext_lazy("a legislator", "visited")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="voices")
    target_key = models.CharField(max_length=140, blank=True)
    person_code = models.CharField(max_length=140, blank=True)
    name = models.CharField(max_length=200)
    office = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    dated = models.DateField()
    source_url = models.URLField(max_length=500)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = VoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-dated", "name"]
        indexes = [models.Index(fields=["campaign", "-dated"], name="voices_of_campaign")]

    def __str__(self) -> str:
        return self.name
