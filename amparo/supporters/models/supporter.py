from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet


class SupporterQuerySet(TenantQuerySet["Supporter"]):
    def with_fingerprint(self, fingerprint: bytes) -> Self:
        return self.filter(email_fingerprint=fingerprint)


class Supporter(models.Model):
    """A member of the public who did or asked something of one organization.

    Names and addresses are sealed with the organization's key; equality goes through `email_fingerprint`. A person
    who acts with two organizations is two supporters, and neither organization can tell.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="supporters")
    given_name = SealedTextField(null=True, blank=True)
    family_name = SealedTextField(null=True, blank=True)
    email = SealedTextField(null=True, blank=True)
    email_fingerprint = FingerprintField(null=True, editable=False)
    postal_code = SealedTextField(null=True, blank=True)
    postal_address = SealedTextField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=10, default="en")
    area = models.CharField(
        max_length=80, blank=True, help_text=_("The area they live in, such as uk/E14001063.")
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    anonymized_at = models.DateTimeField(null=True, editable=False)

    objects = SupporterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email_fingerprint"],
                name="one_supporter_per_address_and_organization",
            ),
            models.CheckConstraint(
                condition=models.Q(anonymized_at__isnull=True)
                | models.Q(email__isnull=True, email_fingerprint__isnull=True, given_name__isnull=True),
                name="anonymized_supporter_has_no_name_or_address",
            ),
        ]

    def __str__(self) -> str:
        return f"supporter {self.pk}"

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.given_name, self.family_name) if part)
