from __future__ import annotations

from django.conf import settings
from django.db import models

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField
from amparo.organizations.models import Organization, TenantQuerySet


class AuditEntry(models.Model):
    """Who did what to which record. Append-only: the database itself refuses updates and deletes.

    Holds identifiers and verbs, never personal values: the trail must be readable without being a second register.
    `actor_id` is kept as a number so that removing a user cannot rewrite the past.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    details = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()
    #: Of everything above, under a key that is not in the database: nobody without it can write an entry.
    mark = FingerprintField(null=True, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"
