from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class Purpose(models.TextChoices):
    """What an organization may write for."""

    NEWS = "news", _("News and action alerts")
    FUNDRAISING = "fundraising", _("Fundraising")
    EVENTS = "events", _("Invitations to events")
    DISCLOSURE = "disclosure", _("Passing this letter, with name and address, to the one it is written to")


class Channel(models.TextChoices):
    """By which means."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    PHONE = "phone", _("Telephone")
    POST = "post", _("Post")


class LegalBasis(models.TextChoices):
    EXPLICIT_CONSENT = "explicit", _("Explicit consent")


class ConsentWording(models.Model):
    """The exact words of one consent question, in one language; a changed wording is a new version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="consent_wordings")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField(default=1)
    text = models.TextField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "purpose", "channel", "language", "version"],
                name="one_text_per_version_of_a_wording",
            )
        ]

    def __str__(self) -> str:
        return self.text


class ConsentRecord(models.Model):
    """One line of the ledger: yes or no, for one purpose on one channel, to exactly this wording.

    Append-only: the database refuses updates and deletes, and only `supporters.consent` writes here. The present answer
    is the last line. No network address is kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.DO_NOTHING, related_name="+")
    supporter = models.ForeignKey("supporters.Supporter", on_delete=models.DO_NOTHING, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    granted = models.BooleanField()
    wording = models.ForeignKey(ConsentWording, on_delete=models.DO_NOTHING, related_name="+")
    legal_basis = models.CharField(
        max_length=16, choices=LegalBasis.choices, default=LegalBasis.EXPLICIT_CONSENT
    )
    source = models.CharField(max_length=200, help_text=_("The page on which the question was answered."))
    recorded_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        indexes = [
            models.Index(
                fields=["supporter", "purpose", "channel", "-recorded_at"], name="ledger_by_supporter"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.channel}: {'yes' if self.granted else 'no'}"
