from __future__ import annotations

from django.db import models

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models.supporter import Supporter


class Note(models.Model):
    """What staff wrote about a supporter. The supporter can read it: it is part of what they may ask for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    supporter = models.ForeignKey(Supporter, on_delete=models.CASCADE, related_name="notes")
    text = SealedTextField(max_plain_length=4000)
    written_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField(editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at"]

    def __str__(self) -> str:
        return f"note {self.pk}"
