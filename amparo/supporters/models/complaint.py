from __future__ import annotations

from typing import Self

from django.db import models

from amparo.accounts.models import User
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models.supporter import Supporter


class ComplaintQuerySet(TenantQuerySet["Complaint"]):
    def unanswered(self) -> Self:
        return self.filter(answered_at__isnull=True)


class Complaint(models.Model):
    """A supporter complains about how their data are handled; who answers it, and when.

    `key` is the form's own, so that a double click makes one complaint. The words are sealed and go when the person is
    erased; that there was a complaint, and how long it took, stays.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="complaints")
    supporter = models.ForeignKey(Supporter, on_delete=models.PROTECT, related_name="complaints")
    key = models.UUIDField(unique=True)
    text = SealedTextField(null=True, max_plain_length=5_000)
    answer = SealedTextField(null=True, max_plain_length=5_000)
    language = models.CharField(max_length=10)
    received_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        ordering = ["received_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer__isnull=True) | models.Q(answered_at__isnull=False),
                name="an_answer_to_a_complaint_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True) | models.Q(acknowledged_at__isnull=False),
                name="an_answered_complaint_was_acknowledged",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "answered_at", "received_at"], name="complaints_by_age")
        ]

    def __str__(self) -> str:
        return f"complaint {self.pk}"
