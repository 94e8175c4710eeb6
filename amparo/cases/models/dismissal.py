from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.case import Case
from amparo.cases.models.record import Record


class Dismissal(Record):
    """A caution that somebody looked at and set aside, and why. It comes back when what it is about changes."""

    caution = models.CharField(
        max_length=64, help_text="Fingerprint of what is wrong, with its present state."
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="dismissals")
    reason = models.CharField(max_length=300, help_text=_("Why it can stay as it is. Name nobody here."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "caution"], name="a_caution_is_dismissed_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_dismissal_has_its_reason"),
        ]

    def __str__(self) -> str:
        return f"dismissal {self.pk}"
