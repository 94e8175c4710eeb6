from __future__ import annotations

from django.db import models

from amparo.supporters.models import Supporter


class SoftBounces(models.Model):
    """On how many days mail to somebody was refused for the time being: after some of them the address counts as dead.

    One a day at most, and none of it counts any more when nothing came back for a while (`mailings.receipts`).
    """

    supporter = models.OneToOneField(Supporter, on_delete=models.CASCADE, primary_key=True, related_name="+")
    days = models.PositiveSmallIntegerField(default=1)
    last = models.DateField()

    def __str__(self) -> str:
        return f"{self.days} until {self.last}"
