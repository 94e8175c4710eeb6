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


class StrangerAllowance(models.Model):
    """When an address that never confirmed was sent its last three confirmation mails, over all organizations.

    One row an address, changed by one conditional UPDATE: the mail leaves only if that changed the row, or if the row
    could be inserted. Goes a month after the last mail.
    """

    address_mark = FingerprintField(unique=True)
    last = models.DateTimeField(db_index=True)
    second_last = models.DateTimeField(null=True)
    third_last = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.last)
