from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet

#: Where people unsubscribe from everything with their own hands: their own page, and the link in a mail.
OWN_PAGE, OWN_LINK = "/me/", "/unsubscribe/"


class SuppressionQuerySet(TenantQuerySet["Suppression"]):
    def in_force(self) -> Self:
        return self.filter(lifted_at__isnull=True)


class Suppression(models.Model):
    """An address never to be written to by one organization, and why.

    It outlives the supporter. The address itself is not kept: `mark` is the keyed hash of its SHA-256, so that lists
    exchanged as hashes match too, and `digest` is that SHA-256, sealed, so that the list can be handed on as hashes.
    What holds for the whole installation is an `InstallationSuppression` beside it.
    """

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed from everything")
        BOUNCED = "bounced", _("The address does not work")
        COMPLAINED = "complained", _("Marked a mail as junk")
        ERASED = "erased", _("Asked to be erased")
        LAW = "law", _("By law, or by order")
        IMPORTED = "imported", _("On a suppression list that was brought in")
        STAFF = "staff", _("By staff")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="suppressions")
    mark = FingerprintField(editable=False)
    digest = SealedTextField(null=True, editable=False)
    phone_fingerprint = FingerprintField(
        null=True,
        editable=False,
        help_text=_(
            "Of a telephone number: as its owner has it, so that audiences are counted without them."
        ),
    )
    reason = models.CharField(max_length=14, choices=Reason.choices)
    source = models.CharField(
        max_length=200, blank=True, help_text=_("Where it came from, without a person.")
    )
    suppressed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=200, blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "mark"],
                condition=models.Q(lifted_at__isnull=True),
                name="an_address_is_suppressed_once",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True) | ~models.Q(lifted_because=""),
                name="a_suppression_is_lifted_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-suppressed_at"], name="suppressions_newest"),
            models.Index(
                fields=["phone_fingerprint"],
                name="suppressed_numbers",
                condition=models.Q(lifted_at__isnull=True, phone_fingerprint__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk}"

    @property
    def is_own(self) -> bool:
        """Whether the person themselves asked for it, so that nobody but they can take it back."""
        by_hand = self.reason == self.Reason.UNSUBSCRIBED and self.source in {OWN_PAGE, OWN_LINK}
        return by_hand or self.reason == self.Reason.ERASED


class InstallationSuppression(models.Model):
    """An address that nobody on this server writes to, whichever organization it is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mark = FingerprintField(editable=False)
    reason = models.CharField(max_length=14, choices=Suppression.Reason.choices)
    source = models.CharField(max_length=200, blank=True)
    suppressed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mark"],
                condition=models.Q(lifted_at__isnull=True),
                name="an_address_is_suppressed_once_for_all",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True) | ~models.Q(lifted_because=""),
                name="a_suppression_for_all_is_lifted_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"installation suppression {self.pk}"
