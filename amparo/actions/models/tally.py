from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """The counter of one page, brought up to date in batches so that no row is hot (alphagov/e-petitions 691)."""

    page = models.OneToOneField(
        "actions.ActionPage", on_delete=models.CASCADE, primary_key=True, related_name="stored_tally"
    )
    confirmed = models.PositiveIntegerField(default=0)
    awaiting = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.confirmed)

    @property
    def goal(self) -> int | None:
        goal: int | None = self.page.goal
        return goal
