from __future__ import annotations

from django.db import models

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class Segment(models.Model):
    """A saved question about supporters: filters joined by and, or and not (`supporters/segmentation/segments.py`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="segments")
    name = models.CharField(max_length=120)
    question = models.JSONField(default=dict)
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_segment_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
