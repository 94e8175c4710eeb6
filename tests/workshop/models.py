"""Chores, which workers claim and do."""

from __future__ import annotations

from django.db import models


class Bench(models.Model):
    """Where chores are done; a closed bench holds its chores back."""

    open = models.BooleanField(default=True)

    class Meta:
        app_label = "workshop"

    def __str__(self) -> str:
        return f"bench {self.pk}"


class Chore(models.Model):
    """Something to be done once."""

    bench = models.ForeignKey(Bench, null=True, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, default="waiting")
    urgency = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_by = models.UUIDField(null=True, db_index=True)
    mark = models.IntegerField(unique=True, null=True)

    class Meta:
        app_label = "workshop"

    def __str__(self) -> str:
        return f"chore {self.pk}"
