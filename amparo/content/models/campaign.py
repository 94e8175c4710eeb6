from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class Campaign(models.Model):
    """The heading under which cases, asks, mailings and news are filed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="campaigns")
    title = models.CharField(max_length=200)
    hashtag = models.CharField(max_length=80, blank=True)
    sending_paused_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("While set, no letter of this campaign leaves.")
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "title"], name="campaign_title_is_unique_in_organization"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_paused(self) -> bool:
        return self.sending_paused_at is not None
