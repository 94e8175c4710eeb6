from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class BulkChange(models.Model):
    """One tag given to many supporters at once. Each tagging that was new names its change, so undoing is exact."""

    #: How long a change can be taken back; later ones have been built upon.
    UNDONE_WITHIN = timedelta(days=30)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    tag = models.ForeignKey("supporters.Tag", on_delete=models.CASCADE, related_name="+")
    chosen = models.JSONField(
        default=dict, help_text="The filters by which supporters were chosen, as codes and numbers."
    )
    matched = models.PositiveIntegerField(default=0)
    tagged = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tagged__lte=models.F("matched")),
                name="nobody_is_tagged_who_was_not_chosen",
            ),
        ]

    def __str__(self) -> str:
        return f"bulk change {self.pk}"
