from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet


class Notice(models.Model):
    """One mail to one person about what they did: confirm, sent, failed. At least once; never to two people.

    `kind` names who writes the text (`mailings.registry.notice_kinds`) and `subject_id` what it is about;
    the text itself is made when it leaves and is not kept.
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("a mail", "queued")
        SENDING = "sending", pgettext_lazy("a mail", "sending")
        SENT = "sent", pgettext_lazy("a mail", "sent")
        FAILED = "failed", pgettext_lazy("a mail", "failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    ordinal = models.PositiveIntegerField(default=0)
    recipient = SealedTextField(null=True)
    recipient_mark = FingerprintField(null=True, editable=False)
    language = models.CharField(max_length=10, default="en")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    urgency = models.PositiveSmallIntegerField(default=5)
    to_stranger = models.BooleanField(
        default=False, help_text="To an address that never confirmed: of these only so many leave in an hour."
    )
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    claimed_by = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "ordinal"], name="one_notice_per_kind_and_subject"
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="sent_notice_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["urgency", "next_attempt_at"], name="notices_due", condition=models.Q(state="queued")
            ),
            models.Index(
                fields=["recipient_mark"],
                name="notices_by_recipient",
                condition=models.Q(recipient_mark__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
