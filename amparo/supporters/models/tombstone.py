from __future__ import annotations

from django.conf import settings
from django.db import models

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models.consent_record import Origin


class Tombstone(models.Model):
    """A person was erased: who by number, when, at whose wish, and which offices had received something of theirs.

    Nothing here is personal. `marks` are the keyed hashes under which their addresses are suppressed. The same line
    stands in a file outside the database (`supporters/rights/tombstones.py`), so that no backup can bring them back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="tombstones")
    supporter_id = models.UUIDField()
    marks = models.JSONField(default=list)
    origin = models.CharField(max_length=12, choices=Origin.choices)
    passed_on_to = models.JSONField(
        default=list, help_text="Offices that were sent something, by name and public address."
    )
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    erased_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-erased_at"]
        constraints = [
            models.UniqueConstraint(fields=["supporter_id"], name="nobody_is_erased_twice"),
        ]
        indexes = [models.Index(fields=["organization", "-erased_at"], name="tombstones_newest")]

    def __str__(self) -> str:
        return f"tombstone {self.pk}"
