from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models.supporter import Supporter


class CustomField(models.Model):
    """A question an organization keeps answers to, with its type and how private the answer is."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        YES_NO = "yes-no", _("Yes or no")
        CHOICE = "choice", _("One of several")

    class Privacy(models.TextChoices):
        ORDINARY = "ordinary", _("Ordinary: says nothing about a person's beliefs or life")
        PERSONAL = "personal", _("Personal: kept sealed, found only by the exact answer")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="custom_fields")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TEXT)
    privacy = models.CharField(max_length=8, choices=Privacy.choices, default=Privacy.PERSONAL)
    choices = models.JSONField(default=list, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="one_custom_field_of_a_key"),
        ]

    def __str__(self) -> str:
        return self.label


class CustomValue(models.Model):
    """A supporter's answer: sealed where the field is personal, in the clear where it is ordinary.

    `plain` sorts as its kind does: numbers are padded, dates are ISO 8601, yes and no are `yes` and `no`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    supporter = models.ForeignKey(Supporter, on_delete=models.CASCADE, related_name="custom_values")
    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="values")
    plain = models.CharField(max_length=200, null=True)  # noqa: DJ001 - none says that it is sealed
    sealed = SealedTextField(null=True)
    mark = FingerprintField(null=True, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supporter", "field"], name="one_answer_per_custom_field"),
            models.CheckConstraint(
                condition=models.Q(plain__isnull=True) ^ models.Q(sealed__isnull=True),
                name="an_answer_is_plain_or_sealed",
            ),
        ]
        indexes = [
            models.Index(fields=["field", "plain"], name="answers_by_text"),
            models.Index(fields=["field", "mark"], name="answers_by_mark"),
        ]

    def __str__(self) -> str:
        return f"custom value {self.pk}"
