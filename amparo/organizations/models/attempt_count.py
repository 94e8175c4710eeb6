from __future__ import annotations

from django.db import models

from amparo.kit.sealed_fields import FingerprintField


class AttemptCount(models.Model):
    """How often something was tried in one window of time, under a keyed mark that changes daily.

    Neither an address nor a network can be read back from the mark; yesterday's rows are removed.
    """

    limit = models.CharField(max_length=40)
    mark = FingerprintField()
    window_start = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["limit", "mark", "window_start"], name="one_count_per_mark_and_window"
            )
        ]

    def __str__(self) -> str:
        return f"{self.limit}: {self.count}"


class SpentProof(models.Model):
    """A solved proof of work that was used; the unique insert is what makes it single-use."""

    challenge = models.CharField(max_length=200, primary_key=True)
    spent_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.challenge
