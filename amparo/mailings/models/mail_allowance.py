from __future__ import annotations

from django.db import models

from amparo.kit.sealed_fields import FingerprintField


class MailAllowance(models.Model):
    """One confirmation mail that one address was sent on one day, over all organizations of the installation.

    The unique row is the cap: the mail leaves only if its row could be inserted. The mark is keyed; no address is here.
    """

    address_mark = FingerprintField()
    day = models.DateField(db_index=True)
    ordinal = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address_mark", "day", "ordinal"], name="one_mail_per_address_day_and_ordinal"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.ordinal}"
