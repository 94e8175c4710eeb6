from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self


class ExportRequestQuerySet(TenantQuerySet["ExportRequest"]):
    def to_make(self, *, now: datetime) -> Self:
        """Those that nobody is making."""
        return self.filter(state=ExportRequest.State.QUEUED, due_at__lte=now)

    def to_remove(self, *, now: datetime) -> Self:
        """Those whose file has lain here long enough, or that nobody approved in that time."""
        return self.filter(
            state__in=[ExportRequest.State.READY, ExportRequest.State.WAITING], expires_at__lte=now
        )


class ExportRequest(models.Model):
    """A list of supporters that somebody asked for: what, why, who approved it, and where its file stands.

    The file lies sealed in `AMPARO_VAR/exports` until it expires. One row of it is invented, and its address is
    remembered here as a fingerprint: whoever finds that address elsewhere can ask whose export it came from.
    """

    class Form(models.TextChoices):
        CSV = "csv", _("CSV: for every program")
        XLSX = "xlsx", _("XLSX: for Excel and LibreOffice")

    class Reach(models.TextChoices):
        AGREED = "agreed", _("Only those who agreed to be written to, and can be")
        REACHABLE = "reachable", _("Everybody whose address is not suppressed")
        EVERYBODY = "everybody", _("Everybody, suppressed addresses as well")
        PARTNER = "partner", _("Only those who agreed to share with a named partner")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a second person")
        QUEUED = "queued", _("Waits to be made")
        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")

    #: A file is removed after a week, and a request that nobody answered is closed.
    KEPT_FOR = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(editable=False)
    reason = SealedTextField(max_plain_length=500)
    chosen = models.JSONField(
        default=dict,
        help_text="The filters, and a segment's question as it stood when the list was asked for.",
    )
    reach = models.CharField(max_length=9, choices=Reach.choices, default=Reach.AGREED)
    agreed_to = models.PositiveIntegerField(
        default=0, help_text="The bit of the purpose and channel that people have agreed to."
    )
    partner = models.CharField(max_length=200, blank=True)
    form = models.CharField(max_length=4, choices=Form.choices, default=Form.CSV)
    byte_order_mark = models.BooleanField(default=True)
    columns = models.JSONField(default=list)
    rows = models.PositiveIntegerField(help_text="How many people it held when it was asked for.")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_rows = models.PositiveIntegerField(null=True, help_text="The number that was approved.")
    due_at = models.DateTimeField(editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    written = models.PositiveIntegerField(default=0, help_text="How many people are in the file so far.")
    made_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(editable=False)
    downloads = models.PositiveSmallIntegerField(default=0)
    canary = FingerprintField(null=True, editable=False)

    objects = ExportRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | models.Q(asked_by__isnull=True)
                | ~models.Q(approved_by=models.F("asked_by")),
                name="nobody_approves_their_own_export",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True) ^ models.Q(approved_rows__isnull=False),
                name="an_approval_says_for_how_many",
            ),
            models.CheckConstraint(
                condition=models.Q(reach="partner") ^ models.Q(partner=""),
                name="an_export_for_a_partner_names_it",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="making") | models.Q(claimed_until__isnull=False),
                name="an_export_being_made_is_claimed",
            ),
            models.UniqueConstraint(fields=["organization", "canary"], name="a_canary_belongs_to_one_export"),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="exports_by_turn"),
            models.Index(fields=["organization", "-asked_at"], name="exports_newest"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"
