from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class CreditedImage(AbstractImage):
    """A picture with who made it, under which licence, and what it shows for those who cannot see it."""

    credit = models.CharField(max_length=200, help_text=_("Who made it, as it should be printed."))
    licence = models.CharField(
        max_length=120, help_text=_("Such as CC BY 4.0, or: by permission of the family.")
    )
    alt_text = models.CharField(
        max_length=300,
        help_text=_("What the picture shows, for readers who cannot see it. One plain sentence."),
    )

    admin_form_fields = (*Image.admin_form_fields, "credit", "licence", "alt_text")

    class Meta(AbstractImage.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(alt_text="") & ~models.Q(credit="") & ~models.Q(licence=""),
                name="image_has_credit_licence_and_alt_text",
            )
        ]

    @property
    def default_alt_text(self) -> str:
        return self.alt_text

    def generate_rendition_file(self, filter: Any, *, source: Any = None) -> ContentFile[bytes]:
        """One size, in memory: Wagtail's own lies in a temporary file that it never closes."""
        with super().generate_rendition_file(filter, source=source) as drawn:
            drawn.seek(0)
            return ContentFile(drawn.read(), name=drawn.name)


class CreditedRendition(AbstractRendition):
    """One size of a picture, as the site shows it."""

    image = models.ForeignKey(CreditedImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="one_rendition_per_filter"
            )
        ]
