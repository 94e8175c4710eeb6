from __future__ import annotations

from django.db import models

from amparo.mailings.models.audience_chunk import AudienceChunk
from amparo.mailings.models.mailing import Mailing


class DeliveryFailure(models.Model):
    """Why one recipient of a mailing did not get it, or may have got it twice; in the server's words without addresses.

    Who it was stands in the chunk, at `position`.
    """

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="failures")
    chunk = models.ForeignKey(AudienceChunk, on_delete=models.CASCADE, related_name="failures")
    position = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=1)
    code = models.PositiveSmallIntegerField(null=True)
    enhanced_code = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    is_permanent = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["mailing", "enhanced_code"], name="failures_by_code")]

    def __str__(self) -> str:
        return f"{self.code or ''} {self.enhanced_code} {self.reason}".strip()
