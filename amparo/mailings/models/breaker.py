from __future__ import annotations

from typing import Self

from django.db import models

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization


class BreakerQuerySet(models.QuerySet["Breaker"]):
    def open(self) -> Self:
        """Those that hold mails back."""
        return self.filter(released_at__isnull=True)


class Breaker(models.Model):
    """Too many confirmation mails to strangers in an hour: the others wait until a person has looked.

    One open row holds back one organization's, or everybody's where it names none. A list of other people's addresses
    that is typed into our forms then costs each of them nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, related_name="breakers"
    )
    scope = models.CharField(max_length=36, help_text="The organization's id, or: everybody.")
    most = models.PositiveIntegerField(help_text="How many mails were allowed in that hour.")
    tripped_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    objects = BreakerQuerySet.as_manager()

    class Meta:
        ordering = ["-tripped_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"],
                condition=models.Q(released_at__isnull=True),
                name="one_open_breaker_per_scope",
            )
        ]

    def __str__(self) -> str:
        return f"breaker {self.pk}"
