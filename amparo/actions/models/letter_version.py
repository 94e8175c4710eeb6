from __future__ import annotations

from django.db import models

from amparo.actions.models.action_page import ActionPage
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class LetterVersion(models.Model):
    """An open letter as it stood from one day on: head, text, demands, closing and first signatories.

    Once somebody signed a version it changes no more, and the next change of the page makes another.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    page = models.ForeignKey(ActionPage, on_delete=models.CASCADE, related_name="letter_versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="What the letter says, by name of its parts.")
    sha256 = models.CharField(max_length=64, help_text="Of the content; another makes another version.")
    made_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="one_version_per_number_of_a_letter")
        ]

    def __str__(self) -> str:
        return f"version {self.number} of letter {self.page_id}"
