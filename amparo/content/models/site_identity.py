from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from amparo.content.contrast import contrast, readable_ink
from amparo.organizations.models import Organization

#: WCAG 2.2, success criterion 1.4.3: normal text against its background.
LEAST_CONTRAST = 4.5
WHITE = "#ffffff"


@register_setting(icon="home")
class SiteIdentity(BaseSiteSetting):
    """Whose site this is, and the colour it wears; one per Wagtail site."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="site_identities")
    accent = models.CharField(
        max_length=7,
        default="#9a3412",
        validators=[
            RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six hexadecimal digits."))
        ],
        help_text=_("Buttons and links. It must be readable on white."),
    )
    logo = models.ForeignKey(
        "content.CreditedImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    privacy_page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    imprint = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    panels = [
        MultiFieldPanel([FieldPanel("accent"), FieldPanel("logo")], heading=_("Appearance")),
        MultiFieldPanel([FieldPanel("privacy_page"), FieldPanel("imprint")], heading=_("Standing pages")),
    ]

    class Meta:
        verbose_name = _("site identity")

    def __str__(self) -> str:
        return self.organization.name

    def clean(self) -> None:
        super().clean()
        if contrast(self.accent, WHITE) < LEAST_CONTRAST:
            raise ValidationError(
                {
                    "accent": _(
                        "This colour is too pale to read on white; choose a darker one (contrast of at least 4.5 to 1)."
                    )
                }
            )

    @property
    def name(self) -> str:
        return self.organization.name

    @property
    def boilerplate(self) -> str:
        return self.organization.boilerplate

    @property
    def contact_email(self) -> str:
        return self.organization.contact_email

    @property
    def postal_address(self) -> str:
        return self.organization.postal_address

    @property
    def accent_ink(self) -> str:
        """Black or white, whichever reads better on the accent colour."""
        return readable_ink(self.accent)
