from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PartnerLinkState(models.Model):
    """Whether what partners link to still answers; one row an address, over all pages that show it.

    It is kept beside the pages because publishing a draft must not bring an old state back.
    """

    class State(models.TextChoices):
        NOT_LOOKED = "", _("not looked at yet")
        LIVE = "live", _("answers")
        DEAD = "dead", _("does not answer")

    url = models.URLField(max_length=500, primary_key=True)
    state = models.CharField(max_length=4, choices=State.choices, default=State.NOT_LOOKED, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    failing_since = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["next_look_at"], name="partner_links_to_look_at")]

    def __str__(self) -> str:
        return self.url
