from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.evidence import Source
from amparo.cases.models.record import Record
from amparo.kit.sealed_fields import SealedTextField


class SourceFile(Record):
    """The copy of a source that we keep, or a redacted copy of that. Its bytes lie sealed beside the database.

    What is known of how it came to us follows the Berkeley Protocol on Digital Open Source Investigations (2020): who
    captured it, when, where from and how; that it is unchanged is shown by its SHA-256.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="kept_files")
    name = SealedTextField(max_plain_length=200, help_text=_("What it is called when it is downloaded."))
    media_type = models.CharField(max_length=40, editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    pages = models.PositiveIntegerField(editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    captured_at = models.DateTimeField(null=True, blank=True)
    captured_by = SealedTextField(null=True, blank=True, max_plain_length=200)
    captured_from = SealedTextField(null=True, blank=True, max_plain_length=500)
    captured_how = SealedTextField(null=True, blank=True, max_plain_length=1000)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    redacted_from = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, editable=False, related_name="redacted_copies"
    )
    redaction: models.JSONField[Any, Any] = models.JSONField(
        default=dict, editable=False, help_text="Pages that are in it, and the boxes: numbers alone."
    )

    class Meta:
        ordering = ["entered_at", "id"]

    def __str__(self) -> str:
        return f"file {self.pk}"

    @property
    def is_redacted(self) -> bool:
        return self.redacted_from_id is not None
