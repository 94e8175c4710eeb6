from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from amparo.mailings.models.mailing_text import MailingText
from amparo.organizations.models import Organization, TenantQuerySet

if TYPE_CHECKING:
    from datetime import datetime


class MailingBody(models.Model):
    """What a text of a mailing is made of: the composer's blocks, from which its HTML and its plain words are drawn.

    The blocks are kept as the composer writes them (`mailings.block_kinds`), and no migration knows their kinds: any
    package may add one. A variant without blocks of its own has those of variant a in its language.
    """

    text = models.OneToOneField(MailingText, on_delete=models.CASCADE, primary_key=True, related_name="body")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    blocks: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True
    )
    drawn_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"blocks of {self.text_id}"
