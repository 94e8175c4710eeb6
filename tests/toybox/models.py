"""Toys for the tests of sealed fields."""

from __future__ import annotations

from django.db import models

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField


class Postcard(models.Model):
    """A row with its own organization."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    sender = SealedTextField(max_plain_length=40)
    words = SealedTextField(max_plain_length=2000, null=True, blank=True)
    sender_mark = FingerprintField(null=True, unique=True)
    seen = models.BooleanField(default=False)

    class Meta:
        app_label = "toybox"

    def __str__(self) -> str:
        return f"postcard {self.pk}"


class Stamp(models.Model):
    """A row whose organization is that of another row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    postcard = models.ForeignKey(Postcard, on_delete=models.CASCADE)
    motif = SealedTextField(max_plain_length=40, organization_attr="postcard.organization_id")

    class Meta:
        app_label = "toybox"

    def __str__(self) -> str:
        return f"stamp {self.pk}"
