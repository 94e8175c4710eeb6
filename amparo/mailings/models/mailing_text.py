from __future__ import annotations

from django.db import models
from django.db.models import Q

from amparo.kit.ids import new_id
from amparo.mailings.models.mailing import Mailing
from amparo.organizations.models import Organization, TenantQuerySet


class MailingText(models.Model):
    """The words of a mailing in one language and variant, as the composer made them, merge fields in braces.

    `html` is a whole document whose styles stand in its elements; `text` is the same in plain words. Nobody needs to
    be able to read HTML: without `html` the mail has one part.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    variant = models.CharField(max_length=1, default="a")
    subject = models.CharField(max_length=200)
    preview = models.CharField(max_length=200, blank=True)
    html = models.TextField(blank=True)
    text = models.TextField()
    changed_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["language", "variant"]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "language", "variant"], name="one_text_per_language_and_variant"
            ),
            models.CheckConstraint(
                condition=Q(variant__in=list("abcdefgh")), name="a_variant_is_a_letter_from_a_to_h"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.variant}"
