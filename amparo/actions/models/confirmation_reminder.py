from __future__ import annotations

from django.db import models
from django.db.models import Q

from amparo.actions.models.action import Confirmation
from amparo.kit.ids import new_id


class ConfirmationReminder(models.Model):
    """That it was decided whether to remind of one link, for the first or the second time: never a third, nor again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    confirmation = models.ForeignKey(Confirmation, on_delete=models.CASCADE, related_name="reminders")
    number = models.PositiveSmallIntegerField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["confirmation", "number"], name="one_reminder_of_a_number"),
            models.CheckConstraint(condition=Q(number__in=[1, 2]), name="nobody_is_reminded_three_times"),
        ]

    def __str__(self) -> str:
        return f"reminder {self.number} of {self.confirmation_id}"
