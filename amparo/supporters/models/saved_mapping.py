from __future__ import annotations

from django.db import models

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class SavedMapping(models.Model):
    """What the columns of one source's files are, as an organization said last time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    source = models.SlugField(max_length=40)
    columns = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "source"], name="one_mapping_per_source"),
        ]

    def __str__(self) -> str:
        return f"columns of {self.source}"
