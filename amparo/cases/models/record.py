from __future__ import annotations

from django.db import models

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class Record(models.Model):
    """Abstract parent of everything in the register.

    Free text is sealed; dates, codes and counts are plain. Nothing in it is public by itself: what readers see is
    cleared column by column (`Clearance`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+", editable=False)
    entered_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
