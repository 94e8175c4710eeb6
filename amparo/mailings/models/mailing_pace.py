from __future__ import annotations

from django.db import models

from amparo.mailings.models.mailing import Mailing


class MailingPace(models.Model):
    """How much of a mailing's pace is used up: one row for all of it, one for each domain, one for each day.

    Shared by every process that sends: each takes its part by one conditional UPDATE.
    """

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="paces")
    scope = models.CharField(max_length=255)
    taken = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "scope"], name="one_pace_per_scope")]

    def __str__(self) -> str:
        return f"{self.scope}: {self.taken}"
