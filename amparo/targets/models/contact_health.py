from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet


class ContactFailure(models.Model):
    """One letter that an office's address refused for good. Two different letters flag the address.

    Keyed by the address itself, so that it outlives the versions of the data; an address that its source verified on a
    later day starts afresh.
    """

    address = models.CharField(max_length=254)
    letter_id = models.UUIDField()
    reason = models.CharField(max_length=300)
    failed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address", "letter_id"], name="one_failure_per_address_and_letter"
            )
        ]

    def __str__(self) -> str:
        return self.reason


class ContactOverride(models.Model):
    """Staff know better than the source how to reach this target: another address, or none at all."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="contact_overrides")
    target_key = models.CharField(max_length=140)
    type = models.CharField(
        max_length=8, choices=[("email", _("e-mail")), ("form", _("form")), ("none", _("do not write"))]
    )
    value = models.TextField(blank=True)
    reason = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    recorded_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "target_key"], name="one_contact_override_per_target"
            )
        ]

    def __str__(self) -> str:
        return self.target_key


class MistakeReport(models.Model):
    """Somebody told us that a target is wrong: by far the most useful mail WriteToThem receives (issue 369 there)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="mistake_reports")
    target_key = models.CharField(max_length=140, blank=True)
    dataset_label = models.CharField(max_length=60, blank=True)
    what = SealedTextField(max_plain_length=3_000, help_text=_("What is wrong, in the reader's words."))
    email = SealedTextField(null=True, blank=True)
    reported_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at"]

    def __str__(self) -> str:
        return f"report on {self.target_key or 'a target'}"
