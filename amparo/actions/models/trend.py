from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet


class TakenCount(models.Model):
    """How many actions came from one network, or from addresses of one domain, in one hour.

    Only counts under keyed marks. A network's mark changes daily; a domain's is the organization's own, so that one day
    can be held against another. Neither can be read back, and both are removed after eight days.
    """

    class Kind(models.TextChoices):
        NETWORK = "network", _("network")
        DOMAIN = "domain", _("domain of addresses")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    mark = FingerprintField()
    hour = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "mark", "hour"], name="one_count_per_kind_mark_and_hour"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.count}"


class Trend(models.Model):
    """Far more than usual of something within an hour: found once a day for each thing, and told to staff once."""

    class Kind(models.TextChoices):
        NETWORK = "network", _("one network")
        DOMAIN = "domain", _("one domain of addresses")
        COUNTRY = "country", _("one country")
        PAGE = "page", _("one page")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="trends")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    mark = FingerprintField()
    day = models.DateField()
    label = SealedTextField(help_text="The domain, the country or the page; nothing for a network.")
    count = models.PositiveIntegerField()
    usual = models.FloatField(help_text="How many an hour there were on the days before.")
    found_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "mark", "day"], name="one_trend_per_thing_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.count}"


class TrendLook(models.Model):
    """When trends were last looked for, so that several workers look once; and how far actions were counted."""

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.looked_at)
